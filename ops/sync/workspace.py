"""Outputs between the workspace and the cache, without losing what is only in the workspace."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ops.sync.objects import lacking, named

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc_data.hashfile.obj import HashFile


def keep_in_cache(repo: "Repo", outputs: "Iterable[Output]") -> None:
    """Copy to the cache the outputs that it lacks and that lie in the workspace as dvc.lock names them."""
    from dvc_data.hashfile.build import build
    from dvc_data.hashfile.transfer import transfer

    cache = repo.cache.local
    for out in outputs:
        if lacking(cache, named([out])) and _matches(found := _in_workspace(repo, out), out):
            staging, _, _ = build(cache, out.fs_path, out.fs, "md5", ignore=repo.dvcignore)
            transfer(staging, cache, {found.hash_info}, shallow=False)


def check_out(repo: "Repo", outputs: "Iterable[Output]") -> tuple[list[str], list[str]]:
    """Bring the outputs to the workspace that are missing there or are of another dvc.lock.

    Returns
    -------
    The paths that were brought; and those that were left alone, because what lies there is in no cache.
    """
    from dvc_data.hashfile import load
    from dvc_data.hashfile.checkout import checkout

    cache = repo.cache.local
    brought, kept = [], []
    with repo.lock:
        for out in outputs:
            found = _in_workspace(repo, out)
            if _matches(found, out):
                continue
            wanted = load(cache, out.hash_info)
            if _only_here(found, wanted, repo):
                kept.append(out.def_path)
                continue
            checkout(out.fs_path, out.fs, wanted, cache, old=found, state=repo.state, ignore=repo.dvcignore)
            out.set_exec()
            brought.append(out.def_path)
    return brought, kept


def _in_workspace(repo: "Repo", out: "Output") -> "HashFile | None":
    """Hash what lies at an output's path; DVC knows the hashes of files that were not touched."""
    from dvc_data.hashfile.build import build

    if not out.exists:
        return None
    return build(repo.cache.local, out.fs_path, out.fs, "md5", ignore=repo.dvcignore, dry_run=True)[2]


def _matches(found: "HashFile | None", out: "Output") -> bool:
    return found is not None and found.hash_info == out.hash_info


def _only_here(found: "HashFile | None", wanted: "HashFile", repo: "Repo") -> bool:
    """Tell whether replacing `found` would lose a file that the cache does not hold."""
    from dvc_data.hashfile.diff import diff

    change = diff(found, wanted, repo.cache.local)
    replaced = [entry.old for entry in (*change.modified, *change.deleted)]
    return any(old and not old.in_cache and not old.oid.isdir for old in replaced)
