"""One run for each state, whoever else writes."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from ops.mirror import store as module
from ops.mirror.run_locks import LONGEST, WRITER, has_ended, is_ours, resolve, still_held, writer
from ops.mirror.store import DIGEST, KIND, PARENT, Store

pytestmark = pytest.mark.slow

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def store(client) -> Store:
    return Store(client, client.create_experiment("locks"))


@pytest.fixture
def lock(store):
    """Make a run as another mirror or this one would; gives its id."""

    def make(name: str = "", finished: bool = False, digest: str = "state") -> str:
        tags = {KIND: "revision", DIGEST: digest} | ({WRITER: name} if name else {})
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
    """Give the name of a mirror in another process that is at work."""
    process = subprocess.Popen(SLEEP)
    yield named(process.pid, psutil.Process(process.pid).create_time())[WRITER]
    process.kill()
    process.wait()


def dead() -> str:
    """Give the name of a mirror that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return named(process.pid, time.time())[WRITER]


def left(store: Store, begins: bool = False) -> tuple[str | None, set[str]]:
    """Resolve the runs of the state; gives the id of the one that is kept, and of all that are left."""
    kept = resolve(store, store.states().get("state", []), begins=begins)
    return kept and kept.info.run_id, {run.info.run_id for run in store.runs("")}


def test_a_process_is_told_from_others_and_from_one_that_has_ended(other):
    assert is_ours({WRITER: writer()})
    assert not has_ended({WRITER: writer()})
    assert not is_ours({WRITER: other})
    assert not has_ended({WRITER: other})
    assert has_ended({WRITER: dead()})
    assert has_ended({})
    assert not is_ours({})


@pytest.mark.parametrize(("earlier", "ended"), [(1000, True), (1, False)])
def test_a_number_that_was_given_anew_is_another_process(other, earlier, ended):
    """What the system says of one start may differ by a second or two."""
    _, process, started, _ = other.split()
    assert has_ended(named(int(process), int(started) - earlier)) is ended


def test_a_process_that_was_killed_and_nobody_has_asked_about_has_ended():
    process = subprocess.Popen(SLEEP)
    tags = named(process.pid, psutil.Process(process.pid).create_time())
    os.kill(process.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while not has_ended(tags) and time.monotonic() < until:
        time.sleep(0.05)
    assert has_ended(tags)
    process.wait()


def test_of_another_host_nobody_knows_before_an_hour():
    assert not has_ended(named(1, 1, host="elsewhere"))
    assert has_ended(named(1, 1, host="elsewhere", ago=LONGEST + 1))


def test_what_dead_writers_left_goes_and_what_a_living_one_has_begun_stays(store, lock, other):
    lock(dead())
    lock()
    assert left(store) == (None, set())
    begun = lock(other)
    assert left(store) == (begun, {begun})


def test_a_finished_run_wins_over_one_begun(store, lock, other):
    begun, finished = lock(other), lock(dead(), finished=True)
    assert left(store) == (finished, {begun, finished})  # its writer will delete it


def test_of_two_finished_runs_the_lowest_id_stays(store, lock, other):
    both = [lock(other, finished=True), lock(dead(), finished=True)]
    assert left(store) == (min(both), {min(both)})


def test_of_two_writers_at_once_each_knows_who_goes_on(store, lock, other):
    ours, theirs = lock(writer()), lock(other)
    lock(dead(), digest="another state")
    assert bool(still_held(store, store.client.get_run(ours))) is (ours < theirs)
    assert set(store.states()) == {"state", "another state"}
    assert left(store)[1] >= ({ours, theirs} if ours < theirs else {theirs})
    assert (ours in left(store)[1]) is (ours < theirs)


def test_a_mirror_that_begins_deletes_what_it_left_with_all_under_it_but_nothing_of_others(store, lock, other):
    ours, theirs, finished = lock(writer()), lock(other), lock(writer(), finished=True)
    child = store.client.create_run(store.experiment, tags={PARENT: ours}).info.run_id
    assert left(store, begins=True) == (finished, {theirs, finished})
    assert store.client.get_run(child).info.lifecycle_stage == "deleted"


def test_a_run_that_another_mirror_has_just_deleted_is_gone(store, lock):
    run = store.client.get_run(lock(writer()))
    store.delete(run)
    store.delete(run)
    assert left(store) == (None, set())


def test_more_runs_than_a_page_are_found(store, lock, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    made = {lock(digest=str(number)) for number in range(5)}
    assert {run.info.run_id for (run,) in store.states().values()} == made
    assert set(store.states()) == set("01234")
