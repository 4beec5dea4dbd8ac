"""The steps of a check of a database file: is it there, is it MLflow's and of this version, can it be read?"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote

from ops.check_mlflow.causes import explain, failure
from ops.check_mlflow.steps import Step
from ops.check_mlflow.uri import shown, wrong
from ops.shared.tracking import EMBEDDED

NAMES = ("URI", "file", "schema", "read")
PATIENCE = 3  # seconds for a writer to come to an end
REVISION = re.compile(r"^(revision|down_revision)\s*(?::[^=]*)?=\s*[\"']([0-9a-f]+)[\"']", re.MULTILINE)


def check_database(uri: str, source: str, *, writes: bool) -> Iterator[Step]:
    """Look at a database file of SQLite; one that is absent is not made by reading."""
    match = EMBEDDED.fullmatch(uri)
    if match is None or not uri.isprintable():
        raise wrong(uri)
    yield Step(f"{shown(uri)}{source}")
    path = Path(match[1])
    size, is_writable = _size_and_access(path)
    if not size:
        if not is_writable:
            raise failure("file", path=path, reason="it cannot be made or filled there")
        state = "is empty" if path.exists() else "is not there yet"
        yield Step(f"{path} {state}: the first run of the mirror makes it")
        return
    with _opened(path) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if writes and not is_writable:
            raise failure("read-only", path=path)
        detail = f"{size / 1e6:.1f} MB" if is_writable else "read-only: nothing can be mirrored to it"
        yield Step(f"{path}, {detail}", warning=not is_writable)
        if not {"alembic_version", "experiments", "runs"} <= tables:
            raise failure("database", path=path, reason="other tables")
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        head, of_client = revisions()
        if rows != [(head,)]:
            revision = " and ".join(number for (number,) in rows) or "none"
            age = "older" if revision in of_client else "newer"
            raise failure(f"schema {age}", revision=revision, head=head, uri=uri)
        yield Step(f"revision {head}, that of the client")
        experiments, runs = (
            connection.execute(f"SELECT count(*) FROM {table} WHERE lifecycle_stage = 'active'").fetchone()[0]
            for table in ("experiments", "runs")
        )
    yield Step(f"{experiments} experiments, {runs} runs")


def _size_and_access(path: Path) -> tuple[int, bool]:
    """Give the size of a file, 0 where there is none, and whether it can be written, or made."""
    try:
        size = path.stat().st_size if path.exists() else 0
    except OSError as error:
        raise failure("file", path=path, reason=error.strerror) from None
    if path.is_dir():
        raise failure("file", path=path, reason="it is a folder")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    return size, above.is_dir() and all(os.access(one, os.W_OK) for one in (above, path) if one.exists())


def revisions() -> tuple[str, set[str]]:
    """Read the latest revision, and all, from the client's migrations, without the seconds of importing MLflow."""
    folder = Path(distribution("mlflow-skinny").locate_file("mlflow/store/db_migrations/versions"))
    every, superseded = set(), set()
    for path in folder.glob("*.py"):
        for kind, revision in REVISION.findall(path.read_text(encoding="utf-8")):
            (every if kind == "revision" else superseded).add(revision)
    (head,) = every - superseded
    return head, every


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading, and say what its errors mean."""
    try:
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise explain("database", error, path=path) from None
