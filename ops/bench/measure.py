"""What a command uses: wall time, CPU time and memory, its child processes included; and a table of such figures."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from rich import box
from rich.table import Table

from credit.core.errors import InputError
from ops.shared import signals

TAIL = 15  # lines of a failed command's standard error that are shown
BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024


class ResourceUsage(NamedTuple):
    """What a finished command used: `wall` and `cpu` in seconds, `peak` in MB (10^6 bytes); and what it printed.

    CPU time is user plus system time of the command and of the children that it waited for. The peak is that of
    the largest single process among them, and never less than that of the measuring program itself, because Linux
    counts the moment between fork and exec.
    """

    wall: float
    cpu: float
    peak: int
    printed: str


class Bench(NamedTuple):
    """Where and on what it is measured.

    That is a clone, a directory beside it, the environment, the rows of large tables, a folder of other tables.
    """

    clone: Path
    scratch: Path
    environment: Mapping[str, str]
    rows: Sequence[int]
    tables: Path | None = None

    def run(self, command: str, times: int = 1) -> ResourceUsage:
        """Run a shell command some times in the clone; gives the usage of the fastest run."""
        print(f"bench: {command}", file=sys.stderr, flush=True)
        runs = [measure(command, self.clone, self.environment) for _ in range(times)]
        return min(runs, key=lambda usage: usage.wall)


def measure(command: str, folder: Path, environment: Mapping[str, str]) -> ResourceUsage:
    """Run a shell command to its end in `folder`, and say what it used.

    An interruption within `signals.raised()` kills the command and its children. A failure is an InputError that ends
    with the last lines of the command's standard error.
    """
    with TemporaryFile("w+", errors="replace") as printed, TemporaryFile("w+", errors="replace") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": printed, "stderr": log}
        started, process = time.perf_counter(), None
        try:
            with signals.held():
                process = subprocess.Popen(
                    command, shell=True, cwd=folder, env=environment, start_new_session=True, **streams
                )
            _, status, used = os.wait4(process.pid, 0)
        except signals.Interrupted:
            if process:
                with suppress(ProcessLookupError):  # it may have ended in this very moment
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            raise
        wall, process.returncode = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
        printed.seek(0)
        log.seek(0)
        text, complaint = printed.read(), log.read()
    if process.returncode != 0:
        lines = (complaint.strip() or text.strip()).splitlines()[-TAIL:]
        expected = f"expected success of `{command}`, got exit code {process.returncode}:"
        raise InputError("\n".join([expected, *lines]))
    return ResourceUsage(wall, used.ru_utime + used.ru_stime, round(used.ru_maxrss * BYTES_OF_MAXRSS / 1e6), text)


def table_of(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]], caption: str = ""
) -> Table:
    """Make a table: text to the left, numbers to the right, fractions with one digit."""
    narrow = {"box": box.SIMPLE_HEAD, "show_edge": False, "pad_edge": False, "collapse_padding": True}
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", **narrow)
    for name, first in zip(columns, rows[0], strict=True):
        table.add_column(name, justify="left" if isinstance(first, str) else "right")
    for row in rows:
        table.add_row(*map(_written, row))
    return table


def _written(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}"
