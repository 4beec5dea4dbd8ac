"""The user's command: runs in a session of its own.

So a signal reaches all of it; and without a terminal it cannot wait there for an answer, which it would do for ever.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from credit.core.errors import InputError
from ops.shared.signals import Interrupted, held

SECONDS_TO_END = 10  # from the signal to the kill


def run(command: Sequence[str]) -> int:
    """Run a command to its end, its output streaming through; returns its exit code (128 + n after signal n).

    An interruption is passed on to the command and its children; what does not end then is killed.

    Raises
    ------
    InputError
        The command cannot be started.
    """
    process = None
    try:
        with held():
            process = _start(command)
        code = process.wait()
    except Interrupted as interruption:
        if process is not None:
            _end(process, interruption.number)
        raise
    return code if code >= 0 else 128 - code


def _start(command: Sequence[str]) -> subprocess.Popen:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:  # not a program, or its interpreter is not there
        raise InputError(f"expected a command that can be started, got {command[0]!r}: {error.strerror}") from None


def _end(process: subprocess.Popen, number: int) -> None:
    try:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(SECONDS_TO_END)
    finally:  # also when a second signal interrupts the waiting
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
