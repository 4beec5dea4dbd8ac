"""Programs that take no arguments refuse one, instead of running for a quarter of an hour as if it were not there."""

import subprocess
import sys

import pytest

PROGRAMS = ("check_params", "lineage", "summary", "validate", "verify_reproduction")


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_an_argument_that_is_not_known_is_wrong_usage(repository, program):
    done = subprocess.run(
        [sys.executable, "-m", f"ops.{program}", "--rows"], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"python -m ops.{program}: error: unrecognized arguments: --rows\n")
