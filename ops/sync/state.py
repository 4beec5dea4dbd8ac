"""What is kept from one run to the next, and while one goes on, in DVC's own temporary directory, which Git ignores."""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dvc.repo import Repo
from dvc.repo.experiments.utils import exp_refs
from dvc.scm import NoSCM

from credit.core.errors import InputError
from credit.io.files import write_json
from ops.sync.objects import Named
from ops.sync.remotes import Remote

FOLDER = Path(".dvc/tmp/sync")
PENDING, PUSHED = FOLDER / "pending.json", FOLDER / "pushed.json"


@dataclass(frozen=True)
class Pending:
    """A push to retry: to which remote, of which commit, when it failed first and why it failed last.

    `revision` of the workspace is the commit on which it stands and, behind a plus, a digest of what it names. The
    objects are kept, not the lock: by the next run dvc.lock may name others.
    """

    remote: str
    revision: str
    since: str
    reason: str
    objects: tuple[Named, ...]


@contextmanager
def run_lock() -> Iterator[None]:
    """Be the only run or pull in the block: a second one would change files under a stage of the first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process, however that ends
        except BlockingIOError:
            lock.seek(0)
            raise InputError(f"another run is under way (PID {lock.read()})") from None
        lock.truncate(0)
        print(os.getpid(), end="", file=lock, flush=True)
        yield


def pending() -> list[Pending]:
    """Read the pushes to retry, the oldest first; raises InputError where the file is not ours."""
    if not PENDING.is_file():
        return []
    try:
        records = json.loads(PENDING.read_text(encoding="utf-8"))
        pushes = [Pending(**{**entry, "objects": tuple(Named(*one) for one in entry["objects"])}) for entry in records]
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{PENDING}: expected the pushes to retry, got something else; delete it to go on") from None
    return sorted(pushes, key=lambda push: push.since)


def change_pending(edit: Callable[[list[Pending]], list[Pending]]) -> None:
    """Replace the pushes to retry by what `edit` makes of them; at once, and one program at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PENDING.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if records := edit(pending()):
            write_json(PENDING, [asdict(record) for record in records])
        else:
            PENDING.unlink(missing_ok=True)


def unpushed(repo: Repo, remote: Remote) -> dict[str, str]:
    """Give DVC's experiments whose data were not pushed to a remote, whenever they were made: name by commit."""
    pushed = _pushed().get(remote.url, ())
    return {commit: name for commit, name in _experiments(repo).items() if commit not in pushed}


def mark_pushed(repo: Repo, remote: Remote, commits: Iterable[str]) -> None:
    """Note that a remote has the data of these experiments; those that were deleted are forgotten."""
    pushed = _pushed()
    present = _experiments(repo).keys() & {*pushed.get(remote.url, ()), *commits}
    if present or remote.url in pushed:
        write_json(PUSHED, {**pushed, remote.url: sorted(present)})


def _experiments(repo: Repo) -> dict[str, str]:
    if isinstance(repo.scm, NoSCM):
        return {}
    return {repo.scm.get_ref(str(ref)): ref.name for ref in exp_refs(repo.scm)}


def _pushed() -> dict[str, list[str]]:
    """Read what was noted, by the address of the remote. Without it everything is compared with the remote anew."""
    try:
        return dict(json.loads(PUSHED.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return {}
