"""After a run: everything that dvc.lock names is on every remote, and what is not is kept to be retried."""

import hashlib
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import NamedTuple

from ops.sync import pending
from ops.sync.calls import Answer, calling
from ops.sync.content import GONE
from ops.sync.objects import Named, cached_outputs, named
from ops.sync.pending import Pending
from ops.sync.remotes import Remote, configured
from ops.sync.report import tell

SHORT = 10


class Revision(NamedTuple):
    """What a commit, or the workspace, names."""

    name: str
    objects: tuple[Named, ...]


def push(remotes: Sequence[Remote], timeout: int, known: Mapping[str, str]) -> bool:
    """Push the workspace's objects, those of new experiments, and the pushes that failed before, to each remote.

    Parameters
    ----------
    known : the experiments that were there before the run, as `experiments` gives them; others are new.

    Returns
    -------
    Whether every remote has everything now.
    """
    revisions = _revisions(known)
    _note(remotes, revisions)
    waiting = {remote.name: [record for record in pending.read() if record.remote == remote.name] for remote in remotes}
    with ExitStack() as calls:  # all remotes at once: a dead one does not hold the others
        started = [
            (records, calls.enter_context(calling("push", name, _together(records), timeout)))
            for name, records in waiting.items()
            if records
        ]
        current = {revision.name for revision in revisions}
        done = [_settle(records, call.answer(), current) for records, call in started]
    return all(done)


def experiments() -> dict[str, str]:
    """Give the experiments of this repository: name by commit."""
    listed = _git("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps")
    refs = [line.split(" ", 1) for line in (listed or "").splitlines()]
    # refs/exps/<2 digits>/<38 digits of the baseline>/<name>; the others are DVC's queue and stash
    return {commit: ref.split("/")[4] for commit, ref in refs if ref.count("/") == 4 and len(ref.split("/")[2]) == 2}


def _revisions(known: Mapping[str, str]) -> list[Revision]:
    """Name what is to be pushed; an experiment that names what the workspace names is not told apart."""
    from dvc.repo import Repo

    new = {sha: name for sha, name in experiments().items() if sha not in known}
    with Repo() as repo:
        found = [Revision(_here(), tuple(named(cached_outputs(repo))))]
        for sha in repo.brancher(revs=list(new), workspace=False, sha_only=True) if new else ():
            objects = tuple(named(cached_outputs(repo)))
            if {item.oid for item in objects} - {item.oid for item in found[0].objects}:
                found.append(Revision(f"{sha[:SHORT]} ({new[sha]})", objects))
    return [revision for revision in found if revision.objects]


def _here() -> str:
    """Name the workspace's revision: the commit, and the digest of a dvc.lock that is not the commit's."""
    commit = (_git("rev-parse", "--verify", "--quiet", "HEAD") or "no commit").strip()[:SHORT]
    lock = Path("dvc.lock")
    if not lock.is_file() or _git("show", "HEAD:./dvc.lock") == lock.read_text(encoding="utf-8"):
        return commit
    return f"{commit}+{hashlib.sha256(lock.read_bytes()).hexdigest()[:8]}"


def _note(remotes: Sequence[Remote], revisions: Sequence[Revision]) -> None:
    """Write down what is to be pushed before it is tried, so that an end in the middle does not lose it."""
    names = {remote.name for remote in configured()}
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def add(records: list[Pending]) -> list[Pending]:
        for record in records:
            if record.remote not in names:
                tell(f"push: WARNING: {record.remote} is no remote any more, the push of {record.revision} is given up")
        noted = {(record.remote, record.revision): record for record in records if record.remote in names}
        for remote, revision in product(remotes, revisions):
            key = (remote.name, revision.name)
            since = noted[key].since if key in noted else now
            noted[key] = Pending(*key, since, "the push did not end", revision.objects)
        return list(noted.values())

    pending.change(add)


def _settle(records: Sequence[Pending], answer: Answer, current: set[str]) -> bool:
    """Forget what a remote has now, keep what is to be retried there, and say both."""
    remote, kept, lost = records[0].remote, [], []
    for record in records:
        if (reason := _reason(record.objects, answer)) is None:
            continue
        given_up = record.revision not in current and _all_gone(record, answer)
        (lost if given_up else kept).append(replace(record, reason=reason))
    settled = {record.revision for record in records}
    pending.change(lambda noted: [*(r for r in noted if (r.remote, r.revision in settled) != (remote, True)), *kept])
    for record in lost:
        tell(f"push: {remote}: WARNING: objects of {record.revision} are in no cache any more, given up")
    if kept:
        tell(f"push: {remote}: {kept[-1].reason}; to be retried")
    else:
        tell(f"push: {remote}: all there (uploaded now: {answer.result['uploaded']})")
    return not kept


def _reason(objects: Iterable[Named], answer: Answer) -> str | None:
    """Say why a push of these objects failed, or None if it did not."""
    if answer.reason is not None:
        return answer.reason
    failed = answer.result["failed"]
    bad = [item for item in objects if item.oid in failed]
    if not bad:
        return None
    others = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    return f"{bad[0].path}: {failed[bad[0].oid]}{others}"


def _all_gone(record: Pending, answer: Answer) -> bool:
    """Tell whether nothing of a push can ever succeed, because its objects were deleted from the cache."""
    failed = answer.result.get("failed", {})
    reasons = [failed[item.oid] for item in record.objects if item.oid in failed]
    return answer.reason is None and bool(reasons) and all(GONE in reason for reason in reasons)


def _together(records: Iterable[Pending]) -> list[Named]:
    return list({item.oid: item for record in records for item in record.objects}.values())


def _git(*arguments: str) -> str | None:
    """Run Git; returns what it prints, None where it fails (no commit yet, no such file in it)."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None
