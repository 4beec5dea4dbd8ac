"""A database file: what is wrong with one, and that reading makes and changes nothing."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ops.check_mlflow.database import revisions

pytestmark = pytest.mark.slow  # MLflow makes a database


@pytest.fixture
def database(made, tmp_path) -> Path:
    return Path(shutil.copy(made, tmp_path / "mlflow.db"))


def test_all_well(check, database):
    before = database.read_bytes()
    checked = check(f"sqlite:///{database}")
    assert checked.code == 0
    assert list(checked.stages) == ["URI", "file", "schema", "read"]
    assert checked.stages["read"]["detail"] == "1 experiments, 0 runs"
    assert database.read_bytes() == before


def test_the_latest_revision_is_the_client_s():
    from mlflow.store.db.utils import _get_latest_schema_revision

    latest, of_client = revisions()
    assert latest == _get_latest_schema_revision()
    assert len(of_client) > 60


@pytest.mark.parametrize("uri", ["sqlite:///mlflow/mlflow.db", None])
def test_an_absent_or_empty_one_is_no_failure_and_is_not_made(check, tmp_path, uri, write):
    checked = check(uri) if uri else check()
    assert checked.code == 0
    assert "not there yet: the first run of the mirror makes it" in checked.stages["file"]["detail"]
    assert checked.stages["read"]["ok"] is None
    assert list(tmp_path.iterdir()) == []
    write("mlflow.db", "")
    assert "is empty" in check("sqlite:///mlflow.db").stages["file"]["detail"]


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:a.db?mode=ro&uri=true"])
def test_no_file(check, uri):
    check(uri).assert_failed("URI", 2, "nor a database file", "fourth slash")


@pytest.mark.parametrize(
    ("path", "code", "cause"),
    [
        ("file/mlflow.db", 3, "cannot be made or filled"),
        ("a" * 300, 3, "File name too long"),
        ("folder", 3, "is a folder"),
        ("file", 5, "no database of MLflow's, or a damaged one"),
        ("folder/damaged", 5, "no database of MLflow's, or a damaged one"),
    ],
)
def test_a_file_that_is_no_database(check, write, path, code, cause):
    write("file", "no database at all\n" * 100)
    write("folder/damaged", b"SQLite format 3\0" + b"\xff" * 5000)
    check(f"sqlite:///{path}").assert_failed("file", code, cause, "correct the path")


@pytest.mark.parametrize(
    ("statement", "code", "cause", "remedy"),
    [
        ("DROP TABLE alembic_version", 5, "no database of MLflow's", "correct the path"),
        ("UPDATE alembic_version SET version_num = '451aebb31d03'", 6, "out of date: revision 451a", "db upgrade"),
        ("UPDATE alembic_version SET version_num = 'ffffffffffff'", 6, "of a newer MLflow", "requirements.txt"),
        ("DELETE FROM alembic_version", 6, "of a newer MLflow", "requirements.txt"),
    ],
)
def test_a_schema_that_does_not_fit(check, database, statement, code, cause, remedy):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)
    check(f"sqlite:///{database}").assert_failed("schema", code, cause, remedy)


def test_one_that_is_locked(check, database, monkeypatch):
    monkeypatch.setattr("ops.check_mlflow.database.PATIENCE", 0.1)
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        check(f"sqlite:///{database}").assert_failed("file", 8, "is locked", "wait for another program")


def test_one_that_is_read_only(check, database, monkeypatch):
    reads = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and reads(path, mode))  # root may write all
    checked = check(f"sqlite:///{database}")
    assert checked.code == 0
    assert checked.stages["file"]["warning"]
    check(f"sqlite:///{database}", "--write").assert_failed("file", 9, "is read-only", "writable")
