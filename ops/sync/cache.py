"""DVC's cache: what it lacks, what killed programs have left in it, and the replacement of what is damaged."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ops.shared.signals import held
from ops.sync.objects import Named, whole

if TYPE_CHECKING:
    from dvc_data.hashfile.db import HashFileDB

UNFINISHED = re.compile(r"\.[\w-]{22}\.tmp")  # DVC's name for a file that it is writing (`tmp_fname`)
SECONDS_OF_A_DAY = 86_400


def lacking(cache: "HashFileDB", objects: Iterable[Named]) -> list[Named]:
    """List which of the objects, and of the files of directories among them, the cache does not hold.

    DVC marks what it has checked as read-only; what is not marked is read here, and removed if it is damaged. What
    was damaged after that is found by `content.faults_within` only.
    """
    every, _ = whole(objects, [cache])
    files = [item.oid for item in every if cache.exists(item.oid)]  # DVC itself stops at a folder in place of a file
    held_undamaged = set(cache.oids_exist(files))
    return [item for item in every if item.oid not in held_undamaged]


@contextmanager
def set_aside(cache: "HashFileDB", oids: Iterable[str]) -> Iterator[None]:
    """Move objects out of the way for the block; one in whose place nothing has come is put back at its end."""
    from dvc_objects.fs.utils import remove

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


def sweep(cache: "HashFileDB") -> None:
    """Remove what killed programs were writing to the cache, once it is a day old: what is younger may be alive."""
    root = Path(cache.path)
    for path in (*root.glob(".*.tmp"), *root.glob("??/.*.tmp")):
        with suppress(FileNotFoundError):  # another program has finished or swept it
            if UNFINISHED.fullmatch(path.name) and time.time() - path.stat().st_mtime > SECONDS_OF_A_DAY:
                path.unlink()
