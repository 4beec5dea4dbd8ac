"""The user's command: how it ends, and what keeps it from beginning."""

import os
import pty
import subprocess
import sys

import pytest

from ops.sync import processes

HAS_A_TERMINAL = "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143)])
def test_its_exit_code_is_given(script, code):
    assert processes.run(["sh", "-c", script]) == code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [("no first line", "Exec format error"), ("#!/no/such/interpreter", "No such file or directory")],
)
def test_one_that_cannot_be_started_is_refused_in_one_line(project, sync, text, says):
    script = project.root / "script"
    script.write_text(text)
    script.chmod(0o755)
    last = sync("run", "--", "./script", expect=2).splitlines()[-1]
    assert last == f"sync: expected a command that can be started, got './script': {says}"


def test_one_that_asks_at_the_terminal_fails_at_once_instead_of_waiting_for_ever(repository):
    ask = (
        f"{HAS_A_TERMINAL}; from ops.sync import processes; sys.exit(processes.run(['sh', '-c', 'read x < /dev/tty']))"
    )
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", ask],
            cwd=repository,
            stdin=theirs,
            stderr=subprocess.PIPE,
            start_new_session=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode != 0
    assert b"/dev/tty" in done.stderr
