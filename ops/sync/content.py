"""What a store of DVC's really holds: every object is read, whatever DVC has noted about it."""

from collections.abc import Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ops.sync.objects import Named, whole
from ops.sync.report import say

if TYPE_CHECKING:
    from dvc_data.hashfile.db import HashFileDB

Faults = dict[str, str]  # by object: what is wrong with it

AT_ONCE = 8
PIECE = 2**20  # bytes
MISSING, WRONG_SIZE, WRONG_HASH, UNREADABLE = "missing", "wrong size", "wrong hash", "unreadable"
GONE = "neither on the remote nor in the cache"


def listed(remote: "HashFileDB", objects: Iterable[Named]) -> set[str]:
    """Ask a remote which of the objects it has, of whatever size and content."""
    from dvc_data.hashfile.db.local import LocalHashFileDB

    oids = [item.oid for item in objects]
    if not oids:
        return set()
    # A local folder's `oids_exist` deletes what it finds damaged.
    return set(remote.list_oids_exists(oids) if isinstance(remote, LocalHashFileDB) else remote.oids_exist(oids))


def faults_of(store: "HashFileDB", objects: Iterable[Named]) -> Faults:
    """Read objects, several at once, and say what is wrong with which."""
    objects = list(objects)
    present = listed(store, objects)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(lambda item: _fault(store, item) if item.oid in present else MISSING, objects)
        return {item.oid: fault for item, fault in zip(objects, found, strict=True) if fault}


def faults_within(
    store: "HashFileDB", objects: Iterable[Named], known: Container[str] = ()
) -> tuple[list[Named], Faults]:
    """Read objects and the files of the directories among them, except those that are known to be intact.

    Returns
    -------
    The objects and the files, as far as they could be listed; and what is wrong with which.
    """
    objects = list(objects)
    faults = faults_of(store, [item for item in objects if item.oid not in known])
    every, _ = whole([item for item in objects if item.oid not in faults], [store])
    named = {item.oid for item in objects}
    files = [item for item in every if item.oid not in named]
    return objects + files, faults | faults_of(store, [item for item in files if item.oid not in known])


def unfit(cache: "HashFileDB", objects: Iterable[Named]) -> Faults:
    """Say which objects the cache cannot give, and why not; trusts no mark of DVC's."""
    return {
        oid: GONE if fault == MISSING else f"damaged in the cache ({fault}), see `python -m ops.sync verify --heal`"
        for oid, fault in faults_of(cache, objects).items()
    }


def _fault(store: "HashFileDB", item: Named) -> str | None:
    """Compare the size and the hash of what is read, piece by piece, with what they should be."""
    from dvc_data.hashfile.hash import HashStreamFile

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
