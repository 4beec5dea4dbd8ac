"""What every stage does when it is run; shown on `prepare`, which reads nothing before its own input."""

import logging
import re
import sys

import pytest

from credit.core.errors import InputError
from stages.io import runner

ABSENT = "data/interim/ingested.parquet: expected the file that an earlier stage writes, got no such file"


@pytest.fixture(autouse=True)
def _quiet_set_up(workspace, monkeypatch):
    """Leave the tests' own logging alone; the set-up itself is tested in a process of its own."""
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    monkeypatch.setattr(sys, "argv", ["-m"])


@pytest.mark.slow
def test_a_failing_stage_says_so_in_one_line_on_the_console_and_in_the_log_file(run_stage, workspace):
    result = run_stage("prepare")
    assert result.returncode == 1
    assert result.stderr == f"prepare: {ABSENT}\n"
    assert result.stdout == ""
    stamped = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR prepare: "
    assert re.fullmatch(stamped + re.escape(ABSENT) + "\n", (workspace / "logs/stages.log").read_text())


@pytest.mark.slow
def test_log_level_sets_what_is_said(run_stage):
    quiet, loud = run_stage("source", LOG_LEVEL="error"), run_stage("source", LOG_LEVEL="INFO")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert loud.returncode == 0
    assert re.search(r"^source: 1000 applicants.*\nsource: done in [\d.]+ s\n$", loud.stderr)


def test_an_unknown_log_level_is_refused(run_stage):
    result = run_stage("source", LOG_LEVEL="loud")
    assert result.returncode == 1
    expected = "environment: 'LOG_LEVEL' must be one of DEBUG, INFO, WARNING, ERROR, got 'LOUD'"
    assert result.stderr == f"source: {expected}\n"


@pytest.mark.parametrize("error", [InputError("x.csv: expected, got"), PermissionError(13, "Permission denied", "x")])
def test_bad_input_and_refusals_of_the_system_end_with_exit_code_1(error, caplog):
    def main(log: logging.Logger) -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        runner.run_stage("any", main)
    assert caught.value.code == 1
    assert [(record.levelname, record.message) for record in caplog.records] == [("ERROR", str(error))]


@pytest.mark.parametrize("write_back", [False, True])
def test_a_stage_during_which_params_change_fails_for_dvc_would_keep_the_new_ones(workspace, caplog, write_back):
    params = workspace / "params.yaml"
    before = params.read_bytes()

    def main(log: logging.Logger) -> None:
        params.write_bytes(before + b"# more")
        if write_back:
            params.write_bytes(before)

    if write_back:
        runner.run_stage("any", main)
    else:
        with pytest.raises(SystemExit, match=r"^1$"):
            runner.run_stage("any", main)
        assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [runner.CHANGED]


@pytest.mark.slow
def test_an_argument_that_a_stage_does_not_take_is_wrong_usage(run_stage):
    result = run_stage("source", "all")
    assert result.returncode == 2
    assert result.stderr.endswith("python -m stages.source: error: unrecognized arguments: all\n")


def test_a_mistake_in_the_program_is_not_hidden():
    def main(log: logging.Logger) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runner.run_stage("any", main)
