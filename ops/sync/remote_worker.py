"""The process of a remote call: `python -m ops.sync.remote_worker`, the request as JSON on standard input.

It works on DVC's own object stores, so that everything lies where `dvc push` and `dvc pull` look for it, but asks for
every object: DVC takes the files of a directory for present where the directory's list is.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from dvc.repo import Repo
from dvc_data.hashfile.db import HashFileDB

from ops.sync.objects import Named
from ops.sync.report import say
from ops.sync.stores import AT_ONCE, GONE, MISSING, Faults, expand, faults_of, inspect, listed

SAME_NAME = 20  # Google Drive keeps several files of one name


def fetch(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Bring what the cache lacks; an object stays in the cache only if its content has its hash."""
    faults: Faults = {}
    for _ in range(2):  # the files of a directory are known only when its list has come
        lacking = [item for item in expand(objects, [cache])[0] if not cache.exists(item.oid)]
        present = listed(remote, lacking)
        faults |= {item.oid: MISSING for item in lacking if item.oid not in present}
        coming = [oid for oid in present if oid not in faults]
        faults |= _copy(remote, cache, coming, verify=True)
        faults |= {oid: "arrived damaged" for oid in coming if oid not in faults and not cache.exists(oid)}
    return {"failed": faults}


def push(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Upload what the remote lacks; a directory one of whose files is not there counts as failed too."""
    every, directories = expand(objects, [cache, remote])
    present = listed(remote, every)
    return _upload(cache, remote, [item for item in every if item.oid not in present], directories)


def heal(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Replace objects on the remote by those of the cache, as far as these are intact."""
    return _upload(cache, remote, objects, expand(objects, [cache])[1], replace=True)


def verify(cache: HashFileDB, remote: HashFileDB, objects: Sequence[Named]) -> dict:
    """Read every object on the remote, and the files of every directory; says what is wrong with which."""
    every, faults = inspect(remote, objects, other=cache)
    return {"failed": faults, "objects": every}


ACTIONS: dict[str, Callable[..., dict]] = {action.__name__: action for action in (fetch, push, heal, verify)}


def _upload(
    cache: HashFileDB,
    remote: HashFileDB,
    wanted: Sequence[Named],
    directories: dict[str, list[Named]],
    *,
    replace: bool = False,
) -> dict:
    """Upload what is intact in the cache: files first, and the list of a directory when all of its files are there."""
    faults = {
        oid: GONE if fault == MISSING else f"damaged in the cache ({fault}), see `python -m ops.sync verify --heal`"
        for oid, fault in faults_of(cache, wanted).items()
    }
    if replace:
        _remove(remote, [item.oid for item in wanted if item.oid not in faults])
    for are_lists in (False, True):
        ready = [item.oid for item in wanted if item.is_directory == are_lists and item.oid not in faults]
        faults |= _copy(cache, remote, ready, verify=False)
        faults |= {
            oid: f"{lost[0].path}: {faults[lost[0].oid]}"
            for oid, files in directories.items()
            if (lost := [file for file in files if file.oid in faults])
        }
    return {"failed": faults, "uploaded": sum(item.oid not in faults for item in wanted)}


def _remove(remote: HashFileDB, oids: Sequence[str]) -> None:
    for path in map(remote.oid_to_path, oids):
        for _ in range(SAME_NAME):
            if remote.fs.exists(path):
                remote.fs.remove(path)


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


def main() -> None:
    """Do what is asked and write the answer to standard output, alone: libraries print there too."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    signal.alarm(request["timeout"] + 1)  # ends this process even if the one that waits for it was killed
    try:
        with Repo() as repo:
            remote = repo.cloud.get_remote_odb(request["remote"])
            objects = [Named(*item) for item in request["objects"]]
            result = {"reason": None, **ACTIONS[request["action"]](repo.cache.local, remote, objects)}
    except Exception as error:  # whatever a remote's library raises is the reason why the call failed
        result = {"reason": say(error)}
    json.dump(result, answer)
    answer.close()
    os._exit(0)  # the answer is given: threads of the libraries shall not hold the process


if __name__ == "__main__":
    main()
