import os
import shlex
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from credit.core.errors import InputError
from ops.bench.measure import TAIL, measure
from ops.shared import signals

BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


def python(program: str) -> str:
    return shlex.join([sys.executable, "-c", program])


def test_cpu_time_of_children_counts_and_the_shell_runs_the_command_in_the_folder_and_environment(tmp_path):
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
    assert measure(python(child), tmp_path, os.environ).cpu >= 0.2
    used = measure('echo "$GREETING"; pwd', tmp_path, {**os.environ, "GREETING": "good day"})
    assert used.printed == f"good day\n{tmp_path}\n"
    assert used.wall > 0


@pytest.mark.slow
def test_peak_is_that_of_the_largest_process_in_megabytes(tmp_path, repository):
    """Measured by a program of its own, for the peak is never less than that of the one that measures."""
    programs = ["pass", "bytearray(b'x') * 900_000_000"]
    measuring = (
        "import os; from pathlib import Path; from ops.bench.measure import measure\n"
        f"for command in {[*map(python, programs)]}: print(measure(command, Path(), os.environ).peak)"
    )
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    printed = subprocess.run(
        [sys.executable, "-c", measuring], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout
    small, large = map(float, printed.split())
    assert large >= 900
    assert large > small


def test_failure_shows_the_end_of_what_it_complained_or_else_printed(tmp_path):
    program = "import sys\nfor line in range(99): print('line', line, file=sys.stderr)\nsys.exit(3)"
    with pytest.raises(InputError) as failed:
        measure(python(program), tmp_path, os.environ)
    first, *lines = str(failed.value).replace(python(program), "PROGRAM").splitlines()
    assert first == "expected success of `PROGRAM`, got exit code 3:"
    assert lines == [f"line {number}" for number in range(99 - TAIL, 99)]
    with pytest.raises(InputError, match=r"(?s)got exit code 1:\nthe reason$"):
        measure("echo the reason; false", tmp_path, os.environ)


@pytest.mark.slow
def test_interruption_leaves_no_process_behind(tmp_path):
    """The command's own child, too, is gone."""
    pid = tmp_path / "pid"

    def interrupt_once_it_runs():
        while not pid.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=interrupt_once_it_runs).start()
    with pytest.raises(signals.Interrupted), signals.raised():
        measure("sleep 600 & echo $! > new; mv new pid; wait", tmp_path, os.environ)
    _, alive = psutil.wait_procs([each for each in psutil.process_iter() if each.pid == int(pid.read_text())], 60)
    assert alive == []
