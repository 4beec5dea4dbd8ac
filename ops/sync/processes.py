"""Child processes, each in a session of its own: a signal reaches all of it, and it cannot ask at the terminal."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from credit.core.errors import InputError
from ops.shared.signals import Interrupted, held

SECONDS_TO_END = 10  # from the signal to the kill


@contextmanager
def started(command: Sequence[str], **streams: object) -> Iterator[subprocess.Popen]:
    """Start a process; it is killed with its children if it outlives the block, or an exception ends the block."""

    def kill(raised: type[BaseException] | None, *_: object) -> None:
        if raised is not None or process.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and everything that it started
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    with ExitStack() as at_end:
        with held():
            process = subprocess.Popen(command, start_new_session=True, **streams)
            at_end.push(kill)
        yield process


def run(command: Sequence[str]) -> int:
    """Run the user's command, its output streaming through; returns its exit code (128 + n after signal n).

    An interruption is passed on to the command and its children; what does not end then is killed.

    Raises
    ------
    InputError
        The command cannot be started.
    """
    try:
        with started(command, stdin=subprocess.DEVNULL) as process:
            code = _wait(process)
    except OSError as error:  # not a program, or its interpreter is not there
        raise InputError(f"expected a command that can be started, got {command[0]!r}: {error.strerror}") from None
    return code if code >= 0 else 128 - code


def _wait(process: subprocess.Popen) -> int:
    try:
        return process.wait()
    except Interrupted as interruption:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, interruption.number)
            process.wait(SECONDS_TO_END)
        raise
