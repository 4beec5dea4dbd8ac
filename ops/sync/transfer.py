"""What a remote call does: fetch, push, heal or verify objects.

It works on DVC's own object stores, so that everything lies where `dvc push` and `dvc pull` look for it, but asks for
every object: DVC takes the files of a directory for present where the directory's list is.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from dvc_data.hashfile.db import HashFileDB

from ops.sync.objects import AT_ONCE, MISSING, Directories, Faults, Named, expand, faults_of, inspect, lacking, listed
from ops.sync.report import say

GONE = "neither on the remote nor in the cache"
SAME_NAME = 20  # Google Drive keeps several files of one name


def fetch(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Bring what the cache lacks; an object stays in the cache only if its content has its hash."""
    faults: Faults = {}
    for _ in range(2):  # the files of a directory are known only when its list has come
        wanted = lacking(cache, objects)
        present = listed(remote, wanted)
        faults |= {item.oid: MISSING for item in wanted if item.oid not in present}
        coming = [oid for oid in present if oid not in faults]
        faults |= _copy(remote, cache, coming, verify=True)
        faults |= {oid: "arrived damaged" for oid in coming if oid not in faults and not cache.exists(oid)}
    return {"failed": faults}


def push(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Upload what the remote lacks; a directory one of whose files is not there counts as failed too."""
    every, directories = expand(objects, cache, remote)
    present = listed(remote, every)
    wanted = [item for item in every if item.oid not in present]
    return _upload(cache, remote, wanted, directories, _not_intact(cache, wanted))


def heal(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Replace objects on the remote by those of the cache, as far as these are intact."""
    faults = _not_intact(cache, objects)
    for path in [remote.oid_to_path(item.oid) for item in objects if item.oid not in faults]:
        for _ in range(SAME_NAME):
            if remote.fs.exists(path):
                remote.fs.remove(path)
    return _upload(cache, remote, objects, expand(objects, cache)[1], faults)


def verify(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Read every object on the remote, and the files of every directory; says what is wrong with which."""
    every, faults = inspect(remote, objects, cache)
    return {"failed": faults, "objects": every}


ACTIONS: dict[str, Callable[..., dict]] = {action.__name__: action for action in (fetch, push, heal, verify)}


def _not_intact(cache: HashFileDB, objects: Sequence[Named]) -> Faults:
    """Say which objects cannot be uploaded, and why."""
    return {
        oid: GONE if fault == MISSING else f"damaged in the cache ({fault}), see `python -m ops.sync verify --heal`"
        for oid, fault in faults_of(cache, objects).items()
    }


def _upload(
    cache: HashFileDB, remote: HashFileDB, wanted: Sequence[Named], directories: Directories, faults: Faults
) -> dict:
    """Upload files first, and the list of a directory when all of its files are there."""
    for are_lists in (False, True):
        ready = [item.oid for item in wanted if item.is_directory == are_lists and item.oid not in faults]
        faults |= _copy(cache, remote, ready, verify=False)
        for oid, files in directories.items():
            if lost := [file for file in files if file.oid in faults]:
                faults[oid] = f"{lost[0].path}: {faults[lost[0].oid]}"
    return {"failed": faults, "uploaded": sum(item.oid not in faults for item in wanted)}


def _copy(source: HashFileDB, target: HashFileDB, oids: Sequence[str], *, verify: bool) -> Faults:
    """Copy objects, each by itself, so that one that fails leaves nothing half-done and does not stop the others.

    When as many have failed as are copied at once, the rest is not tried: the remote is full, or gone.
    """
    reasons: list[str] = []

    def copy(oid: str) -> str | None:
        if len(reasons) < AT_ONCE:
            try:
                target.add(source.oid_to_path(oid), source.fs, oid, check_exists=False, verify=verify)
            except Exception as error:  # each store has errors of its own
                reasons.append(say(error))
            else:
                return None
        return reasons[-1]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return {oid: reason for oid, reason in zip(oids, threads.map(copy, oids), strict=True) if reason}
