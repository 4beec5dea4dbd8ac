"""One run for each state, whoever else writes."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from ops.mirror import claims
from ops.mirror.claims import DIGEST, KIND, WRITER, delete, has_ended, is_of_this_process, settled, writer
from ops.mirror.runs import PARENT, clear_own


@pytest.fixture
def experiment(client) -> str:
    return client.create_experiment("claims")


@pytest.fixture
def claim(client, experiment):
    """Make a run as another mirror or this one would; gives its id."""

    def make(name: str = "", finished: bool = False, digest: str = "state") -> str:
        tags = {KIND: "revision", DIGEST: digest, WRITER: name} if name else {KIND: "revision", DIGEST: digest}
        run = client.create_run(experiment, tags=tags)
        if finished:
            client.set_terminated(run.info.run_id)
        return run.info.run_id

    return make


@pytest.fixture
def other():
    """Give the name of a mirror in another process that is at work."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    started = int(psutil.Process(process.pid).create_time())
    yield f"{socket.gethostname()} {process.pid} {started} {int(time.time())}"
    process.kill()
    process.wait()


def dead() -> str:
    """Give the name of a mirror that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{socket.gethostname()} {process.pid} {int(time.time())} {int(time.time())}"


def left(client, experiment) -> set[str]:
    return {run.info.run_id for run in client.search_runs([experiment])}


def test_this_process_knows_itself():
    assert is_of_this_process(writer())
    assert not has_ended(writer())


def test_another_process_is_told_from_this_one(other):
    assert not is_of_this_process(other)
    assert not has_ended(other)


def test_a_process_that_has_ended_is_known_also_if_its_number_was_given_anew(other):
    assert has_ended(dead())
    host, process, started, claimed = other.split()
    assert has_ended(f"{host} {process} {int(started) - 1000} {claimed}")
    assert not has_ended(f"{host} {process} {int(started) - 1} {claimed}")  # what the system says may differ so much


def test_a_process_that_was_killed_and_nobody_has_asked_about_has_ended():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    started = int(psutil.Process(process.pid).create_time())
    os.kill(process.pid, signal.SIGKILL)
    name = f"{socket.gethostname()} {process.pid} {started} {int(time.time())}"
    for _ in range(100):
        if has_ended(name):
            break
        time.sleep(0.05)
    assert has_ended(name)
    process.wait()


def test_of_another_host_nobody_knows_before_an_hour():
    now = int(time.time())
    assert not has_ended(f"elsewhere 1 1 {now}")
    assert has_ended(f"elsewhere 1 1 {now - claims.LONGEST - 1}")
    assert has_ended("")


def test_what_a_dead_writer_left_goes(client, experiment, claim):
    claim(dead())
    claim()
    assert settled(client, experiment, "state") is None
    assert left(client, experiment) == set()


def test_what_a_living_writer_has_begun_stays(client, experiment, claim, other):
    begun = claim(other)
    assert settled(client, experiment, "state").info.run_id == begun
    assert left(client, experiment) == {begun}


def test_a_finished_run_wins_over_one_begun(client, experiment, claim, other):
    begun, finished = claim(other), claim(dead(), finished=True)
    assert settled(client, experiment, "state").info.run_id == finished
    assert left(client, experiment) == {begun, finished}  # its writer will delete it


def test_of_two_finished_runs_the_lowest_id_stays(client, experiment, claim, other):
    both = [claim(other, finished=True), claim(dead(), finished=True)]
    assert settled(client, experiment, "state").info.run_id == min(both)
    assert left(client, experiment) == {min(both)}


def test_of_two_writers_at_once_each_knows_who_goes_on(client, experiment, claim, other):
    ours, theirs = claim(writer()), claim(other)
    assert settled(client, experiment, "state").info.run_id == min(ours, theirs)
    assert left(client, experiment) == ({ours, theirs} if ours < theirs else {theirs})


def test_other_states_are_not_touched(client, experiment, claim):
    another = claim(dead(), digest="another")
    settled(client, experiment, "state")
    assert left(client, experiment) == {another}


def test_a_run_goes_with_those_under_it(client, experiment, claim):
    run = client.get_run(claim(writer()))
    client.create_run(experiment, tags={PARENT: run.info.run_id})
    assert clear_own(client, experiment, run) is None
    assert left(client, experiment) == set()


def test_a_run_of_another_or_that_has_finished_is_not_cleared(client, experiment, claim, other):
    for run_id in (claim(other), claim(writer(), finished=True)):
        run = client.get_run(run_id)
        assert clear_own(client, experiment, run) is run
    assert clear_own(client, experiment, None) is None
    assert len(left(client, experiment)) == 2


def test_a_run_that_another_mirror_has_just_deleted_is_gone(client, experiment, claim):
    run = client.get_run(claim(writer()))
    delete(client, experiment, run)
    delete(client, experiment, run)
    assert left(client, experiment) == set()


def test_more_runs_than_a_page_are_found(client, experiment, claim, monkeypatch):
    monkeypatch.setattr(claims, "PAGE", 2)
    made = {claim(digest=str(number)) for number in range(5)}
    found = claims.mirrored(client, experiment)
    assert {run.info.run_id for (run,) in found.values()} == made
    assert set(found) == set("01234")
