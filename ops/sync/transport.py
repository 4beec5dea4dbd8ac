"""The child process of a remote call: `python -m ops.sync.transport`, the request as JSON on standard input.

It works on DVC's own object stores, so that everything lies where `dvc push` and `dvc pull` look for it, but asks for
every object: DVC takes the files of a directory for present where the directory's list is.
"""

import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ops.sync.cache import lacking
from ops.sync.content import AT_ONCE, MISSING, Faults, faults_of, listed, unfit
from ops.sync.objects import Named, whole
from ops.sync.report import say

if TYPE_CHECKING:
    from dvc.repo import Repo
    from dvc_data.hashfile.db import HashFileDB

SAME_NAME = 20  # Google Drive keeps several files of one name


def fetch(repo: "Repo", remote: "HashFileDB", objects: Sequence[Named]) -> dict:
    """Bring what the cache lacks; an object stays in the cache only if its content has its hash."""
    cache, faults, brought = repo.cache.local, {}, []
    for _ in range(2):  # the files of a directory are known only when its list has come
        wanted = [item for item in lacking(cache, objects) if item.oid not in faults]
        present = listed(remote, wanted)
        faults |= {item.oid: MISSING for item in wanted if item.oid not in present}
        coming = [item.oid for item in wanted if item.oid in present]
        failed = _copy(remote, cache, coming, verify=True)
        arrived = cache.oids_exist(coming)
        faults |= {oid: failed.get(oid, "arrived damaged") for oid in coming if oid not in arrived}
        brought += arrived
    return {"failed": faults, "brought": brought}


def push(repo: "Repo", remote: "HashFileDB", objects: Sequence[Named]) -> dict:
    """Upload what the remote lacks; a directory one of whose files is not there counts as failed too."""
    cache = repo.cache.local
    every, files = whole(objects, [cache, remote])
    present = listed(remote, every)
    wanted = [item for item in every if item.oid not in present]
    faults = _upload(cache, remote, wanted, files)
    return {"failed": faults | _incomplete(files, faults), "uploaded": len(wanted) - len(faults)}


def verify(repo: "Repo", remote: "HashFileDB", objects: Sequence[Named]) -> dict:
    """Read every object on the remote, and the files of every directory; says what is wrong with which."""
    faults = faults_of(remote, objects)
    intact = [item for item in objects if item.oid not in faults]
    every = [*whole(objects, [repo.cache.local])[0], *whole(intact, [remote])[0]]
    files = [_sized(repo.cache.local, item) for item in {item.oid: item for item in every}.values()]
    files = [item for item in files if item not in objects]
    return {"failed": faults | faults_of(remote, files), "objects": [*objects, *files]}


def heal(repo: "Repo", remote: "HashFileDB", objects: Sequence[Named]) -> dict:
    """Replace objects on the remote by those of the cache, and read them back."""
    cache = repo.cache.local
    faults = unfit(cache, objects)
    sound = [item for item in objects if item.oid not in faults]
    for item in sound:
        _remove(remote, item.oid)
    faults |= _upload(cache, remote, sound, whole(sound, [cache])[1])
    return {"failed": faults | faults_of(remote, [item for item in sound if item.oid not in faults])}


def _sized(cache: "HashFileDB", item: Named) -> Named:
    """Add the size that the object has in the cache, if need be: the list of a directory does not tell it."""
    if item.size is not None or item.is_directory or not cache.exists(item.oid):
        return item
    return item._replace(size=cache.fs.size(cache.oid_to_path(item.oid)))


def _upload(
    cache: "HashFileDB", remote: "HashFileDB", wanted: Sequence[Named], files: dict[str, list[Named]]
) -> Faults:
    """Upload files first, and the list of a directory only when all of its files are there."""
    faults = unfit(cache, wanted)
    faults |= _send(cache, remote, [item.oid for item in wanted if not item.is_directory and item.oid not in faults])
    faults |= {item.oid: reason for item in wanted if (reason := _incomplete(files, faults).get(item.oid))}
    return faults | _send(cache, remote, [item.oid for item in wanted if item.is_directory and item.oid not in faults])


