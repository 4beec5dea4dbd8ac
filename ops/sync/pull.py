"""Before a run: everything that dvc.lock names is here, or nothing runs."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from credit.core.errors import InputError
from ops.sync.cache import set_aside, sweep
from ops.sync.calls import call
from ops.sync.content import MISSING, faults_within
from ops.sync.objects import Named, cached_outputs, named
from ops.sync.remotes import Remote
from ops.sync.report import tell
from ops.sync.workspace import being_written, check_out, differing, keep_in_cache

if TYPE_CHECKING:
    from dvc_data.hashfile.db import HashFileDB


def pull(remotes: Sequence[Remote], timeout: int) -> None:
    """Fetch what the cache lacks from the first remote that has it, and bring missing outputs to the workspace.

    Raises
    ------
    InputError
        An object is nowhere: not in the cache, not in the workspace, on no remote.
    """
    from dvc.repo import Repo

    with Repo() as repo:
        outputs = cached_outputs(repo)
        written = being_written(repo, outputs)
        outputs = [out for out in outputs if out not in written]
        absent = differing(repo, outputs)
        sweep(repo.cache.local)
        keep_in_cache(repo, [out for out in outputs if out not in absent])
        if not _fetch(repo.cache.local, named(absent), remotes, timeout) and outputs:
            tell(f"pull: nothing to fetch, all {len(outputs)} outputs that dvc.lock names are here")
        done = check_out(repo, absent)
    if done.brought:
        tell(f"pull: {_some(done.brought)} brought to the workspace")
    if done.kept:
        tell(f"pull: {_some(done.kept)} differs from dvc.lock and is in no cache: left as it is")
    if in_use := [*(out.def_path for out in written), *done.in_use]:
        tell(f"pull: in use by a stage that is running, left alone: {_some(in_use)}")


def _fetch(cache: "HashFileDB", objects: Sequence[Named], remotes: Sequence[Remote], timeout: int) -> bool:
    """Fetch what the cache lacks, or holds damaged; returns whether there was anything to fetch.

    The remotes are gone round as long as that brings anything: one may have the list of a directory, and one before
    it the files.
    """
    intact: set[str] = set()
    answering = list(remotes)
    with ExitStack() as aside:
        missing = _missing(cache, objects, intact, aside)
        if not missing:
            return False
        while True:
            before = missing
            for remote in tuple(answering):
                answer = call("fetch", remote.name, objects, timeout)
                intact.update(answer.result.get("brought", ()))
                left, missing = missing, _missing(cache, objects, intact, aside)
                if not missing:
                    tell(f"pull: all that was missing is here, from {remote.name}")
                    return True
                came = len(left.keys() - missing.keys())
                reason = answer.reason or _why(answer.result["failed"])
                tell(f"pull: {remote.name}: {reason}" + (f" (objects that came: {came})" if came else ""))
                if answer.reason is not None:
                    answering.remove(remote)
            if missing.keys() == before.keys():
                raise InputError(_nowhere(remotes, [item.path for item in missing.values()]))


def _missing(cache: "HashFileDB", objects: Sequence[Named], intact: set[str], aside: ExitStack) -> dict[str, Named]:
    """Say what the cache lacks, by hash; what is not known to be intact is read, and set aside if it is damaged."""
    every, faults = faults_within(cache, objects, intact)
    missing = {item.oid: item for item in every if item.oid in faults}
    intact.update(item.oid for item in every if item.oid not in faults)
    damaged = [oid for oid, fault in faults.items() if fault != MISSING]
    if damaged:
        tell(f"pull: damaged in the cache, to be fetched anew: {_some([missing[oid].path for oid in damaged])}")
        aside.enter_context(set_aside(cache, damaged))
    return missing


def _nowhere(remotes: Sequence[Remote], paths: Sequence[str]) -> str:
    return (
        f"of what dvc.lock names, neither here nor on {', '.join(remote.name for remote in remotes)}: {_some(paths)}; "
        "`make run` makes everything from the source, `python -m ops.sync push` then fills the remotes; "
        "or `dvc remote add` one that has the data"
    )


def _why(failed: dict[str, str]) -> str:
    """Sum up why objects did not come, the commonest reason first."""
    reasons = list(failed.values())
    counted = sorted({(-reasons.count(reason), reason) for reason in reasons})
    return ", ".join(f"{-count} {reason}" for count, reason in counted[:3]) or "gave nothing"


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
