"""The revisions that have results: the branch's commits that changed dvc.lock, every experiment, and the workspace."""

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from credit.core.errors import InputError
from ops.history.lock import is_complete, md5_of, outputs, read_yaml
from ops.shared.git import git, lines, text_of

LOCK, PARAMS, STAGES = "dvc.lock", "params.yaml", "dvc.yaml"
RESULTS = ("metrics", "plots")
MAIN = ("refs/heads/main", "refs/heads/master", "refs/remotes/origin/main", "refs/remotes/origin/master")
AT_REST = 1.0  # seconds after which DVC, which writes dvc.lock piece by piece, has ended that
LONGEST_WAIT = 5  # times as long
EXPERIMENT = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/([^/]+)")
UNCOMMITTED = "not committed"


@dataclass(frozen=True)
class Revision:
    """A state of the repository with results.

    Attributes
    ----------
    commit : full name of its commit, None for what the workspace holds beyond the last commit.
    time : of the commit, seconds since 1970; of the workspace, when dvc.lock was written.
    experiments : names of the DVC experiments that are this state; `baseline` is the commit they started from.
    on_branch : whether the commit is one of a branch, which an experiment's own is not.
    digest : SHA-256 of dvc.lock and params.yaml, which identifies the state wherever it is committed.
    """

    repository: Path
    commit: str | None
    time: int
    author: str
    subject: str
    digest: str
    experiments: tuple[str, ...] = ()
    baseline: str | None = None
    on_branch: bool = False

    def read_files(self) -> dict[str, bytes]:
        """Path -> content of dvc.lock, params.yaml and the results that Git keeps."""
        if self.commit is None:
            return workspace_files(self.repository)
        listed = text_of(git(self.repository, "ls-tree", "-r", "-z", "--name-only", self.commit, *RESULTS))
        paths = [LOCK, PARAMS, *filter(None, listed.split("\0"))]
        blobs = read_blobs(self.repository, [f"{self.commit}:./{path}" for path in paths])
        return {path: blob for path, blob in zip(paths, blobs, strict=True) if blob is not None}

    @property
    def name(self) -> str:
        """What people call it: its experiment, else the short name of its commit."""
        return self.experiments[0] if self.experiments else self.commit[:7] if self.commit else "workspace"


def read_revisions(repository: Path) -> list[Revision]:
    """Find the revisions with results, each state once, the oldest first.

    Raises
    ------
    InputError
        `repository` is no Git repository with a commit.
    """
    states: dict[str, Revision] = {}
    for revision in [*on_branch(repository), *experiments(repository), *workspace(repository)]:
        first = states.setdefault(revision.digest, revision)
        names = tuple(sorted({*first.experiments, *revision.experiments}))
        baseline = first.baseline or revision.baseline
        states[revision.digest] = replace(first, experiments=names, baseline=baseline)
    return sorted(states.values(), key=lambda revision: (revision.time, revision.digest))


def on_branch(repository: Path) -> Iterator[Revision]:
    """List the commits of the main and of the current branch that changed dvc.lock."""
    branches = dict.fromkeys(("HEAD", main_branch(repository) or "HEAD"))
    asked = ("--no-show-signature", "--full-history", "--reverse", "--format=%H%x00%ct%x00%an%x00%s")
    commits = [line.split("\0", 3) for line in lines(git(repository, "log", *asked, *branches, "--", LOCK))]
    of_commits = digests(repository, [commit for commit, *_ in commits])
    for (commit, moment, author, subject), digest in zip(commits, of_commits, strict=True):
        if digest:
            yield Revision(repository, commit, int(moment), author, subject, digest, on_branch=True)


def main_branch(repository: Path) -> str | None:
    """Name the branch whose best model is the champion: main or master, also of a remote; else the current one.

    None in a clone that does not have its remote's main branch.
    """
    heads = lines(git(repository, "for-each-ref", "--format=%(refname)", *MAIN))
    if not heads and text_of(git(repository, "remote")).strip():
        return None
    return min(heads, key=MAIN.index, default="HEAD")


