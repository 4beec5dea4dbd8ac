"""One run for each state, however many mirrors write to a server at once.

MLflow makes as many runs as it is asked for. So a mirror that finds no run of a state makes one that is still running
(its lock), and looks again: of several runs of one state a finished one stays, else the one with the lowest id, and
the writers of the others delete theirs. They look once more when they have finished. Locks of dead writers are deleted.
"""

import socket
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import psutil

from ops.mirror.store import DIGEST, KIND, Store

if TYPE_CHECKING:
    from mlflow.entities import Run

WRITER = "credit.writer"
LONGEST = 3600  # seconds that a writer may take for one state
SAME_START = 3  # seconds by which what the system says of one start differs from time to time


@cache
def this_process() -> str:
    """Name this process by host, number and when it started."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.0f}"


def writer() -> str:
    """Name this process and the time."""
    return f"{this_process()} {time.time():.0f}"


def is_ours(tags: Mapping[str, str]) -> bool:
    """Whether this process wrote what has these tags."""
    return tags.get(WRITER, "").rsplit(" ", 1)[0] == this_process()


def has_ended(tags: Mapping[str, str]) -> bool:
    """Whether the writer will not finish: it is of this host and has ended, or began an hour ago, or has no name."""
    if not tags.get(WRITER):
        return True
    host, number, started, locked = tags[WRITER].rsplit(" ", 3)
    if time.time() - int(locked) > LONGEST:
        return True
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(number))
        same = abs(process.create_time() - int(started)) < SAME_START
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_disposable(tags: Mapping[str, str]) -> bool:
    """Whether this process may delete what has these tags: its own, and what dead writers left."""
    return is_ours(tags) or has_ended(tags)


def is_finished(run: "Run") -> bool:
    """Whether a run was written to its end."""
    return run.info.status == "FINISHED"


def resolve(store: Store, runs: Sequence["Run"], *, begins: bool = False) -> "Run | None":
    """Leave one run of a state, deleting abandoned ones, this process's and finished ones beside it; return it.

    A mirror that `begins` has abandoned what this process wrote before, in a mirror that failed.
    """
    is_abandoned = is_disposable if begins else has_ended
    alive = []
    for run in runs:
        if is_finished(run) or not is_abandoned(run.data.tags):
            alive.append(run)
        else:
            store.delete(run)
    kept = min(alive, key=lambda run: (not is_finished(run), run.info.run_id), default=None)
    for run in alive:
        if run is not kept and (is_ours(run.data.tags) or is_finished(run)):
            store.delete(run)
    return kept


def still_held(store: Store, run: "Run") -> "Run | None":
    """Look which runs of a state there are by now; gives this one if it stays."""
    condition = f"tags.`{KIND}` = 'revision' and tags.`{DIGEST}` = '{run.data.tags[DIGEST]}'"
    kept = resolve(store, store.runs(condition))
    return kept if kept is not None and kept.info.run_id == run.info.run_id else None
