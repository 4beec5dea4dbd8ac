"""After a run: everything that dvc.lock names is on every remote, and what is not is kept to be retried."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.scm import NoSCMError
from scmrepo.exceptions import SCMError

from ops.shared.signals import held
from ops.sync.objects import Named, cached_outputs, named, repository
from ops.sync.processes import Answer, remote_call
from ops.sync.remotes import Remote, configured
from ops.sync.report import say, tell
from ops.sync.state import Pending, change_pending, mark_pushed, pending, unpushed
from ops.sync.transfer import GONE

SHORT = 10  # digits of a commit
Objects = tuple[Named, ...]


def push(remotes: Sequence[Remote], timeout: int) -> bool:
    """Push to each remote the workspace's objects, experiments that it does not have, and pushes that failed before.

    Gives whether every remote has everything now.
    """
    with repository() as repo:
        with held():  # a signal waits until what is to be pushed is written down; experiments are, in Git
            workspace, objects = _workspace(repo)
            _note((remote.name, workspace, objects) for remote in remotes)
        new = {remote: unpushed(repo, remote) for remote in remotes}
        data = dict(_data_of(repo, {sha: name for experiments in new.values() for sha, name in experiments.items()}))
        _note((remote.name, *data[sha]) for remote in remotes for sha in new[remote] if sha in data)
        complete = _push_noted(remotes, timeout, workspace)
        kept = {(record.remote, record.revision) for record in pending()}
        for remote in remotes:
            there = [sha for sha in new[remote] if sha in data and (remote.name, data[sha][0]) not in kept]
            mark_pushed(repo, remote, there)
    return complete


def _workspace(repo: Repo) -> tuple[str, Objects]:
    """Name the workspace by its commit and a digest of what dvc.lock and the *.dvc files name; list these objects."""
    objects = tuple(named(cached_outputs(repo)))
    digest = hashlib.sha256("".join(sorted(item.oid for item in objects)).encode()).hexdigest()
    try:
        head = repo.scm.get_rev()[:SHORT]
    except (SCMError, NoSCMError):  # Git has no commit yet, or there is no Git
        head = "no commit"
    return f"{head}+{digest[:8]}", objects


def _data_of(repo: Repo, experiments: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, Objects]]]:
    """Name experiments, given as names by commit, and list their objects, by commit."""
    if not experiments:
        return
    # The first time in an old repository this takes a while.
    tell(f"push: new experiments, whose data are pushed too: {len(experiments)}")
    for sha in repo.brancher(revs=list(experiments), workspace=False, sha_only=True):
        try:
            yield sha, (f"{sha[:SHORT]} ({experiments[sha]})", tuple(named(cached_outputs(repo))))
        except DvcException as error:  # one that cannot be read shall not stop the others
            tell(f"push: WARNING: experiment {experiments[sha]} is left out: {say(error)}")


def _note(pushes: Iterable[tuple[str, str, Objects]]) -> None:
    """Write down what is to be pushed (remote, revision, objects) before it is tried: an end in between loses nothing.

    Pushes to a remote that was removed are given up.
    """
    remotes = {remote.name for remote in configured()}
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def add(records: list[Pending]) -> list[Pending]:
        noted = {}
        for record in records:
            if record.remote in remotes:
                noted[record.remote, record.revision] = record
            else:
                tell(f"push: WARNING: {record.remote} is no remote any more, the push of {record.revision} is given up")
        for remote, revision, objects in pushes:
            if objects:
                noted.setdefault((remote, revision), Pending(remote, revision, now, "the push did not end", objects))
        return list(noted.values())

    change_pending(add)


def _push_noted(remotes: Sequence[Remote], timeout: int, workspace: str) -> bool:
    """Push all that is noted, to all remotes at once: a dead one does not hold the others."""
    noted = pending()
    with ExitStack() as calls:
        started = []
        for remote in remotes:
            if records := [record for record in noted if record.remote == remote.name]:
                objects = list({item.oid: item for record in records for item in record.objects}.values())
                answer = calls.enter_context(remote_call("push", remote.name, objects, timeout))
                started.append((remote.name, records, answer))
        if not started:
            tell("push: nothing to push: dvc.lock and the *.dvc files name no data, and no push is to be retried")
        complete = [_resolve(remote, records, answer(), workspace) for remote, records, answer in started]
    return all(complete)


def _resolve(remote: str, records: Sequence[Pending], answer: Answer, workspace: str) -> bool:
    """Forget what a remote has now and what can never be pushed, keep what is to be retried there, and say so."""
    kept, failed = [], answer.result.get("failed", {})
    for record in records:
        faults = {item: failed[item.oid] for item in record.objects if item.oid in failed}
        if faults and record.revision != workspace and all(GONE in reason for reason in faults.values()):
            tell(f"push: {remote}: WARNING: objects of {record.revision} are in no cache any more, given up")
        elif reason := answer.reason or _summary(faults):
            kept.append(replace(record, reason=reason))
    tried = {(remote, record.revision) for record in records}
    change_pending(lambda noted: [*(one for one in noted if (one.remote, one.revision) not in tried), *kept])
    if kept:
        tell(f"push: {remote}: {kept[-1].reason}; to be retried")
    else:
        tell(f"push: {remote}: all there (uploaded now: {answer.result['uploaded']})")
    return not kept


def _summary(faults: Mapping[Named, str]) -> str:
    """Say of the first object why it failed, and how many more did; nothing if none did."""
    others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return next((f"{item.path}: {reason}{others}" for item, reason in faults.items()), "")