def main_state(repository: Path) -> tuple[str, int] | None:
    """Give the digest of the last state with results on the main branch, and when its last commit of any kind was made.

    A merge takes an older commit's results, and is itself the newer one. The time is in seconds since 1970.
    """
    branch = main_branch(repository)
    if branch is None:
        return None
    newest = text_of(git(repository, "log", "--no-show-signature", "-1", "--format=%ct", branch))
    last = lines(git(repository, "log", "--no-show-signature", "-1", "--format=%H", branch, "--", LOCK))
    digest = next(digests(repository, last), None)
    return (digest, int(newest)) if digest else None


def experiments(repository: Path) -> Iterator[Revision]:
    """List DVC's experiments."""
    form = "%(refname)%00%(objectname)%00%(committerdate:unix)%00%(authorname)%00%(contents:subject)"
    fields = [line.split("\0", 4) for line in lines(git(repository, "for-each-ref", f"--format={form}", "refs/exps"))]
    refs = [(match, *rest) for ref, *rest in fields if (match := EXPERIMENT.fullmatch(ref))]
    of_commits = digests(repository, [commit for _, commit, *_ in refs])
    for (ref, commit, moment, author, subject), digest in zip(refs, of_commits, strict=True):
        if digest:
            yield Revision(repository, commit, int(moment), author, subject, digest, (ref[3],), ref[1] + ref[2])


def workspace(repository: Path) -> Iterator[Revision]:
    """Give what `dvc repro` left in the workspace and nobody has committed yet, unless it is half done."""
    lock, params = repository / LOCK, repository / PARAMS
    (committed,) = read_blobs(repository, [f"HEAD:./{LOCK}"])
    if not (lock.is_file() and params.is_file()) or lock.read_bytes() == committed:
        return
    for _ in range(LONGEST_WAIT):
        if is_at_rest(lock):
            break
        time.sleep(AT_REST)
    moment, files = int(lock.stat().st_mtime), workspace_files(repository)
    if files[LOCK] == committed or not is_whole(repository, files):
        return
    author = text_of(git(repository, "config", "--default", "", "--get", "user.name")).strip()
    yield Revision(repository, None, moment, author, UNCOMMITTED, digest_of(files[LOCK], files[PARAMS]))


def is_at_rest(path: Path) -> bool:
    """Whether nobody seems to be writing a file."""
    return not 0 <= time.time() - path.stat().st_mtime < AT_REST


def workspace_files(repository: Path) -> dict[str, bytes]:
    """Path -> content of dvc.lock, params.yaml and the results in the workspace that Git keeps or would keep."""
    kept = text_of(git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *RESULTS))
    paths = [path for path in kept.split("\0") if path and (repository / path).is_file()]
    return {path: (repository / path).read_bytes() for path in (LOCK, PARAMS, *paths)}


def is_whole(repository: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the graph has run to its end, and the results are those that dvc.lock names."""
    try:
        lock, params = (read_yaml(files[name], name) for name in (LOCK, PARAMS))
        stages = read_yaml((repository / STAGES).read_bytes(), STAGES).get("stages", {})
    except (InputError, FileNotFoundError):
        return False  # somebody is editing them; a commit of such files is complained of
    made = outputs(lock)
    return is_complete(lock, params, stages) and all(
        made.get(path, md5_of(content)) == md5_of(content) for path, content in files.items()
    )


def digests(repository: Path, commits: Sequence[str]) -> Iterator[str | None]:
    """Give the digest of each commit's state; None where dvc.lock or params.yaml is not in it."""
    names = [f"{commit}:./{path}" for commit in commits for path in (LOCK, PARAMS)]
    blobs = list(read_blobs(repository, names))
    for lock, params in zip(blobs[::2], blobs[1::2], strict=True):
        yield None if lock is None or params is None else digest_of(lock, params)


def digest_of(lock: bytes, params: bytes) -> str:
    """Identify a state by its lock and its parameters."""
    return hashlib.sha256(lock + params).hexdigest()


def read_blobs(repository: Path, names: Iterable[str]) -> Iterator[bytes | None]:
    """Read files of commits (`COMMIT:./PATH`, from `repository`, a folder of Git's); None for one that is not there."""
    asked = list(names)
    answer = git(repository, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in asked).encode())
    position = 0
    for _ in asked:
        end = answer.index(b"\n", position)
        header, position = answer[position:end], end + 1
        if header.endswith(b" missing"):
            yield None
            continue
        size = int(header.rsplit(b" ", 1)[1])
        yield answer[position : position + size]
        position += size + 1
