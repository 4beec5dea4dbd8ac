"""What a command uses: wall time, CPU time and memory, its child processes included."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from credit.core.errors import InputError

TAIL = 15  # lines of a failed command's standard error that are shown
BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


class Usage(NamedTuple):
    """What a finished command used: `wall` and `cpu` in seconds, `peak` in MB (10^6 bytes); and what it printed.

    CPU time is user plus system time of the command and of the children that it waited for. The peak is that of
    the largest single process among them, and never less than that of the measuring program itself, because Linux
    counts the moment between fork and exec.
    """

    wall: float
    cpu: float
    peak: float
    printed: str


def measure(command: str | Sequence[str], folder: Path, environment: Mapping[str, str]) -> Usage:
    """Run a command to its end in `folder`, and say what it used; a text is run by the shell, as DVC does.

    An interruption kills the command and its children.

    Raises
    ------
    InputError
        The command failed; the message ends with the last lines of its standard error.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            shell=isinstance(command, str),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complained,
            start_new_session=True,
        )
        used = _wait(process)
        wall = time.perf_counter() - started
        if process.returncode != 0:
            shown = command if isinstance(command, str) else " ".join(command)
            lines = (_text(complained).strip() or _text(printed).strip()).splitlines()[-TAIL:]
            raise InputError("\n".join([f"expected success of `{shown}`, got exit code {process.returncode}:", *lines]))
        return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * BYTES_OF_MAXRSS / 1e6, _text(printed))


def _wait(process: subprocess.Popen) -> resource.struct_rusage:
    """Wait for a process that leads a session; if waiting is interrupted, leave nobody of it running."""
    status = None
    try:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return used
    finally:
        if status is None:
            with suppress(ProcessLookupError):  # it may have ended in this very moment
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


class Bench(NamedTuple):
    """Where and how it is measured: a clone, a directory beside it, the environment, how often."""

    clone: Path
    scratch: Path
    environment: Mapping[str, str]
    repeats: int

    def fastest(self, command: str | Sequence[str], times: int, folder: Path | None = None) -> Usage:
        """Run a command some times and give the usage of the fastest run."""
        shown = command if isinstance(command, str) else " ".join(command)
        print(f"bench: {shown}", file=sys.stderr, flush=True)
        runs = [measure(command, folder or self.clone, self.environment) for _ in range(times)]
        return min(runs, key=lambda usage: usage.wall)
