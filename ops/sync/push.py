"""After a run: everything that dvc.lock names is on every remote, and what is not is kept to be retried."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.scm import SCMError

from credit.core.errors import InputError
from ops.shared.signals import held
from ops.sync import pending
from ops.sync.experiments import mark_pushed, unpushed
from ops.sync.objects import Named, cached_outputs, named, repository
from ops.sync.pending import Pending
from ops.sync.remote_call import Answer, remote_call
from ops.sync.remotes import Remote, configured
from ops.sync.report import say, tell
from ops.sync.stores import GONE

SHORT = 10  # digits of a commit


def push(remotes: Sequence[Remote], timeout: int) -> bool:
    """Push to each remote the workspace's objects, experiments that it does not have, and pushes that failed before.

    Returns
    -------
    Whether every remote has everything now.
    """
    with repository() as repo:
        with held():  # a signal waits until what is to be pushed is written down; experiments are, in Git
            workspace, objects = _workspace(repo)
            for remote in remotes:
                _note(remote, {workspace: objects})
        new = {remote: unpushed(repo, remote) for remote in remotes}
        experiments = dict(_data_of(repo, {sha: name for names in new.values() for sha, name in names.items()}))
        labels = {
            remote: {sha: f"{sha[:SHORT]} ({names[sha]})" for sha in names if sha in experiments}
            for remote, names in new.items()
        }
        for remote in remotes:
            _note(remote, {label: experiments[sha] for sha, label in labels[remote].items()})
        complete = _push_pending(remotes, timeout, workspace)
        for remote in remotes:
            waiting = {record.revision for record in pending.read() if record.remote == remote.name}
            mark_pushed(repo, remote, [sha for sha, label in labels[remote].items() if label not in waiting])
    return complete


def _workspace(repo: Repo) -> tuple[str, tuple[Named, ...]]:
    """Name the workspace by its commit and a digest of what dvc.lock and the *.dvc files name; list these objects."""
    objects = tuple(named(cached_outputs(repo)))
    digest = hashlib.sha256("".join(sorted(item.oid for item in objects)).encode()).hexdigest()
    try:
        head = repo.scm.get_rev()[:SHORT]
    except (SCMError, NotImplementedError):
        head = "no commit"
    return f"{head}+{digest[:8]}", objects


def _data_of(repo: Repo, experiments: Mapping[str, str]) -> Iterator[tuple[str, tuple[Named, ...]]]:
    """List the objects of experiments, given as names by commit."""
    if experiments:  # the first time in an old repository this takes a while
        tell(f"push: new experiments, whose data are pushed too: {len(experiments)}")
    for sha in repo.brancher(revs=list(experiments), workspace=False, sha_only=True) if experiments else ():
        try:
            yield sha, tuple(named(cached_outputs(repo)))
        except (InputError, DvcException) as error:  # one that cannot be read shall not stop the others
            tell(f"push: WARNING: experiment {experiments[sha]} is left out: {say(error)}")


def _note(remote: Remote, revisions: Mapping[str, tuple[Named, ...]]) -> None:
    """Write down what is to be pushed before it is tried, so that an end in the middle does not lose it."""
    names = {known.name for known in configured()}
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def add(records: list[Pending]) -> list[Pending]:
        for record in records:
            if record.remote not in names:
                tell(f"push: WARNING: {record.remote} is no remote any more, the push of {record.revision} is given up")
        noted = {(record.remote, record.revision): record for record in records if record.remote in names}
        for revision, objects in revisions.items():
            key = (remote.name, revision)
            if objects:
                since = noted[key].since if key in noted else now
                noted[key] = Pending(*key, since, "the push did not end", objects)
        return list(noted.values())

    pending.change(add)


def _push_pending(remotes: Sequence[Remote], timeout: int, workspace: str) -> bool:
    """Push all that is noted, to all remotes at once: a dead one does not hold the others."""
    noted = pending.read()
    waiting = {remote.name: [record for record in noted if record.remote == remote.name] for remote in remotes}
    if not any(waiting.values()):
        tell("push: nothing to push: dvc.lock and the *.dvc files name no data, and no push is to be retried")
    with ExitStack() as calls:
        started = []
        for remote, records in waiting.items():
            objects = list({item.oid: item for record in records for item in record.objects}.values())
            if objects:
                started.append((remote, records, calls.enter_context(remote_call("push", remote, objects, timeout))))
        complete = [_resolve(remote, records, call.answer(), workspace) for remote, records, call in started]
    return all(complete)


def _resolve(remote: str, records: Sequence[Pending], answer: Answer, workspace: str) -> bool:
    """Forget what a remote has now and what can never be pushed, keep what is to be retried there, and say so."""
    kept = []
    for record in records:
        reason = _reason(record, answer)
        if reason and record.revision != workspace and _is_gone(record, answer):
            tell(f"push: {remote}: WARNING: objects of {record.revision} are in no cache any more, given up")
        elif reason:
            kept.append(replace(record, reason=reason))
    tried = {(remote, record.revision) for record in records}
    pending.change(lambda noted: [*(r for r in noted if (r.remote, r.revision) not in tried), *kept])
    if kept:
        tell(f"push: {remote}: {kept[-1].reason}; to be retried")
    else:
        tell(f"push: {remote}: all there (uploaded now: {answer.result['uploaded']})")
    return not kept


def _reason(record: Pending, answer: Answer) -> str | None:
    """Say why a push failed, or None if it did not."""
    if answer.reason is not None:
        return answer.reason
    failed = answer.result["failed"]
    faulty = [item for item in record.objects if item.oid in failed]
    others = f" (and {len(faulty) - 1} more)" if len(faulty) > 1 else ""
    return f"{faulty[0].path}: {failed[faulty[0].oid]}{others}" if faulty else None


def _is_gone(record: Pending, answer: Answer) -> bool:
    """Tell whether nothing of a failed push can ever succeed, because its objects were deleted from the cache."""
    failed = answer.result.get("failed", {})
    return answer.reason is None and all(GONE in failed[item.oid] for item in record.objects if item.oid in failed)
