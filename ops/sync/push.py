"""After a run: everything that dvc.lock names is on every remote, and what is not is kept to be retried."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from credit.core.errors import InputError
from ops.shared.signals import held
from ops.sync import commits, pending
from ops.sync.calls import Answer, calling
from ops.sync.content import GONE
from ops.sync.objects import Named, cached_outputs, named
from ops.sync.pending import Pending
from ops.sync.remotes import Remote, configured
from ops.sync.report import say, tell


class Revision(NamedTuple):
    """What the workspace or experiments name."""

    name: str
    objects: tuple[Named, ...]
    experiments: frozenset[str]


def push(remotes: Sequence[Remote], timeout: int) -> bool:
    """Push to each remote the workspace's objects, experiments that it does not have, and pushes that failed before.

    Returns
    -------
    Whether every remote has everything now.
    """
    with held():  # a signal waits until what is to be pushed is written down; experiments are, in Git
        here = _here()
        for remote in remotes:
            _note(remote, [here])
    new = {remote: commits.unpushed(remote) for remote in remotes}
    experiments = {sha: name for found in new.values() for sha, name in found.items()}
    if experiments:  # the first time in an old repository, to list their data takes a while
        tell(f"push: new experiments, whose data are pushed too: {len(experiments)}")
    revisions = [here, *_of_experiments(experiments, here)]
    for remote in remotes:
        _note(remote, [revision for revision in revisions if revision.experiments & new[remote].keys()])
    noted = pending.read()
    waiting = {remote: records for remote in remotes if (records := [r for r in noted if r.remote == remote.name])}
    if not waiting:
        tell("push: nothing to push: dvc.lock and the *.dvc files name no data, and no push is to be retried")
    with ExitStack() as calls:  # all remotes at once: a dead one does not hold the others
        started = [
            (remote, records, calls.enter_context(calling("push", remote.name, _together(records), timeout)))
            for remote, records in waiting.items()
        ]
        done = [_settle(remote, records, call.answer(), revisions) for remote, records, call in started]
    return all(done)


def _here() -> Revision:
    """Name what the workspace is: a commit, and a digest of what dvc.lock and the *.dvc files name."""
    from dvc.repo import Repo

    with Repo() as repo:
        objects = tuple(named(cached_outputs(repo)))
    digest = hashlib.sha256("".join(sorted(item.oid for item in objects)).encode()).hexdigest()
    return Revision(f"{commits.head()}+{digest[:8]}", objects, frozenset())


def _of_experiments(experiments: Mapping[str, str], here: Revision) -> Iterator[Revision]:
    """Name what experiments are, given as names by commit; those that name nothing but what is here go with it."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    oids, covered = {item.oid for item in here.objects}, set()
    with Repo() as repo:
        for sha in repo.brancher(revs=list(experiments), workspace=False, sha_only=True) if experiments else ():
            try:
                objects = tuple(named(cached_outputs(repo)))
            except (InputError, DvcException) as error:  # one that cannot be read shall not stop the others
                tell(f"push: WARNING: experiment {experiments[sha]} is left out: {say(error)}")
                continue
            if {item.oid for item in objects} <= oids:
                covered.add(sha)
            else:
                yield Revision(f"{sha[: commits.SHORT]} ({experiments[sha]})", objects, frozenset([sha]))
    yield here._replace(experiments=frozenset(covered))


def _note(remote: Remote, revisions: Sequence[Revision]) -> None:
    """Write down what is to be pushed before it is tried, so that an end in the middle does not lose it."""
    names = {known.name for known in configured()}
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def add(records: list[Pending]) -> list[Pending]:
        for record in records:
            if record.remote not in names:
                tell(f"push: WARNING: {record.remote} is no remote any more, the push of {record.revision} is given up")
        noted = {(record.remote, record.revision): record for record in records if record.remote in names}
        for revision in revisions:
            if revision.objects:
                key = (remote.name, revision.name)
                since = noted[key].since if key in noted else now
                noted[key] = Pending(*key, since, "the push did not end", revision.objects)
        return list(noted.values())

    pending.change(add)


def _settle(remote: Remote, records: Sequence[Pending], answer: Answer, revisions: Sequence[Revision]) -> bool:
    """Forget what a remote has now and what can never be pushed, keep what is to be retried there, and say so.

    Parameters
    ----------
    revisions : what was to be pushed, the workspace first.
    """
    kept, lost = [], []
    for record in records:
        if (reason := _reason(record.objects, answer)) is None:
            continue
        given_up = record.revision != revisions[0].name and _all_gone(record, answer)
        (lost if given_up else kept).append(replace(record, reason=reason))
    tried, again = ({record.revision for record in of} for of in (records, kept))
    pending.change(lambda noted: [*(r for r in noted if (r.remote, r.revision in tried) != (remote.name, True)), *kept])
    there = [revision.experiments for revision in revisions if revision.name in tried - again]
    commits.mark_pushed(remote, frozenset().union(*there))
    for record in lost:
        tell(f"push: {remote.name}: WARNING: objects of {record.revision} are in no cache any more, given up")
    if kept:
        tell(f"push: {remote.name}: {kept[-1].reason}; to be retried")
    else:
        tell(f"push: {remote.name}: all there (uploaded now: {answer.result['uploaded']})")
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
