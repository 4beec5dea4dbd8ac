"""What a store of DVC's really holds, the cache or a remote: objects are read, whatever DVC has noted about them."""

from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dvc_data.hashfile.db import HashFileDB
from dvc_data.hashfile.db.local import LocalHashFileDB
from dvc_data.hashfile.hash import HashStreamFile
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.transfer import find_tree_by_obj_id
from dvc_objects.fs.utils import remove

from ops.shared.signals import held
from ops.sync.objects import Named
from ops.sync.report import say

Faults = dict[str, str]  # by object: what is wrong with it

AT_ONCE = 8
PIECE = 2**20  # bytes
MISSING, WRONG_SIZE, WRONG_HASH, UNREADABLE = "missing", "wrong size", "wrong hash", "unreadable"
GONE = "neither on the remote nor in the cache"


def expand(objects: Iterable[Named], stores: Sequence[HashFileDB]) -> tuple[list[Named], dict[str, list[Named]]]:
    """Add to the objects the files of every directory among them.

    Returns
    -------
    The objects and the files; and for each directory whose list is in one of `stores`, its files.
    """
    objects = list(objects)
    lists = {item.oid: _files(item, stores) for item in objects if item.is_directory}
    directories = {oid: files for oid, files in lists.items() if files is not None}
    every = [*(file for files in directories.values() for file in files), *objects]
    return list({item.oid: item for item in every}.values()), directories


def _files(directory: Named, stores: Sequence[HashFileDB]) -> list[Named] | None:
    """List the files of a directory from the first store that has a list of them; None if there is none."""
    having = (store for store in stores if store.exists(directory.oid))  # not a folder in its place
    tree = find_tree_by_obj_id(having, HashInfo("md5", directory.oid))
    return None if tree is None else [Named(info.value, "/".join((directory.path, *key))) for key, _, info in tree]


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


def inspect(
    store: HashFileDB, objects: Sequence[Named], *, other: HashFileDB | None = None, intact: Container[str] = ()
) -> tuple[list[Named], Faults]:
    """Read objects and the files of the directories among them, except those that are known to be intact.

    Returns
    -------
    The objects and the files, as far as they could be listed (a list at fault is taken from `other`); and what is
    wrong with which.
    """
    faults = faults_of(store, [item for item in objects if item.oid not in intact])
    every, _ = expand([item for item in objects if item.oid not in faults], [store])
    if other is not None:
        every += expand([item for item in objects if item.oid in faults], [other])[0]
    seen = {item.oid for item in objects}
    files = list({item.oid: item for item in every if item.oid not in seen}.values())
    return [*objects, *files], faults | faults_of(store, [item for item in files if item.oid not in intact])


def _fault(store: HashFileDB, item: Named) -> str | None:
    """Compare the size and the hash of what is read, piece by piece, with what they should be."""
    try:
        with store.fs.open(store.oid_to_path(item.oid), "rb") as content:
            stream = HashStreamFile(content)
            while stream.read(PIECE):
                pass
    except FileNotFoundError:
        return MISSING
    except IsADirectoryError:
        return f"{WRONG_HASH}: it is a folder"
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
    moved = []
    try:
        for oid in oids:
            path = Path(cache.oid_to_path(oid))
            aside = path.with_name(f"{path.name}.aside")
            if path.exists():
                remove(aside)
                moved.append((path, aside))
                path.rename(aside)
        yield
    finally:
        with held():
            for path, aside in moved:
                if path.exists():
                    remove(aside)
                else:
                    aside.rename(path)
