"""A remote call ends in time and leaves nothing behind, whatever becomes of its process."""

import sys
import time
from pathlib import Path

import pytest

from ops.sync import remote_call as module
from ops.sync.remote_call import remote_call


@pytest.fixture
def worker(monkeypatch):
    """Replace the program that does the call by a few lines."""
    monkeypatch.setattr(module, "secrets_known", lambda: {"hunter22"})
    return lambda text: monkeypatch.setattr(module, "WORKER", (sys.executable, "-c", text))


def test_an_answer_is_given_as_it_came(worker):
    worker('import sys; print(sys.stdin.read().replace(\'"action"\', \'"reason": null, "action"\'))')
    with remote_call("push", "far", [], 20) as answer:
        reason, result = answer()
    assert reason is None
    assert result == {"action": "push", "remote": "far", "timeout": 20, "objects": []}


def test_a_call_that_takes_too_long_is_killed_with_its_children(worker, tmp_path):
    started = tmp_path / "started"
    script = f"echo $$ > {started}; sleep 61; true"
    worker(f"import subprocess, time; subprocess.Popen(['sh', '-c', {script!r}]); time.sleep(61)")
    with remote_call("push", "far", [], 1) as answer:
        wait_until(lambda: started.exists() and started.read_text())  # Python may need more than the call's time
        began = time.monotonic()
        assert answer().reason == "no answer within 1 s"
    assert time.monotonic() - began < 30
    wait_until(lambda: not command_of(int(started.read_text())))


def wait_until(condition):
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def command_of(number):
    """Give the command of a process; a dead one has none."""
    try:
        return Path(f"/proc/{number}/cmdline").read_text()
    except FileNotFoundError:
        return ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import sys; sys.exit('line\\nno memory for hunter22')", "no memory for ***"),
        ("import os; os._exit(9)", "exit code 9"),
        ("print('half an ans')", "exit code 0"),
    ],
)
def test_a_process_that_ends_without_an_answer_is_a_failed_call(worker, text, reason):
    worker(text)
    with remote_call("push", "far", [], 20) as answer:
        assert answer().reason == reason
