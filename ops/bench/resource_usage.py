"""What a command uses: wall time, CPU time and memory, its child processes included."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.table import Table

from credit.core.errors import InputError
from ops.shared import signals

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

    An interruption within `signals.raised()` kills the command and its children. A failure is an InputError that ends
    with the last lines of the command's standard error.
    """
    with (
        tempfile.TemporaryFile("w+", errors="replace") as printed,
        tempfile.TemporaryFile("w+", errors="replace") as log,
    ):
        started, process, status = time.perf_counter(), None, None
        try:
            with signals.held():
                process = subprocess.Popen(
                    command,
                    shell=isinstance(command, str),
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=log,
                    start_new_session=True,
                )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if status is None and process:  # interrupted
                with suppress(ProcessLookupError):  # it may have ended in this very moment
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        wall = time.perf_counter() - started
        printed.seek(0)
        log.seek(0)
        text = printed.read()
        if process.returncode != 0:
            lines = (log.read().strip() or text.strip()).splitlines()[-TAIL:]
            expected = f"expected success of `{_shown(command)}`, got exit code {process.returncode}:"
            raise InputError("\n".join([expected, *lines]))
        return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * BYTES_OF_MAXRSS / 1e6, text)


def _shown(command: str | Sequence[str]) -> str:
    return command if isinstance(command, str) else " ".join(command)


class Bench(NamedTuple):
    """Where and how it is measured: a clone, a directory beside it, the environment, how often."""

    clone: Path
    scratch: Path
    environment: Mapping[str, str]
    repeats: int

    def fastest(self, command: str | Sequence[str], times: int, folder: Path | None = None) -> Usage:
        """Run a command some times and give the usage of the fastest run."""
        print(f"bench: {_shown(command)}", file=sys.stderr, flush=True)
        runs = [measure(command, folder or self.clone, self.environment) for _ in range(times)]
        return min(runs, key=lambda usage: usage.wall)


def results_table(title: str, columns: Sequence[str], left: Sequence[str] = (), **style: bool) -> Table:
    """Give an empty table; columns but the first and those of `left` are numbers."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, **style)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 or name in left else "right")
    return table
