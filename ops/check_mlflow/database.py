"""The stages of a check of a database file: is it there, is it MLflow's and of this version, can it be read?"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from ops.check_mlflow.redaction import quoted
from ops.check_mlflow.stages import Code, Found, StageError, Stages
from ops.check_mlflow.uri import Database

NAMES = ("URI", "file", "schema", "read")
PATIENCE = 3  # seconds for a writer to come to an end
REVISION = re.compile(r"^(revision|down_revision)\s*(?::[^=]*)?=\s*[\"']([0-9a-f]+)[\"']", re.MULTILINE)
ANEW = "or move the file away and run the mirror: it makes the whole database anew"


def check_database(stages: Stages, database: Database, *, write: bool) -> None:
    """Run the stages that the file gives cause to; one that is absent is not made by reading."""
    if not stages.run("file", Code.NETWORK, find, database, write):
        return
    stages.run("schema", Code.VERSION, compare_schema, database)
    stages.run("read", Code.READ, read, database)


def find(database: Database, write: bool) -> Found:
    """Look at the file; the value is whether there is anything in it to look at."""
    path = database.path
    try:
        if path.is_dir():
            raise StageError(f"{path} is a folder", "name the file in it: sqlite:///FOLDER/mlflow.db")
        if not path.exists():
            return _absent(path)
        size = path.stat().st_size
    except OSError as error:
        raise StageError(f"{path}: {error.strerror}", "correct the path, or make its folders readable") from None
    if not size:
        return Found(f"{path} is empty: the first run of the mirror fills it", value=False)
    with opened(database) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return Found(f"{path}, {size / 1e6:.1f} MB", value=True)
    if write:
        raise StageError(f"{path} is read-only", "make the file and its folder writable", Code.WRITE)
    return Found(f"{path}, read-only: nothing can be mirrored to it", value=True, warning=True)


def _absent(path: Path) -> Found:
    """Tell whether a file that is not there could be made."""
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise StageError(f"{path} is not there and cannot be made in {above}", "correct the path, or make it writable")
    return Found(f"{path} is not there yet: the first run of the mirror makes it", value=False)


def compare_schema(database: Database) -> Found:
    """Compare the schema's revision with the one that the client works with."""
    head, known = revisions()
    with opened(database) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "experiments", "runs"} <= tables:
            raise StageError(f"{database.path} is a database, but not MLflow's", "correct the path", Code.SERVER)
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    found = rows[0][0] if len(rows) == 1 else "none"
    if found == head:
        return Found(f"revision {head}, that of the client")
    if found in known:
        raise StageError(
            f"the schema is out of date: revision {found}, the client's is {head}",
            f"copy the file, then `mlflow db upgrade {database.uri}`; {ANEW}",
        )
    raise StageError(
        f"the schema is of a newer MLflow: revision {found}, the client's is {head}",
        f"install the client of requirements.txt; {ANEW}",
    )


def revisions() -> tuple[str, set[str]]:
    """Read the latest revision, and all, from the client's migrations, without the seconds of importing MLflow.

    Raises
    ------
    StageError
        No client is installed.
    """
    spec = find_spec("mlflow")
    if spec is None or spec.origin is None:  # a mere folder of that name is found too
        raise StageError("no MLflow client is installed here", "pip install -r requirements.txt")
    own, before = set(), set()
    for path in Path(spec.origin).parent.glob("store/db_migrations/versions/*.py"):
        for kind, revision in REVISION.findall(path.read_text(encoding="utf-8")):
            (own if kind == "revision" else before).add(revision)
    (head,) = own - before
    return head, own


def read(database: Database) -> Found:
    """Count what is in it."""
    with opened(database) as connection:
        experiments, runs = (
            connection.execute(f"SELECT count(*) FROM {table} WHERE lifecycle_stage = 'active'").fetchone()[0]
            for table in ("experiments", "runs")
        )
    return Found(f"{experiments} experiments, {runs} runs")


@contextmanager
def opened(database: Database) -> Iterator[sqlite3.Connection]:
    """Open the database for reading, and say what its errors mean."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database.path.absolute()))}?mode=ro", uri=True, timeout=PATIENCE)
        ) as connection:
            yield connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StageError(
                f"{database.path} is locked: another program is writing to it",
                "wait for the other one (a mirror?), or end it",
                Code.READ,
            ) from None
        raise StageError(f"{database.path}: {quoted(str(error))}", "make the file readable", Code.READ) from None
    except sqlite3.DatabaseError as error:
        raise StageError(
            f"{database.path} is no database, or a damaged one: {quoted(str(error))}",
            f"correct the path, {ANEW}",
            Code.SERVER,
        ) from None
