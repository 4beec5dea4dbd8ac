"""Writing: for real into a database file, and what is left when a step fails."""

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


def test_all_well_and_nothing_left(check, nothing_left, uri):
    checked = check(uri, "--write")
    assert checked.code == 0, checked.printed
    assert all(checked.stages[name]["ok"] for name in writing.NAMES)
    assert checked.stages["clean-up"]["detail"] == "nothing left"


def test_a_database_that_was_not_there_is_made(check, nothing_left, tmp_path):
    assert check(f"sqlite:///{tmp_path}/mlflow/mlflow.db", "--write").code == 0


@pytest.mark.parametrize(
    ("method", "stage", "remedy"),
    [
        ("create_run", "run", "administrator"),
        ("log_metric", "metric", "administrator"),
        ("log_artifact", "artifact", "--artifacts-destination"),
        ("download_artifacts", "artifact", "--artifacts-destination"),
        ("create_registered_model", "registry", "administrator"),
        ("create_model_version", "registry", "administrator"),
    ],
)
def test_what_has_been_made_is_removed_when_a_step_fails(check, nothing_left, monkeypatch, method, stage, remedy, uri):
    from mlflow import MlflowClient

    def fail(*_, **__):
        raise OSError("disk full, token=s3cret-s3cret")

    monkeypatch.setattr(MlflowClient, method, fail)
    checked = check(uri, "--write")
    checked.assert_failed(stage, 9, "disk full", remedy)
    assert "s3cret" not in checked.printed
    assert checked.stages["clean-up"]["ok"]


def test_a_user_who_may_not_write_is_refused(check, monkeypatch, uri):
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

    def fail(*_, **__):
        raise MlflowException("Permission denied", error_code=PERMISSION_DENIED)

    monkeypatch.setattr(MlflowClient, "create_experiment", fail)
    check(uri, "--write").assert_failed("run", 7, "Permission denied", "administrator")


@pytest.mark.parametrize(
    ("method", "back", "stage", "cause"),
    [
        ("metric", {"auc": 0.5}, "metric", "expected {'auc': 0.75} back, got {'auc': 0.5}"),
        ("download_artifacts", b"other", "artifact", "back, got b'other'"),
    ],
)
def test_what_comes_back_otherwise_is_noticed(check, nothing_left, monkeypatch, method, back, stage, cause, uri):
    from mlflow import MlflowClient

    if method == "metric":
        log_metric = MlflowClient.log_metric
        monkeypatch.setattr(MlflowClient, "log_metric", lambda self, run, key, _: log_metric(self, run, key, back[key]))
    else:
        monkeypatch.setattr(MlflowClient, method, lambda *_: (Path("back").write_bytes(back), "back")[1])
    check(uri, "--write").assert_failed(stage, 9, cause, "")
    Path("back").unlink(missing_ok=True)


def test_what_cannot_be_removed_is_named(check, monkeypatch, uri):
    from mlflow import MlflowClient

    def fail(*_, **__):
        raise OSError("gone")

    monkeypatch.setattr(MlflowClient, "delete_registered_model", fail)
    checked = check(uri, "--write")
    checked.assert_failed("clean-up", 9, "left behind: model (gone)", "check-mlflow-")
    assert left() == {"runs": 0, "metrics": 0, "registered_models": 1, "model_versions": 1, "experiments": 1}


def test_an_interrupted_one_is_cleaned_up(nothing_left, monkeypatch, capfd, uri):
    from mlflow import MlflowClient

    monkeypatch.setattr(MlflowClient, "log_metric", lambda *_: signal.raise_signal(signal.SIGTERM))
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
