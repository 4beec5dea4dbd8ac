"""Outputs between the workspace and the cache, without losing what is only in the workspace."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from credit.core.errors import InputError
from ops.shared.signals import held
from ops.sync.cache import UNFINISHED, lacking, set_aside
from ops.sync.objects import named

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc_data.hashfile.diff import DiffResult
    from dvc_data.hashfile.obj import HashFile


class CheckedOut(NamedTuple):
    """The paths that were brought; those with files that are in no cache and were left; those a stage was using."""

    brought: Sequence[str]
    kept: Sequence[str]
    in_use: Sequence[str]


def being_written(repo: "Repo", outputs: "Sequence[Output]") -> "list[Output]":
    """Choose the outputs that a stage of another process is making now."""
    if _readable(repo, outputs):
        return []
    return [out for out in outputs if not _readable(repo, [out])]


def differing(repo: "Repo", outputs: "Iterable[Output]") -> "list[Output]":
    """Choose the outputs that do not lie in the workspace as dvc.lock names them."""
    return [out for out in outputs if not _matches(_in_workspace(repo, out), out)]


def keep_in_cache(repo: "Repo", outputs: "Iterable[Output]") -> None:
    """Copy to the cache the outputs that it lacks and that lie in the workspace as dvc.lock names them."""
    from dvc_data.hashfile.build import build
    from dvc_data.hashfile.transfer import transfer

    cache = repo.cache.local
    for out in outputs:
        lacks = lacking(cache, named([out]))
        if lacks and _matches(found := _in_workspace(repo, out), out):
            staging, _, _ = build(cache, out.fs_path, out.fs, "md5", ignore=repo.dvcignore)
            with set_aside(cache, [item.oid for item in lacks]):
                transfer(staging, cache, {found.hash_info}, shallow=False)


def check_out(repo: "Repo", outputs: "Iterable[Output]") -> CheckedOut:
    """Bring the outputs to the workspace that are missing there or are of another dvc.lock."""
    from dvc.lock import LockError

    done = CheckedOut([], [], [])
    with repo.lock:
        for out in outputs:
            with ExitStack() as claim:
                try:
                    claim.enter_context(_claimed(repo, write=[out.fs_path]))
                except LockError:
                    done.in_use.append(out.def_path)
                    continue
                (done.brought if _bring(repo, out) else done.kept).append(out.def_path)
    return done


def _readable(repo: "Repo", outputs: "Iterable[Output]") -> bool:
    from dvc.lock import LockError

    try:
        with _claimed(repo, read=[out.fs_path for out in outputs]):
            return True
    except LockError:
        return False


@contextmanager
def _claimed(repo: "Repo", read: Sequence[str] = (), write: Sequence[str] = ()) -> Iterator[None]:
    """Claim paths for the block as DVC does for a stage; raises LockError where one claims them in another way.

    A signal waits while DVC writes its list of claims, for it would stay half-written.
    """
    from dvc.rwlock import rwlock

    hardlink = repo.config["core"].get("hardlink_lock", False)
    claims = ExitStack()
    try:
        with held():
            claims.enter_context(rwlock(repo.tmp_dir, repo.fs, "python -m ops.sync", list(read), list(write), hardlink))
        yield
    finally:
        with held():
            claims.close()


def _bring(repo: "Repo", out: "Output") -> bool:
    """Bring an output. Where that would lose a file of the workspace, bring only what is absent, and return False."""
    from dvc_data.hashfile import load
    from dvc_data.hashfile.checkout import LinkError, checkout
    from dvc_data.hashfile.diff import diff

    cache = repo.cache.local
    _remove_unfinished(out)  # by a check-out that was killed
    found, wanted = _in_workspace(repo, out), load(cache, out.hash_info)
    change = diff(found, wanted, cache)
    only_here = _only_here(change)
    try:
        if not only_here:
            checkout(out.fs_path, out.fs, wanted, cache, old=found, state=repo.state, ignore=repo.dvcignore)
            out.set_exec()
        elif found.hash_info.isdir:
            for absent in change.added:
                path = out.fs.join(out.fs_path, *absent.new.key)
                checkout(path, out.fs, cache.get(absent.new.oid.value), cache, state=repo.state)
    except LinkError as error:
        cause = error.__cause__ or "neither a link nor a copy can be made there"
        raise InputError(f"{out.def_path}: expected to write it to the workspace, got: {cause}") from None
    finally:
        _remove_unfinished(out)
    return not only_here


def _remove_unfinished(out: "Output") -> None:
    """Remove what DVC had begun to write in an output or beside it; nobody else gives such names."""
    path = Path(out.fs_path)
    for found in [*path.parent.glob(".*.tmp"), *path.rglob(".*.tmp")]:
        if UNFINISHED.fullmatch(found.name):
            found.unlink(missing_ok=True)


def _in_workspace(repo: "Repo", out: "Output") -> "HashFile | None":
    """Hash what lies at an output's path; DVC knows the hashes of files that were not touched."""
    from dvc_data.hashfile.build import build

    if not out.exists:
        return None
    return build(repo.cache.local, out.fs_path, out.fs, "md5", ignore=repo.dvcignore, dry_run=True)[2]


def _matches(found: "HashFile | None", out: "Output") -> bool:
    return found is not None and found.hash_info == out.hash_info


def _only_here(change: "DiffResult") -> bool:
    """Tell whether a file that is replaced or removed is in no cache."""
    replaced = [entry.old for entry in (*change.modified, *change.deleted)]
    return any(old and not old.in_cache and not old.oid.isdir for old in replaced)
