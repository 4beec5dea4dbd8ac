"""Folders that stages depend on: dvc.lock has one digest for all files of one, here it is taken apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from credit.core.errors import InputError
from ops.history.lock import SUFFIX, md5_of
from ops.history.revisions import LOCK, read_blobs
from ops.shared.git import git, lines, text_of


class Folder(NamedTuple):
    """A folder as DVC sees it: its digest, and path -> MD5 of each file, as `.dvcignore` leaves them."""

    digest: str
    files: dict[str, str]


def read_folder(root: Path, path: str) -> Folder:
    """Hash a folder of the repository at `root`, by DVC itself."""
    from dvc.fs import localfs
    from dvc.ignore import DvcIgnoreFilter
    from dvc_data.hashfile.build import build
    from dvc_data.hashfile.db import HashFileDB

    top = str(root.resolve())
    ignore = DvcIgnoreFilter(localfs, top)
    _, _, tree = build(HashFileDB(localfs, top), f"{top}/{path}", localfs, "md5", ignore=ignore, dry_run=True)
    return Folder(tree.oid, {"/".join((path, *key)): digest.value for key, (_, digest) in tree.iteritems()})


def read_sources(root: Path, sources: Mapping[str, str]) -> dict[str, str]:
    """Path -> MD5 here of the sources that dvc.lock names; of a folder that is as it says, of every file.

    Parameters
    ----------
    sources : path -> digest in dvc.lock. What is not here is left out.
    """
    here: dict[str, str] = {}
    for path, digest in sources.items():
        if (root / path).is_file():
            here[path] = md5_of((root / path).read_bytes())
        elif digest.endswith(SUFFIX) and (root / path).is_dir():
            folder = read_folder(root, path)
            here |= folder.files if folder.digest == digest else {path: folder.digest}
    return here


def changed_files(root: Path, path: str) -> list[str]:
    """Name the files of a folder that are not as in the commit that brought this dvc.lock; the folder if there is none.

    Such a commit has the files with which the graph ran, as far as a run is committed with its code.
    """
    commit = commit_of_lock(root)
    if commit is None:
        return [path]
    committed = _names(git(root, "ls-tree", "-r", "-z", "--name-only", commit, path))
    differing = _names(git(root, "diff", "-z", "--name-only", "--no-renames", "--relative", commit, "--", path))
    here = set(read_folder(root, path).files)
    changed = (here - committed) | {name for name in differing if name in here or not (root / name).exists()}
    return sorted(changed) or [path]


def commit_of_lock(root: Path) -> str | None:
    """Name the newest commit that changed dvc.lock to what it is here; None if there is none."""
    try:
        commits = lines(git(root, "rev-list", "--all", "--", LOCK))
    except InputError:  # no repository
        return None
    locks = read_blobs(root, [f"{commit}:./{LOCK}" for commit in commits])
    here = (root / LOCK).read_bytes()
    return next((commit for commit, lock in zip(commits, locks, strict=True) if lock == here), None)


def _names(printed: bytes) -> set[str]:
    """Split names that Git ends with NUL."""
    return set(filter(None, text_of(printed).split("\0")))
