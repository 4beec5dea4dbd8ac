"""Tests of where work is done beside each other, in processes of a new interpreter, as in a stage."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joblib import Parallel, delayed, parallel_config

from credit.core.errors import InputError
from credit.model.parallel import ForkBackend, processes_config

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
PROGRAM = """\
import os, signal, sys, time
import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_info
from credit.core.errors import InputError
from credit.model.parallel import processes_config

seen = ["parent"]

def known(number):
    return number, seen[0], os.getpid(), max(pool["num_threads"] for pool in threadpool_info())

def refused(number):
    if number == 3:
        raise InputError("expected another number")
    return number

def killed(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number

def long(number):
    os.write(1, f"{os.getpid()}\\n".encode())  # at once, for two processes write
    time.sleep(60)

def run(task):
    with processes_config(), Parallel(n_jobs=2, return_as="generator") as parallel:
        return list(parallel(delayed(task)(number) for number in range(8)))
"""


@pytest.fixture
def start(repository, tmp_path):
    """Start the program with a last part of its own."""
    programs = []

    def started(last: str) -> subprocess.Popen:
        (tmp_path / "program.py").write_text(PROGRAM + last, encoding="utf-8")
        program = subprocess.Popen(
            [sys.executable, "program.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(repository), "JOBLIB_BACKEND": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        programs.append(program)
        return program

    yield started
    for program in programs:
        program.kill()
        program.communicate()


def is_running(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


@on_linux
def test_processes_are_forked_compute_on_one_thread_and_give_results_in_order(start):
    program = start('seen[0] = "changed"\nprint(run(known), os.getpid())')
    printed, complaint = program.communicate(timeout=60)
    assert program.returncode == 0, complaint
    results, parent = eval(printed.rsplit(" ", 1)[0]), int(printed.rsplit(" ", 1)[1])
    assert [number for number, *_ in results] == list(range(8))
    assert {saw for _, saw, _, _ in results} == {"changed"}  # a process started anew would know nothing of it
    assert parent not in {process for *_, process, _ in results}
    assert {threads for *_, threads in results} == {1}


@on_linux
@pytest.mark.parametrize(
    ("task", "complaint"),
    [("refused", "InputError: expected another number"), ("killed", "InputError: expected every")],
)
def test_a_failing_process_ends_it_all_in_one_error(start, task, complaint):
    program = start(f"run({task})")
    _, complained = program.communicate(timeout=60)
    assert program.returncode == 1
    assert complaint in complained.splitlines()[-1]


@on_linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nobody_runs_on_after_an_interruption(start, how):
    program = start("run(long)")
    workers = [int(program.stdout.readline()) for _ in range(2)]
    assert all(map(is_running, workers))
    os.kill(program.pid, how)
    program.communicate(timeout=20)
    assert program.returncode == -how
    until = time.monotonic() + 10
    while any(map(is_running, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def test_an_unknown_backend_is_refused(monkeypatch):
    monkeypatch.setenv("JOBLIB_BACKEND", "cloud")
    with pytest.raises(InputError, match=r"^environment: 'JOBLIB_BACKEND' must be one of .*loky.*, got 'cloud'$"):
        processes_config()


@pytest.mark.parametrize(
    ("chosen", "platform", "expected"),
    [("threading", "linux", "ThreadingBackend"), ("", "linux", "ForkBackend"), ("", "darwin", "LokyBackend")],
)
def test_the_environment_may_choose_a_backend_and_only_linux_forks(monkeypatch, chosen, platform, expected):
    monkeypatch.setenv("JOBLIB_BACKEND", chosen)
    monkeypatch.setattr(sys, "platform", platform)
    with processes_config():
        assert type(Parallel(n_jobs=2)._backend).__name__ == expected


def test_what_is_configured_around_it_stays():
    with parallel_config(backend="threading"), processes_config():
        assert type(Parallel(n_jobs=2)._backend).__name__ == "ThreadingBackend"


def test_one_process_is_this_one():
    with parallel_config(backend=ForkBackend()):
        assert Parallel(n_jobs=1)(delayed(os.getpid)() for _ in range(2)) == [os.getpid()] * 2


def test_negative_numbers_leave_cores_free_as_for_joblib():
    assert ForkBackend().effective_n_jobs(-1) >= 1
    assert ForkBackend().effective_n_jobs(-1000) == 1
    assert ForkBackend().effective_n_jobs(3) == 3
