"""The objects that dvc.lock and the *.dvc files name."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from dvc.output import Output
from dvc.repo import Repo


class Named(NamedTuple):
    """An object by its MD5 (of the list of its files with ".dir" behind it, if a directory), path and size."""

    oid: str
    path: str
    size: int | None = None

    @property
    def is_directory(self) -> bool:
        return self.oid.endswith(".dir")


@contextmanager
def repository() -> Iterator[Repo]:
    """Open DVC's repository, and make its index: SQLite does not wait where two remote calls would at once (WAL)."""
    with Repo() as repo:
        repo.data_index.commit()
        yield repo


def cached_outputs(repo: Repo) -> list[Output]:
    """List the outputs that belong into DVC's cache and onto remotes, as the index of `repo` has them.

    Left out: what Git keeps (`cache: false`), what stays local (`push: false`), what another repository keeps
    (`dvc import`), and outputs that were not made yet.
    """
    return [
        out
        for out in repo.index.outs
        if out.use_cache and out.can_push and out.is_in_repo and out.hash_info and not out.stage.is_repo_import
    ]


def named(outputs: Iterable[Output]) -> list[Named]:
    """Name the object of each output; the files of a directory come with `stores.expand`."""
    return [Named(out.hash_info.value, out.def_path, None if out.hash_info.isdir else out.meta.size) for out in outputs]
