"""Remote calls end in time and leave nothing behind; the user's command: how it ends, what keeps it from beginning."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from credit.core.errors import InputError
from ops.shared.signals import Interrupted
from ops.sync import processes
from ops.sync.objects import MISSING, Named

SLOW = pytest.mark.slow


ALONE = f"{sys.executable} -c 'import os, sys; sys.exit(5 * (os.getsid(0) == os.getppid()))'; exit $?"


@pytest.mark.parametrize(
    ("script", "code"), [("exit 3", 3), ("kill -TERM $$", 143), ("read x || exit 4", 4), (ALONE, 5)]
)
def test_its_exit_code_is_given_and_it_cannot_ask(script, code):
    """It has no standard input, and a session of its own without a terminal."""
    assert processes.run(["sh", "-c", script]) == code


def test_one_that_cannot_be_started_is_refused_in_one_line(tmp_path):
    script = tmp_path / "script"
    script.write_text("no first line")
    script.chmod(0o755)
    with pytest.raises(InputError, match=f"expected a command that can be started, got '{script}': Exec format error"):
        processes.run([str(script)])


def test_a_command_that_does_not_heed_a_signal_is_killed_at_the_second(monkeypatch):
    started, interruptions = [], iter([Interrupted(signal.SIGCONT), Interrupted(signal.SIGINT)])

    class Waiting(subprocess.Popen):
        def wait(self, timeout=None):
            started.append(self)
            for interruption in interruptions:
                raise interruption
            return super().wait(timeout)

    monkeypatch.setattr(subprocess, "Popen", Waiting)
    with pytest.raises(Interrupted, match="SIGCONT"):
        processes.run(["sleep", "61"])
    assert started[0].returncode == -signal.SIGKILL


@SLOW
@pytest.mark.parametrize(
    ("ends", "reason"), [(None, "no answer within 1 s"), (signal.SIGKILL, "exit code -9")], ids=["silent", "killed"]
)
def test_a_remote_call_without_an_answer_is_a_failed_one_and_leaves_no_process(pushed, sync, ends, reason):
    with processes.remote_call("verify", "primary", [], 60 if ends else 1) as answer:
        (process,) = multiprocessing.active_children()
        os.kill(process.pid, ends or signal.SIGSTOP)
        assert answer().reason == reason
    assert multiprocessing.active_children() == []


@SLOW
def test_a_long_answer_waits_for_one_who_looks_late(pushed, sync):
    named = [Named(f"{number:032x}", f"parts/{number:04}{'x' * 100}.txt") for number in range(4000)]
    with processes.remote_call("verify", "primary", named, 20) as answer:
        (process,) = multiprocessing.active_children()
        assert wait([process.sentinel], 60), "expected it to end by itself"
        reason, result = answer()
    assert reason is None
    assert result == {"failed": dict.fromkeys((item.oid for item in named), MISSING), "objects": named}


class Asking:
    """Objects that a remote call never gets to know: it starts a program, as some remotes do, and waits for it."""

    def __init__(self, pid: Path) -> None:
        self.pid = pid

    def __iter__(self) -> NoReturn:
        subprocess.run(
            ["sh", "-c", f"echo $$ > {self.pid}.new; mv {self.pid}.new {self.pid}; exec sleep 61"], check=True
        )
        raise AssertionError("expected to be killed before")


@SLOW
def test_what_a_remote_call_has_started_ends_with_it(pushed, sync, tmp_path):
    pid, ends = tmp_path / "pid", time.monotonic() + 60
    with processes.remote_call("verify", "primary", Asking(pid), 60):
        while not pid.exists():
            assert time.monotonic() < ends
            time.sleep(0.01)
        child = psutil.Process(int(pid.read_text()))
    assert psutil.wait_procs([child], 10)[1] == []


@SLOW
def test_a_remote_call_says_why_it_failed(pushed, sync):
    with processes.remote_call("verify", "no such", [], 60) as answer:
        assert answer() == ("config file error: remote 'no such' doesn't exist", {})
