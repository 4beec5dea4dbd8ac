"""A remote call ends in time and leaves nothing behind, whatever becomes of its process."""

import sys
import time

import pytest

from ops.sync import calls, command
from ops.sync.calls import call


@pytest.fixture
def transport(monkeypatch):
    """Replace the program that does the call by a few lines."""
    monkeypatch.setattr(calls, "secrets_known", lambda: {"hunter22"})
    return lambda text: monkeypatch.setattr(calls, "TRANSPORT", (sys.executable, "-c", text))


def test_an_answer_is_given_as_it_came(transport):
    transport('import sys; print(sys.stdin.read().replace(\'"action"\', \'"reason": null, "action"\'))')
    answer = call("push", "far", [], 20)
    assert answer.reason is None
    assert answer.result == {"action": "push", "remote": "far", "timeout": 20, "objects": []}


@pytest.mark.slow
def test_a_call_that_takes_too_long_is_killed_with_its_children(transport, tmp_path):
    late = tmp_path / "late"
    transport(f"import subprocess, time; subprocess.Popen(['sh', '-c', 'sleep 2; touch {late}']); time.sleep(60)")
    began = time.monotonic()
    assert call("push", "far", [], 1).reason == "no answer within 1 s"
    assert time.monotonic() - began < 10
    time.sleep(2)
    assert not late.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import sys; sys.exit('line\\nno memory for hunter22')", "no memory for ***"),
        ("import os; os._exit(9)", "exit code 9"),
        ("print('half an ans')", "exit code 0"),
    ],
)
def test_a_process_that_ends_without_an_answer_is_a_failed_call(transport, text, reason):
    transport(text)
    assert call("push", "far", [], 20).reason == reason


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143)])
def test_the_exit_code_of_a_command(script, code):
    assert command.run(["sh", "-c", script]) == code
