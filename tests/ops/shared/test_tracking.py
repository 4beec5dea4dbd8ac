"""Where runs are mirrored to, and who may write there."""

import os
import sqlite3
import subprocess
import sys

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from credit.core.errors import InputError
from ops.shared.tracking import (
    BOUNDED,
    EXPERIMENT,
    artifact_location,
    as_input_error,
    connect,
    database_file,
    existing,
    experiment_id,
    sole_writer,
    tracking_uri,
)

SERVER = "https://mlflow.example.org"
HOLD = """
import sys
from ops.shared.tracking import sole_writer
with sole_writer(sys.argv[1]) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def test_the_environment_says_where_to_else_it_is_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path}/.mlflow/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER)
    assert tracking_uri(tmp_path) == SERVER


def test_a_database_file_has_its_artifacts_beside_it_and_is_not_made_to_read_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for uri in (f"sqlite:///{tmp_path}/a.db", "sqlite:///a.db?timeout=9"):
        assert database_file(uri) == tmp_path / "a.db"
        assert artifact_location(uri) == (tmp_path / "artifacts").as_uri()
        with pytest.raises(InputError, match=r"^no runs are mirrored yet \(make mirror\)$"):
            existing(uri)
    assert list(tmp_path.iterdir()) == []
    assert (artifact_location(SERVER), existing(SERVER)) == (None, SERVER)


@pytest.mark.parametrize("uri", ["sqlite:a.db", "sqlite:/a.db", "sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_what_names_no_database_file_is_refused_and_makes_none(tmp_path, monkeypatch, uri):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^expected sqlite:///PATH, with a fourth slash where PATH starts at /$"):
        sole_writer(uri).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_client_is_bounded_in_time_unless_the_environment_says_how(uri, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "99")
    connect(uri)
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "99"
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == BOUNDED["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]


def test_a_database_waits_less_for_the_disk(uri, client):
    client.create_experiment("one")
    with sqlite3.connect(database_file(uri)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    engine = client._tracking_client.store.engine
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_a_file_that_is_no_database_is_said_at_once(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database " * 100, encoding="utf-8")
    with pytest.raises(InputError, match=r"^file is not a database$"), as_input_error():
        connect(f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(InputError, match=r"^unable to open database file$"), as_input_error():
        connect(f"sqlite:///{tmp_path}/no/folder/mlflow.db")


@pytest.mark.parametrize("ends", ["by itself", "killed"])
def test_a_database_file_has_one_writer_at_a_time(tmp_path, repository, ends):
    place = f"sqlite:///{tmp_path}/new/mlflow.db"
    command = [sys.executable, "-c", HOLD, place]
    holder = subprocess.Popen(command, cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "True\n"
        with sole_writer(place, patience=0.2) as is_free:
            assert not is_free
        if ends == "killed":
            holder.kill()
    with sole_writer(place, patience=5) as is_free:
        assert is_free


def test_a_server_has_many_writers():
    with sole_writer(SERVER) as is_free, sole_writer(SERVER) as is_free_too:
        assert (is_free, is_free_too) == (True, True)


def test_the_experiment_is_made_and_found_and_a_deleted_one_comes_back(client, uri):
    made = experiment_id(client, uri)
    assert experiment_id(client, uri) == made
    assert client.get_experiment(made).artifact_location == artifact_location(uri)
    client.delete_experiment(made)
    assert experiment_id(client, uri) == made
    assert client.get_experiment(made).lifecycle_stage == "active"


def test_an_experiment_that_another_mirror_made_in_this_moment_is_taken(client, uri, monkeypatch):
    find, asked = MlflowClient.get_experiment_by_name, []

    def not_yet(*given):
        found = find(*given)
        if not asked:
            asked.append(client.create_experiment(EXPERIMENT))
        return found

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", not_yet)
    assert [experiment_id(client, uri)] == asked


def test_secrets_of_the_environment_are_not_said(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pass-phrase")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "")
    with pytest.raises(InputError, match=r"^login of ada with \*\*\* refused$"), as_input_error():
        raise MlflowException("login of ada with pass-phrase refused")


def test_what_the_system_says_is_said_not_what_libraries_make_of_it(monkeypatch):
    for name, value in BOUNDED.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=r"^\[Errno 111\] Connection refused$"), as_input_error():
        MlflowClient("http://127.0.0.1:1").search_experiments()
