"""Tests of one worker that does things beside this process."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from credit.core.errors import InputError
from credit.model.parallel import beside, killed_in_one_line

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def place() -> tuple[int, int]:
    """Say which process and thread this is."""
    return os.getpid(), threading.get_ident()


def refuse() -> None:
    raise InputError("expected something else")


@pytest.fixture(params=["main thread", "another thread"])
def call(request):
    """Give a function that calls another in the main thread, or in one of its own."""
    if request.param == "main thread":
        yield lambda function: function()
    else:
        with ThreadPoolExecutor(1) as caller:
            yield lambda function: caller.submit(function).result(timeout=60)


def test_results_come_back_in_order(call):
    def several() -> list[int]:
        with beside() as submit:
            return [work.result() for work in [submit(pow, number, 2) for number in range(20)]]

    assert call(several) == [number**2 for number in range(20)]


def test_an_error_is_raised_where_the_result_is_asked_for(call):
    def one() -> None:
        with beside() as submit:
            work = submit(refuse)
            assert submit(pow, 2, 3).result() == 8
            work.result()

    with pytest.raises(InputError, match=r"^expected something else$"):
        call(one)


def test_what_is_not_begun_at_the_end_is_not_done(call):
    def many() -> list[bool]:
        with beside() as submit:
            works = [submit(time.sleep, 0.1) for _ in range(20)]
            works[0].result()
        assert all(work.done() for work in works)
        return [work.cancelled() for work in works]

    cancelled = call(many)
    assert not cancelled[0]
    assert all(cancelled[6:])  # after the first one: one that runs, two on their way, and what was done meanwhile


@on_linux
def test_it_is_a_process_of_its_own():
    with beside() as submit:
        assert multiprocessing.active_children() == []  # before there is anything to do
        one, other = submit(place).result(), submit(place).result()
        assert one == other
        assert one[0] == multiprocessing.active_children()[0].pid != os.getpid()
    assert multiprocessing.active_children() == []
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_where_forking_is_unsafe_it_is_a_thread_of_its_own(platform, monkeypatch):
    def asked() -> tuple[int, int]:
        with beside() as submit:
            worker = submit(place).result()
            assert submit(place).result() == worker
            assert worker[1] != threading.get_ident()
            return worker

    monkeypatch.setattr(sys, "platform", platform)
    if platform == "darwin":
        worker = asked()
    else:
        with ThreadPoolExecutor(1) as caller:
            worker = caller.submit(asked).result(timeout=60)
    assert worker[0] == os.getpid()
    assert worker[1] not in {thread.ident for thread in threading.enumerate()}


@on_linux
def test_an_error_of_the_block_ends_the_process_at_once():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), beside() as submit:
        work = submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 20
    assert work.done()
    assert multiprocessing.active_children() == []


@on_linux
def test_a_killed_process_is_said_in_one_line():
    said = r"^expected every process to end its work, one was killed from outside[^\n]*$"
    for again in (False, True):
        with pytest.raises(InputError, match=said), killed_in_one_line(), beside() as submit:
            work = submit(signal.raise_signal, signal.SIGKILL)
            if again:  # the next work is refused
                wait([work], timeout=20)
                submit(pow, 2, 3)
            work.result()


def test_other_errors_stay_as_they_are():
    with pytest.raises(KeyError), killed_in_one_line():
        raise KeyError("digest")
