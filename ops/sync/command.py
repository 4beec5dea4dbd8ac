"""The user's command: runs in a process group of its own, so that a signal reaches all of it."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from ops.sync.signals import Interrupted, held

SECONDS_TO_END = 10  # from the signal to the kill


def run(command: Sequence[str]) -> int:
    """Run a command to its end, its output streaming through; returns its exit code (128 + n after signal n).

    An interruption is passed on to the command and its children; what does not end then is killed.
    """
    process = None
    try:
        with held():
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
        code = process.wait()
    except Interrupted as interruption:
        if process is not None:
            _end(process, interruption.number)
        raise
    return code if code >= 0 else 128 - code


def _end(process: subprocess.Popen, number: int) -> None:
    try:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(SECONDS_TO_END)
    finally:  # also when a second signal interrupts the waiting
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
