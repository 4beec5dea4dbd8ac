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


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_all_well(check, database):
    before = database.read_bytes()
    checked = check(f"sqlite:///{database}")
    assert checked.code == 0
    assert list(checked.stages) == ["URI", "file", "schema", "read"]
    assert checked.stages["read"]["detail"] == "1 experiments, 0 runs"
    assert database.read_bytes() == before


def test_the_latest_revision_is_the_client_s():
    from mlflow.store.db.utils import _get_latest_schema_revision

    latest, known = revisions()
    assert latest == _get_latest_schema_revision()
    assert len(known) > 60


@pytest.mark.parametrize("uri", ["sqlite:///mlflow/mlflow.db", None])
def test_an_absent_one_is_no_failure_and_is_not_made(check, tmp_path, uri):
    checked = check(uri) if uri else check()
    assert checked.code == 0
    assert "not there yet: the first run of the mirror makes it" in checked.stages["file"]["detail"]
    assert checked.stages["read"]["ok"] is None
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_none_yet(check, write):
    write("mlflow.db", "")
    assert "is empty" in check("sqlite:///mlflow.db").stages["file"]["detail"]


@pytest.mark.parametrize(
    ("path", "cause", "remedy"),
    [
        ("file/mlflow.db", "cannot be made", "correct the path"),
        ("a" * 300, "File name too long", "correct the path"),
        ("folder", "is a folder", "correct the path"),
    ],
)
def test_a_path_that_cannot_be_one(check, write, path, cause, remedy):
    write("file", "")
    write("folder/file", "")
    check(f"sqlite:///{path}").assert_failed("file", 3, cause, remedy)


@pytest.mark.parametrize("content", ["no database at all\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_no_database(check, write, content):
    write("mlflow.db", content)
    check("sqlite:///mlflow.db").assert_failed("file", 5, "or a damaged one", "correct the path")


def test_a_database_of_another_program(check, tmp_path):
    change(tmp_path / "other.db", "CREATE TABLE loans (amount)")
    check("sqlite:///other.db").assert_failed("schema", 5, "no database of MLflow's", "correct the path")


def test_an_older_schema(check, database):
    oldest = sorted(revisions()[1] - {revisions()[0]})[0]
    change(database, f"UPDATE alembic_version SET version_num = '{oldest}'")
    check(f"sqlite:///{database}").assert_failed("schema", 6, f"out of date: revision {oldest}", "mlflow db upgrade")


@pytest.mark.parametrize(
    "statement", ["UPDATE alembic_version SET version_num = 'ffffffffffff'", "DELETE FROM alembic_version"]
)
def test_a_schema_that_the_client_does_not_know(check, database, statement):
    change(database, statement)
    check(f"sqlite:///{database}").assert_failed("schema", 6, "of a newer MLflow", "requirements.txt")


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
