"""One run for each state, however many mirrors write to a server at once.

MLflow makes as many runs as it is asked for. So a mirror that finds no run of a state makes one that is still running
(its claim), and looks again: of several runs of one state a finished one stays, else the one with the lowest id, and
the writers of the others delete theirs. They look once more when they have finished. Claims of dead writers are
deleted.
"""

import os
import socket
import time
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

KIND, DIGEST, WRITER = "credit.kind", "credit.digest", "credit.writer"
PAGE = 1000
LONGEST = 3600  # seconds that a writer may take for one state
SAME_START = 3  # seconds by which what the system says of one start differs from time to time
GONE = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")  # of what another mirror has deleted


@cache
def this_process() -> str:
    """Name this process by host, number and when it started."""
    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"


def writer() -> str:
    """Name this process and the time."""
    return f"{this_process()} {time.time():.0f}"


def is_of_this_process(name: str) -> bool:
    """Whether this process has a writer's name."""
    return name.rsplit(" ", 1)[0] == this_process()


def has_ended(name: str) -> bool:
    """Whether a writer will not finish: it is of this host and has ended, or it began an hour ago, or has no name."""
    if not name:
        return True
    host, process, started, claimed = name.rsplit(" ", 3)
    if time.time() - int(claimed) > LONGEST:
        return True
    return host == socket.gethostname() and not is_alive(int(process), int(started))


def is_alive(process: int, started: int) -> bool:
    """Whether a process that started then (seconds since 1970, about) is still at work."""
    try:
        found = psutil.Process(process)
        return abs(found.create_time() - started) < SAME_START and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_mine(run: "Run") -> bool:
    """Whether this process writes a run."""
    return is_of_this_process(run.data.tags.get(WRITER, ""))


def is_abandoned(run: "Run") -> bool:
    """Whether nobody will finish a run."""
    return run.info.status != "FINISHED" and has_ended(run.data.tags.get(WRITER, ""))


def runs_of(client: "MlflowClient", experiment: str, condition: str) -> list["Run"]:
    """Find all runs that meet a condition, however many."""
    found, token = [], None
    while True:
        page = client.search_runs([experiment], condition, max_results=PAGE, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def mirrored(client: "MlflowClient", experiment: str) -> dict[str, list["Run"]]:
    """Digest -> the runs of that state."""
    runs: dict[str, list[Run]] = {}
    for run in runs_of(client, experiment, f"tags.`{KIND}` = 'revision'"):
        runs.setdefault(run.data.tags.get(DIGEST, ""), []).append(run)
    return runs


def settle(client: "MlflowClient", experiment: str, runs: Sequence["Run"]) -> "Run | None":
    """Leave one run of a state, deleting abandoned ones, this process's and finished ones beside it; return it."""
    for run in (abandoned := list(filter(is_abandoned, runs))):
        delete(client, experiment, run)
    alive = [run for run in runs if run not in abandoned]
    if not alive:
        return None
    kept = min(alive, key=lambda run: (run.info.status != "FINISHED", run.info.run_id))
    for run in alive:
        if run is not kept and (is_mine(run) or run.info.status == "FINISHED"):
            delete(client, experiment, run)
    return kept


def settled(client: "MlflowClient", experiment: str, digest: str) -> "Run | None":
    """Look which runs of a state there are now, and leave one."""
    condition = f"tags.`{KIND}` = 'revision' and tags.`{DIGEST}` = '{digest}'"
    return settle(client, experiment, runs_of(client, experiment, condition))


def children(client: "MlflowClient", experiment: str, run_id: str) -> list["Run"]:
    """List the runs under a run."""
    return runs_of(client, experiment, f"tags.`mlflow.parentRunId` = '{run_id}'")


def delete(client: "MlflowClient", experiment: str, run: "Run") -> None:
    """Delete a run and those under it, unless another mirror has just done so."""
    from mlflow.exceptions import MlflowException

    for each in [*children(client, experiment, run.info.run_id), run]:
        try:
            client.delete_run(each.info.run_id)
        except MlflowException as error:
            if error.error_code not in GONE:
                raise
