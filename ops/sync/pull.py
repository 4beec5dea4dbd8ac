"""Before a run: everything that dvc.lock names is here, or nothing runs; what is only in the workspace is not lost."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dvc.output import Output
from dvc.repo import Repo
from dvc.rwlock import rwlock
from dvc_data.hashfile import load
from dvc_data.hashfile.build import build
from dvc_data.hashfile.checkout import LinkError, checkout
from dvc_data.hashfile.db import HashFileDB
from dvc_data.hashfile.diff import diff

from credit.core.errors import InputError
from ops.shared.signals import held
from ops.sync.objects import MISSING, Named, cached_outputs, inspect, lacking, named, repository, set_aside
from ops.sync.processes import remote_call
from ops.sync.remotes import Remote
from ops.sync.report import tell

UNFINISHED = re.compile(r"\.[\w-]{22}\.tmp")  # DVC's name for a file that it is writing (`tmp_fname`)


def pull(remotes: Sequence[Remote], timeout: int) -> None:
    """Fetch what the cache lacks from the first remote that has it, and bring missing outputs to the workspace.

    Raises InputError where an object is nowhere: not in the cache, not in the workspace, on no remote.
    """
    with repository() as repo:
        differing = keep_in_cache(repo)
        if missing := fetch(repo.cache.local, named(differing), remotes, timeout):
            raise InputError(
                f"of what dvc.lock names, neither here nor on {', '.join(remote.name for remote in remotes)}: "
                f"{_some([item.path for item in missing.values()])}; `make run` makes everything from the source, "
                "`python -m ops.sync push` then fills the remotes; or `dvc remote add` one that has the data"
            )
        kept = _check_out(repo, differing)
        if not differing and (outputs := cached_outputs(repo)):
            tell(f"pull: nothing to fetch, all {len(outputs)} outputs that dvc.lock names are here")
        if brought := [out.def_path for out in differing if out not in kept]:
            tell(f"pull: {_some(brought)} brought to the workspace")
        if kept:
            paths = _some([out.def_path for out in kept])
            tell(f"pull: {paths} differs from dvc.lock and is in no cache: left as it is")


def keep_in_cache(repo: Repo) -> list[Output]:
    """Copy to the cache what it lacks of outputs that lie in the workspace as dvc.lock names them; give the others."""
    differing = []
    for out in cached_outputs(repo):
        if not out.exists or out.changed_checksum():  # DVC knows the hashes of untouched files
            differing.append(out)
        elif lacking(repo.cache.local, named([out])):
            out.commit(relink=False)
    return differing


def fetch(cache: HashFileDB, objects: Sequence[Named], remotes: Sequence[Remote], timeout: int) -> dict[str, Named]:
    """Fetch what the cache lacks, or holds damaged, from the remotes; returns what is still missing then.

    The remotes are gone round as long as that brings anything: one may have the list of a directory, and one before
    it the files.
    """
    answering = list(remotes)
    with ExitStack() as aside:
        missing, before = _missing(cache, objects, aside), None
        while missing and missing.keys() != before:
            before = missing.keys()
            for remote in tuple(answering):
                with remote_call("fetch", remote.name, objects, timeout) as answer:
                    failure, result = answer()
                left, missing = missing, _missing(cache, list(missing.values()), aside)
                if not missing:
                    tell(f"pull: all that was missing is here, from {remote.name}")
                    break
                came = len(left.keys() - missing.keys())
                reason = failure or _counted(result["failed"])
                tell(f"pull: {remote.name}: {reason}" + (f" (objects that came: {came})" if came else ""))
                if failure is not None:
                    answering.remove(remote)
    return missing


def _missing(cache: HashFileDB, objects: Sequence[Named], aside: ExitStack) -> dict[str, Named]:
    """Say what the cache lacks, by hash; everything is read, and set aside if it is damaged."""
    every, faults = inspect(cache, objects)
    missing = {item.oid: item for item in every if item.oid in faults}
    if damaged := [oid for oid, fault in faults.items() if fault != MISSING]:
        tell(f"pull: damaged in the cache, to be fetched anew: {_some([missing[oid].path for oid in damaged])}")
        aside.enter_context(set_aside(cache, damaged))
    return missing


def _counted(failed: dict[str, str]) -> str:
    """Sum up why objects did not come, the commonest reason first."""
    return ", ".join(f"{count} {reason}" for reason, count in Counter(failed.values()).most_common(3)) or "gave nothing"


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _check_out(repo: Repo, outputs: Sequence[Output]) -> list[Output]:
    """Bring outputs that are missing or are of another dvc.lock; give those left, for files in them are in no cache.

    DVC raises LockError where a stage of another process is making or reading one of the outputs.
    """
    with repo.lock, _write_lock(repo, [out.fs_path for out in outputs]):
        return [out for out in outputs if not _bring(repo, out)]


@contextmanager
def _write_lock(repo: Repo, paths: list[str]) -> Iterator[None]:
    """Lock paths for the block as DVC does for a stage that writes them.

    A signal waits while DVC writes its list of locks, for it would stay half-written.
    """
    hardlink = repo.config["core"].get("hardlink_lock", False)
    lock = ExitStack()
    try:
        with held():
            lock.enter_context(rwlock(repo.tmp_dir, repo.fs, "python -m ops.sync", [], paths, hardlink))
        yield
    finally:
        with held():
            lock.close()


def _bring(repo: Repo, out: Output) -> bool:
    """Bring a whole output, and return True; where a file would be lost that is only in the workspace, neither."""
    cache = repo.cache.local
    _remove_unfinished(out)  # by a check-out that was killed
    present = build(cache, out.fs_path, out.fs, "md5", ignore=repo.dvcignore, dry_run=True)[2] if out.exists else None
    wanted = load(cache, out.hash_info)
    change = diff(present, wanted, cache)
    replaced = [entry.old for entry in (*change.modified, *change.deleted)]
    if any(old and not old.in_cache and not old.oid.isdir for old in replaced):
        return False
    try:
        checkout(out.fs_path, out.fs, wanted, cache, old=present, state=repo.state, ignore=repo.dvcignore)
        out.set_exec()
    except LinkError as error:
        why = error.__cause__ or error
        raise InputError(f"{out.def_path}: expected to write it to the workspace, got: {why}") from None
    finally:
        _remove_unfinished(out)
    return True


def _remove_unfinished(out: Output) -> None:
    """Remove what DVC had begun to write in an output or beside it; nobody else gives such names."""
    path = Path(out.fs_path)
    for unfinished in [*path.parent.glob(".*.tmp"), *path.rglob(".*.tmp")]:
        if UNFINISHED.fullmatch(unfinished.name):
            unfinished.unlink(missing_ok=True)