def _incomplete(files: dict[str, list[Named]], faults: Faults) -> Faults:
    """Find the directories one of whose files is at fault."""
    bad = {oid: [file for file in content if file.oid in faults] for oid, content in files.items()}
    return {oid: f"{at_fault[0].path}: {faults[at_fault[0].oid]}" for oid, at_fault in bad.items() if at_fault}


def _send(cache: "HashFileDB", remote: "HashFileDB", oids: Sequence[str]) -> Faults:
    """Upload objects; one that arrived at another length is removed again."""
    faults = _copy(cache, remote, oids, verify=False)
    sent = [oid for oid in oids if oid not in faults]
    infos = remote.fs.info([remote.oid_to_path(oid) for oid in sent], return_exceptions=True) if sent else []
    for oid, info in zip(sent, infos, strict=True):
        expected = cache.fs.size(cache.oid_to_path(oid))
        if isinstance(info, Exception):
            faults[oid] = say(info)
        elif info["size"] != expected:
            _remove(remote, oid)
            faults[oid] = f"expected {expected} bytes on the remote, got {info['size']}"
    return faults


def _copy(source: "HashFileDB", target: "HashFileDB", oids: Sequence[str], *, verify: bool) -> Faults:
    """Copy objects, each by itself, so that one that fails leaves nothing half-done and does not stop the others.

    When as many as are copied at once have failed one after the other, the rest is not tried.
    """

    def copy(oid: str) -> str | None:
        try:
            target.add(source.oid_to_path(oid), source.fs, oid, check_exists=False, verify=verify)
        except Exception as error:  # each store has errors of its own
            return say(error)
        return None

    faults: Faults = {}
    before = _unfinished(target, oids)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for start in range(0, len(oids), AT_ONCE):
            batch = oids[start : start + AT_ONCE]
            reasons = dict(zip(batch, threads.map(copy, batch), strict=True))
            faults |= {oid: reason for oid, reason in reasons.items() if reason}
            if len(batch) == AT_ONCE and all(reasons.values()):
                faults |= dict.fromkeys(oids[start + AT_ONCE :], reasons[batch[-1]])
                break
    for path in _unfinished(target, faults) - before:
        path.unlink(missing_ok=True)
    return faults


def _unfinished(target: "HashFileDB", oids: Iterable[str]) -> set[Path]:
    """List the temporary files beside objects in a local folder; DVC leaves them there when the disk is full."""
    if target.fs.protocol != "local":
        return set()
    return {path for oid in oids for path in Path(target.oid_to_path(oid)).parent.glob(".*.tmp")}


def _remove(remote: "HashFileDB", oid: str) -> None:
    path = remote.oid_to_path(oid)
    for _ in range(SAME_NAME):
        if not remote.fs.exists(path):
            return
        remote.fs.remove(path)


ACTIONS: dict[str, Callable[..., dict]] = {action.__name__: action for action in (fetch, push, verify, heal)}


def make_index(repo: "Repo") -> None:
    """Make DVC's index of the data, one process at a time: SQLite does not wait where two make one database (WAL)."""
    with Path(repo.tmp_dir, "sync-index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        repo.data_index.commit()


def main() -> None:
    """Do what is asked and write the answer to standard output, alone: libraries print there too."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asked = json.load(sys.stdin)
    signal.alarm(asked["timeout"] + 1)  # ends this process even if the one that waits for it was killed
    try:
        from dvc.repo import Repo

        with Repo() as repo:
            make_index(repo)
            remote = repo.cloud.get_remote_odb(asked["remote"])
            objects = [Named(*item) for item in asked["objects"]]
            result = {"reason": None, **ACTIONS[asked["action"]](repo, remote, objects)}
    except Exception as error:  # whatever a remote's library raises is the reason why the call failed
        result = {"reason": say(error)}
    json.dump(result, answer)
    answer.close()
    os._exit(0)  # the answer is given: threads of the libraries shall not hold the process


if __name__ == "__main__":
    main()
