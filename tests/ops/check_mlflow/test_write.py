"""Writing: for real into a database file, and what is left when a step fails."""

import shutil
import signal
import sqlite3
import time
from contextlib import closing, nullcontext
from pathlib import Path
from threading import Event, Timer
from types import SimpleNamespace

import pytest

from ops.check_mlflow import write as writing
from ops.check_mlflow.__main__ import main
from ops.check_mlflow.causes import StepError
from ops.check_mlflow.steps import Deadline

pytestmark = pytest.mark.slow  # MLflow's client makes databases
TABLES = ("runs", "metrics", "registered_models", "model_versions", "experiments")


def left() -> dict[str, int]:
    """Count the rows of the database; MLflow makes an experiment of its own."""
    with closing(sqlite3.connect("mlflow/mlflow.db")) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


@pytest.fixture
def uri(made, tmp_path, write) -> str:
    """Give the URI of a database; with its whole path, because MLflow keeps a connection for each URI."""
    return f"sqlite:///{tmp_path / write('mlflow/mlflow.db', made.read_bytes())}"


@pytest.fixture
def nothing_left(tmp_path):
    """See that in the end the database is empty and alone."""
    yield
    assert left() == {"runs": 0, "metrics": 0, "registered_models": 0, "model_versions": 0, "experiments": 1}
    assert sorted(path.name for path in tmp_path.rglob("*") if path.name != "home") == [".lock", "mlflow", "mlflow.db"]


@pytest.mark.parametrize("is_there", [True, False])
def test_all_well_and_nothing_left(check, nothing_left, uri, is_there):
    if not is_there:
        shutil.rmtree("mlflow")
    checked = check(uri, "--write")
    assert checked.code == 0, checked.printed
    assert all(checked.stages[name]["ok"] for name in writing.NAMES)
    assert checked.stages["clean-up"]["detail"] == "nothing left"


class DeniedError(Exception):
    error_code = "PERMISSION_DENIED"


def raising(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


def other_file(*arguments: str) -> str:
    path = Path(arguments[-1], "back")
    path.write_bytes(b"other")
    return str(path)


@pytest.mark.parametrize(
    ("method", "does", "stage", "code", "cause", "remedy"),
    [
        ("create_experiment", raising(DeniedError("not you")), "run", 7, "not you", "administrator"),
        ("create_run", raising(OSError("disk full, token=s3cret-s3cret")), "run", 9, "disk full", "administrator"),
        ("log_metric", lambda *_: None, "metric", 9, "expected {'auc': 0.75} back, got {}", "database"),
        ("log_artifact", raising(OSError("disk full")), "artifact", 9, "disk full", "--artifacts-destination"),
        ("download_artifacts", other_file, "artifact", 9, "back, got b'other'", "--artifacts-destination"),
        ("create_model_version", raising(OSError("disk full")), "registry", 9, "disk full", "administrator"),
        ("get_model_version", lambda *_: SimpleNamespace(run_id="x"), "registry", 9, "back, got x", "database"),
    ],
)
def test_what_has_been_made_is_removed_when_a_step_fails(
    check, nothing_left, monkeypatch, uri, method, does, stage, code, cause, remedy
):
    monkeypatch.setattr(f"mlflow.MlflowClient.{method}", does)
    checked = check(uri, "--write")
    checked.assert_failed(stage, code, cause, remedy)
    assert "s3cret" not in checked.printed
    assert checked.stages["clean-up"]["ok"]


def test_what_cannot_be_removed_is_named(check, monkeypatch, uri):
    monkeypatch.setattr("mlflow.MlflowClient.delete_registered_model", raising(OSError("gone")))
    checked = check(uri, "--write")
    checked.assert_failed("clean-up", 9, "left behind: model (gone)", "check-mlflow-")
    assert left() == {"runs": 0, "metrics": 0, "registered_models": 1, "model_versions": 1, "experiments": 1}


def test_an_interrupted_one_is_cleaned_up(nothing_left, monkeypatch, capfd, uri):
    monkeypatch.setattr("mlflow.MlflowClient.log_metric", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert main([uri, "--write"]) == 128 + signal.SIGTERM
    assert "ok   clean-up" in capfd.readouterr().out


def test_another_writer_is_not_disturbed(check, monkeypatch, uri):
    monkeypatch.setattr(writing, "sole_writer", lambda *_, **__: nullcontext(False))
    check(uri, "--write").assert_failed("client", 9, "another program is writing", "wait")


def test_artifacts_that_would_stay_on_this_machine_are_refused():
    trial = writing.Trial("http://127.0.0.1:5000")
    trial._run = SimpleNamespace(info=SimpleNamespace(artifact_uri="/srv/mlruns/1/artifacts"))
    with pytest.raises(StepError, match="clients would make here") as caught:
        trial._attempt("artifact", trial.log_artifact, Deadline(60))
    assert "--artifacts-destination" in caught.value.remedy


def test_calls_that_hang_end_in_time_and_are_not_cleaned_up_behind(capsys):
    trial, done, over = writing.Trial("http://127.0.0.1:5000"), [], Event()

    def hang() -> None:
        print("noise of a library")
        over.wait()
        done.append("made")

    began = time.monotonic()
    with pytest.raises(StepError, match=r"not done within 0.2 s") as caught:
        trial._attempt("run", hang, Deadline(0.2))
    assert time.monotonic() - began < 20
    assert caught.value.code == 9
    trial._to_undo.append(lambda: done.append("removed"))
    Timer(0.3, over.set).start()
    assert next(trial.clean_up()).ok
    assert done == ["made", "removed"]
    assert capsys.readouterr() == ("", "")
