"""Before a run: everything that dvc.lock names is here, or nothing runs."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

from dvc_data.hashfile.db import HashFileDB

from credit.core.errors import InputError
from ops.sync.objects import Named, cached_outputs, named, repository
from ops.sync.remote_call import remote_call
from ops.sync.remotes import Remote
from ops.sync.report import tell
from ops.sync.stores import MISSING, inspect, set_aside
from ops.sync.workspace import check_out, keep_in_cache, matches


def pull(remotes: Sequence[Remote], timeout: int) -> None:
    """Fetch what the cache lacks from the first remote that has it, and bring missing outputs to the workspace.

    Raises
    ------
    InputError
        An object is nowhere: not in the cache, not in the workspace, on no remote.
    """
    with repository() as repo:
        outputs = cached_outputs(repo)
        differing = [out for out in outputs if not matches(out)]
        keep_in_cache(repo, [out for out in outputs if out not in differing])
        if missing := fetch(repo.cache.local, named(differing), remotes, timeout):
            raise InputError(
                f"of what dvc.lock names, neither here nor on {', '.join(remote.name for remote in remotes)}: "
                f"{_some([item.path for item in missing.values()])}; `make run` makes everything from the source, "
                "`python -m ops.sync push` then fills the remotes; or `dvc remote add` one that has the data"
            )
        kept = check_out(repo, differing)
    if not differing and outputs:
        tell(f"pull: nothing to fetch, all {len(outputs)} outputs that dvc.lock names are here")
    if brought := [out.def_path for out in differing if out not in kept]:
        tell(f"pull: {_some(brought)} brought to the workspace")
    if kept:
        paths = _some([out.def_path for out in kept])
        tell(f"pull: {paths} differs from dvc.lock and is in no cache: left as it is")


def fetch(cache: HashFileDB, objects: Sequence[Named], remotes: Sequence[Remote], timeout: int) -> dict[str, Named]:
    """Fetch what the cache lacks, or holds damaged, from the remotes; returns what is still missing then.

    The remotes are gone round as long as that brings anything: one may have the list of a directory, and one before
    it the files.
    """
    intact: set[str] = set()
    answering = list(remotes)
    with ExitStack() as aside:
        missing, before = _missing(cache, objects, intact, aside), None
        while missing and missing.keys() != before:
            before = missing.keys()
            for remote in tuple(answering):
                with remote_call("fetch", remote.name, objects, timeout) as answer:
                    failure, result = answer()
                left, missing = missing, _missing(cache, objects, intact, aside)
                if not missing:
                    tell(f"pull: all that was missing is here, from {remote.name}")
                    break
                came = len(left.keys() - missing.keys())
                reason = failure or _counted(result["failed"])
                tell(f"pull: {remote.name}: {reason}" + (f" (objects that came: {came})" if came else ""))
                if failure is not None:
                    answering.remove(remote)
    return missing


def _missing(cache: HashFileDB, objects: Sequence[Named], intact: set[str], aside: ExitStack) -> dict[str, Named]:
    """Say what the cache lacks, by hash; what is not known to be intact is read, and set aside if it is damaged."""
    every, faults = inspect(cache, objects, intact=intact)
    missing = {item.oid: item for item in every if item.oid in faults}
    intact.update(item.oid for item in every if item.oid not in faults)
    damaged = [oid for oid, fault in faults.items() if fault != MISSING]
    if damaged:
        tell(f"pull: damaged in the cache, to be fetched anew: {_some([missing[oid].path for oid in damaged])}")
        aside.enter_context(set_aside(cache, damaged))
    return missing


def _counted(failed: dict[str, str]) -> str:
    """Sum up why objects did not come, the commonest reason first."""
    return ", ".join(f"{count} {reason}" for reason, count in Counter(failed.values()).most_common(3)) or "gave nothing"


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
