"""The objects that dvc.lock and the *.dvc files name, and which of them a store of DVC's holds."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from credit.core.errors import InputError

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc_data.hashfile.db import HashFileDB

DIRECTORY = ".dir"


class Named(NamedTuple):
    """An object by its MD5 (of the list of its files with ".dir" behind it, if a directory), size and path."""

    oid: str
    path: str
    size: int | None = None

    @property
    def is_directory(self) -> bool:
        return self.oid.endswith(DIRECTORY)


def cached_outputs(repo: "Repo") -> "list[Output]":
    """List the outputs that belong into DVC's cache and onto remotes, as the index of `repo` has them.

    Left out: what Git keeps (`cache: false`), what stays local (`push: false`), what another repository keeps
    (`dvc import`), and outputs that were not made yet.
    """
    outputs = [
        out
        for out in repo.index.outs
        if out.use_cache and out.can_push and out.is_in_repo and out.hash_info and not out.stage.is_repo_import
    ]
    for out in outputs:
        if out.hash_info.name != "md5":
            raise InputError(
                f"{out}: expected an md5 entry, got {out.hash_info.name}, from before DVC 3; `dvc cache migrate`"
            )
    return outputs


def named(outputs: "Iterable[Output]") -> list[Named]:
    """Name the object of each output; the files of a directory come with `whole`."""
    return [Named(out.hash_info.value, out.def_path, None if out.hash_info.isdir else out.meta.size) for out in outputs]


def whole(objects: Iterable[Named], stores: "Sequence[HashFileDB]") -> tuple[list[Named], dict[str, list[Named]]]:
    """Add to the objects the files of every directory among them.

    Returns
    -------
    The objects and the files; and for each directory that one of `stores` could tell, its files.
    """
    files = {item.oid: found for item in objects if item.is_directory and (found := _files(item, stores)) is not None}
    every = [*objects, *(file for found in files.values() for file in found)]
    return list({item.oid: item for item in reversed(every)}.values())[::-1], files


def _files(directory: Named, stores: "Sequence[HashFileDB]") -> list[Named] | None:
    """List the files of a directory from the first store that has a list of them; None if there is none."""
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree
    from dvc_objects.errors import ObjectFormatError

    for store in stores:
        try:
            tree = Tree.load(store, HashInfo("md5", directory.oid))
        except (FileNotFoundError, IsADirectoryError, ObjectFormatError):
            continue
        return [Named(info.value, "/".join((directory.path, *key))) for key, _, info in tree]
    return None
