"""Outputs between the workspace and the cache, without losing what is only in the workspace."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dvc.output import Output
from dvc.repo import Repo
from dvc.rwlock import rwlock
from dvc_data.hashfile import load
from dvc_data.hashfile.build import build
from dvc_data.hashfile.checkout import LinkError, checkout
from dvc_data.hashfile.diff import diff

from credit.core.errors import InputError
from ops.shared.signals import held
from ops.sync.objects import named
from ops.sync.stores import expand, set_aside

UNFINISHED = re.compile(r"\.[\w-]{22}\.tmp")  # DVC's name for a file that it is writing (`tmp_fname`)


def matches(out: Output) -> bool:
    """Tell whether an output lies in the workspace as dvc.lock names it; DVC knows the hashes of untouched files."""
    return out.exists and not out.changed_checksum()


def keep_in_cache(repo: Repo, outputs: Iterable[Output]) -> None:
    """Copy to the cache what it lacks of outputs that match the workspace."""
    cache = repo.cache.local
    for out in outputs:
        lacking = [item.oid for item in expand(named([out]), [cache])[0] if not cache.exists(item.oid)]
        if lacking:
            with set_aside(cache, lacking):  # a folder may lie in place of the object
                out.commit(relink=False)


def check_out(repo: Repo, outputs: Sequence[Output]) -> list[Output]:
    """Bring outputs to the workspace that are missing there or are of another dvc.lock.

    Returns
    -------
    Those in which files are in no cache: of these only what is absent was brought.

    Raises
    ------
    dvc.lock.LockError
        A stage of another process is making or reading one of the outputs.
    """
    with repo.lock, _write_lock(repo, [out.fs_path for out in outputs]):
        return [out for out in outputs if not _bring(repo, out)]


@contextmanager
def _write_lock(repo: Repo, paths: list[str]) -> Iterator[None]:
    """Lock paths for the block as DVC does for a stage that writes them.

    A signal waits while DVC writes its list of locks, for it would stay half-written.
    """
    lock = ExitStack()
    hardlink = repo.config["core"].get("hardlink_lock", False)
    try:
        with held():
            lock.enter_context(rwlock(repo.tmp_dir, repo.fs, "python -m ops.sync", [], paths, hardlink))
        yield
    finally:
        with held():
            lock.close()


def _bring(repo: Repo, out: Output) -> bool:
    """Bring an output. Where that would lose a file of the workspace, bring only what is absent, and return False."""
    cache = repo.cache.local
    _remove_unfinished(out)  # by a check-out that was killed
    present = build(cache, out.fs_path, out.fs, "md5", ignore=repo.dvcignore, dry_run=True)[2] if out.exists else None
    wanted = load(cache, out.hash_info)
    change = diff(present, wanted, cache)
    replaced = [entry.old for entry in (*change.modified, *change.deleted)]
    only_here = any(old and not old.in_cache and not old.oid.isdir for old in replaced)
    try:
        if not only_here:
            checkout(out.fs_path, out.fs, wanted, cache, old=present, state=repo.state, ignore=repo.dvcignore)
            out.set_exec()
        elif present.hash_info.isdir:
            for absent in change.added:
                path = out.fs.join(out.fs_path, *absent.new.key)
                checkout(path, out.fs, cache.get(absent.new.oid.value), cache, state=repo.state)
    except LinkError as error:
        cause = error.__cause__ or "neither a link nor a copy can be made there"
        raise InputError(f"{out.def_path}: expected to write it to the workspace, got: {cause}") from None
    finally:
        _remove_unfinished(out)
    return not only_here


def _remove_unfinished(out: Output) -> None:
    """Remove what DVC had begun to write in an output or beside it; nobody else gives such names."""
    path = Path(out.fs_path)
    for unfinished in [*path.parent.glob(".*.tmp"), *path.rglob(".*.tmp")]:
        if UNFINISHED.fullmatch(unfinished.name):
            unfinished.unlink(missing_ok=True)
