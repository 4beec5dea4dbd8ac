"""One run for each state, whoever else writes."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from mlflow import MlflowClient

from ops.history.revisions import read_revisions
from ops.mirror import store as module
from ops.mirror.run_locks import LONGEST, WRITER, has_ended, is_ours, resolve, still_held, writer
from ops.mirror.store import DIGEST, KIND, PARENT, Store
from ops.shared.tracking import EXPERIMENT
from tests.ops.mirror.content import revisions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_models")]


@pytest.fixture
def store(client, small) -> Store:
    return Store(client, client.create_experiment(EXPERIMENT, (small.root / ".mlflow/artifacts").as_uri()))


@pytest.fixture
def lock(store, small):
    """Make a run as another mirror or this one would, of the repository's state or another; gives its id."""
    (revision,) = read_revisions(small.root)

    def make(name: str, finished: bool = False, digest: str = revision.digest) -> str:
        tags = {KIND: "revision", DIGEST: digest, WRITER: name, "mlflow.runName": "theirs"}
        run = store.client.create_run(store.experiment, tags=tags)
        if finished:
            store.client.set_terminated(run.info.run_id)
        return run.info.run_id

    return make


def named(process: int, started: float, *, host: str = socket.gethostname(), ago: int = 0) -> dict[str, str]:
    """Give the tags of a writer."""
    return {WRITER: f"{host} {process} {int(started)} {int(time.time()) - ago}"}


@pytest.fixture
def other():
    """Start another process, at work as a mirror would be; gives its tags."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield named(process.pid, psutil.Process(process.pid).create_time())
    process.kill()
    process.wait()


def left(store: Store) -> set[str]:
    """Name the runs that are left."""
    return {run.info.run_id for run in store.runs("")}


def kept(store: Store, begins: bool = False) -> str:
    """Resolve the runs of the one state; gives the id of the one that is kept."""
    (runs,) = store.states().values()
    return resolve(store, runs, begins=begins).info.run_id


def test_a_process_is_told_from_others_and_from_one_that_has_ended(other):
    for tags, ours, ended in [({WRITER: writer()}, True, False), (other, False, False), ({}, False, True)]:
        assert (is_ours(tags), has_ended(tags)) == (ours, ended)
    _, process, started, _ = other[WRITER].split()
    assert has_ended(named(int(process), int(started) - 1000))  # its number was given anew
    assert not has_ended(named(int(process), int(started) - 1))  # what the system says of one start may differ
    os.kill(int(process), signal.SIGKILL)  # and nobody has asked about it yet
    until = time.monotonic() + 10
    while not has_ended(other) and time.monotonic() < until:
        time.sleep(0.05)
    assert has_ended(other)


def test_of_another_host_nobody_knows_before_an_hour_and_of_no_process_at_once():
    assert not has_ended(named(1, 1, host="elsewhere"))
    assert has_ended(named(1, 1, host="elsewhere", ago=LONGEST + 1))
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert has_ended(named(process.pid, time.time()))


def test_what_another_is_writing_is_left_to_it(lock, store, mirror):
    theirs = lock("elsewhere 1 1 9999999999")
    assert mirror() == "nothing new; 1 being written by another mirror"
    assert left(store) == {theirs}


@pytest.mark.parametrize("name", ["elsewhere 1 1 1", "this process"])
def test_what_a_dead_one_or_this_process_has_begun_before_is_written_anew(lock, store, mirror, client, name):
    begun = lock(writer() if name == "this process" else name)
    assert mirror().startswith("new ")
    assert begun not in left(store)
    assert len(revisions(client)) == 1


@pytest.mark.parametrize("before", ["log_batch", "set_terminated"])
def test_one_that_finishes_first_wins(lock, store, mirror, monkeypatch, before):
    whole, begun, theirs = getattr(MlflowClient, before), [], []

    def meanwhile(*given, **options):
        if not begun:
            begun.append(before)
            theirs.append(lock("elsewhere 1 1 9999999999", finished=True))
        return whole(*given, **options)

    monkeypatch.setattr(MlflowClient, before, meanwhile)
    assert mirror() == "nothing new; 1 being written by another mirror"
    assert left(store) == set(theirs)


def test_of_two_finished_runs_the_lowest_id_stays(store, lock, other):
    both = [lock(other[WRITER], finished=True), lock("elsewhere 1 1 1", finished=True)]
    assert kept(store) == min(both)
    assert left(store) == {min(both)}


def test_of_two_writers_at_once_each_knows_who_goes_on(store, lock, other):
    ours, theirs, another = lock(writer()), lock(other[WRITER]), lock("elsewhere 1 1 1", digest="another state")
    assert bool(still_held(store, store.client.get_run(ours))) is (ours < theirs)
    assert left(store) == {theirs, another} | ({ours} if ours < theirs else set())  # each deletes its own


def test_a_mirror_that_begins_deletes_what_it_left_with_all_under_it_but_nothing_of_others(store, lock, other):
    ours, theirs, finished = lock(writer()), lock(other[WRITER]), lock(writer(), finished=True)
    child = store.client.create_run(store.experiment, tags={PARENT: ours}).info.run_id
    assert kept(store, begins=True) == finished
    assert left(store) == {theirs, finished}
    assert store.client.get_run(child).info.lifecycle_stage == "deleted"


def test_a_run_that_another_mirror_has_just_deleted_is_gone(store, lock):
    run = store.client.get_run(lock(writer()))
    store.delete(run)
    store.delete(run)
    assert left(store) == set()


def test_more_runs_than_a_page_are_found(store, lock, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    made = {lock("", digest=str(number)) for number in range(5)}
    assert {run.info.run_id for (run,) in store.states().values()} == made
