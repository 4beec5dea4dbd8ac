"""The objects that dvc.lock and the *.dvc files name, and what a store of DVC's, the cache or a remote, holds of them.

Objects are read, whatever DVC has noted about them.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from dvc.output import Output
from dvc.repo import Repo
from dvc_data.hashfile.db import HashFileDB
from dvc_data.hashfile.db.local import LocalHashFileDB
from dvc_data.hashfile.hash import HashStreamFile
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.transfer import find_tree_by_obj_id

from ops.shared.signals import held
from ops.sync.report import say

AT_ONCE = 8
PIECE = 2**20  # bytes
KINDS = MISSING, WRONG_SIZE, WRONG_HASH, UNREADABLE = "missing", "wrong size", "wrong hash", "unreadable"


class Named(NamedTuple):
    """An object by its MD5 (of the list of its files with ".dir" behind it, if a directory), path and size."""

    oid: str
    path: str
    size: int | None = None

    @property
    def is_directory(self) -> bool:
        return self.oid.endswith(".dir")


Faults = dict[str, str]  # by object: what is wrong with it
Directories = dict[str, list[Named]]  # by the object of a directory's list: its files


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
    """Name the object of each output; the files of a directory come with `expand`."""
    return [Named(out.hash_info.value, out.def_path, None if out.hash_info.isdir else out.meta.size) for out in outputs]


def expand(objects: Iterable[Named], *stores: HashFileDB) -> tuple[list[Named], Directories]:
    """Add to the objects the files of every directory whose list is in one of the stores; give these apart as well."""
    objects = list(objects)
    directories = {}
    for item in objects:
        tree = find_tree_by_obj_id(stores, HashInfo("md5", item.oid)) if item.is_directory else None
        if tree is not None:
            directories[item.oid] = [Named(info.value, "/".join((item.path, *key))) for key, _, info in tree]
    every = [*(file for files in directories.values() for file in files), *objects]
    return list({item.oid: item for item in every}.values()), directories


def lacking(cache: HashFileDB, objects: Iterable[Named]) -> list[Named]:
    """List what the cache does not have, right or wrong, of objects and of the files that are known of directories."""
    return [item for item in expand(objects, cache)[0] if not cache.exists(item.oid)]


def listed(store: HashFileDB, objects: Iterable[Named]) -> set[str]:
    """Ask a store which of the objects it has, of whatever size and content."""
    oids = [item.oid for item in objects]
    if not oids:
        return set()
    # A local folder's `oids_exist` deletes what it finds damaged.
    return set(store.list_oids_exists(oids) if isinstance(store, LocalHashFileDB) else store.oids_exist(oids))


def faults_of(store: HashFileDB, objects: Iterable[Named]) -> Faults:
    """Read objects, several at once, and say what is wrong with which."""
    objects = list(objects)
    present = listed(store, objects)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        faults = threads.map(lambda item: _fault(store, item) if item.oid in present else MISSING, objects)
        return {item.oid: fault for item, fault in zip(objects, faults, strict=True) if fault}


def inspect(store: HashFileDB, objects: Sequence[Named], *others: HashFileDB) -> tuple[list[Named], Faults]:
    """Read objects and the files of the directories among them; give all of these, and what is wrong with which.

    Where the list of a directory is at fault, that of another store says which files there should be.
    """
    faults = faults_of(store, objects)
    of_right, _ = expand([item for item in objects if item.oid not in faults], store)
    of_faulty, _ = expand([item for item in objects if item.oid in faults], *others)
    every = {item.oid: item for item in (*of_right, *of_faulty, *objects)}
    files = every.keys() - {item.oid for item in objects}
    return list(every.values()), faults | faults_of(store, [every[oid] for oid in files])


def _fault(store: HashFileDB, item: Named) -> str | None:
    """Compare the size and the hash of what is read, piece by piece, with what they should be."""
    try:
        with store.fs.open(store.oid_to_path(item.oid), "rb") as content:
            stream = HashStreamFile(content)
            while stream.read(PIECE):
                pass
    except FileNotFoundError:
        return MISSING
    except Exception as error:  # each store has errors of its own, and one object's must not hide the others'
        return f"{UNREADABLE}: {say(error)}"
    if item.size is not None and stream.total_read != item.size:
        return f"{WRONG_SIZE}: expected {item.size} bytes, got {stream.total_read}"
    if stream.hash_value != item.oid.split(".")[0]:
        return f"{WRONG_HASH}: got {stream.hash_value}"
    return None


@contextmanager
def set_aside(cache: HashFileDB, oids: Iterable[str]) -> Iterator[None]:
    """Move objects out of the way for the block; one in whose place nothing has come is put back at its end."""
    places = [Path(cache.oid_to_path(oid)) for oid in oids]
    moved = [(place, place.with_name(f"{place.name}.aside")) for place in places if place.exists()]
    try:
        for place, aside in moved:
            place.rename(aside)
        yield
    finally:
        with held():
            for place, aside in moved:
                if place.exists():
                    aside.unlink(missing_ok=True)
                elif aside.exists():
                    aside.rename(place)
