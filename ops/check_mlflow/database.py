"""The steps of a check of a database file: is it there, is it MLflow's and of this version, can it be read?"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from ops.check_mlflow.causes import failure, kinds
from ops.check_mlflow.steps import Check, Step
from ops.check_mlflow.uri import Database
from ops.shared.redaction import one_line

NAMES = ("URI", "file", "schema", "read")
PATIENCE = 3  # seconds for a writer to come to an end
REVISION = re.compile(r"^(revision|down_revision)\s*(?::[^=]*)?=\s*[\"']([0-9a-f]+)[\"']", re.MULTILINE)


def check_database(check: Check, database: Database, *, writes: bool) -> None:
    """Run the steps that the file gives cause to; one that is absent is not made by reading."""
    with check.step("file") as step:
        is_filled = find(database, step, writes=writes)
    if not is_filled:
        return
    with check.step("schema") as step:
        compare_schema(database, step)
    with check.step("read") as step:
        read(database, step)


def find(database: Database, step: Step, *, writes: bool) -> bool:
    """Look at the file; returns whether there is anything in it to look at."""
    path = database.path
    try:
        if path.is_dir():
            raise failure("file", "folder", path=path)
        size = path.stat().st_size if path.exists() else None
    except OSError as error:
        raise failure("file", "OSError", path=path, reason=error.strerror) from None
    if size is None:
        _require_makeable(path)
        step.detail = f"{path} is not there yet: the first run of the mirror makes it"
        return False
    if not size:
        step.detail = f"{path} is empty: the first run of the mirror fills it"
        return False
    with opened(database) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    step.detail = f"{path}, {size / 1e6:.1f} MB"
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        if writes:
            raise failure("file", "read-only", path=path)
        step.warning, step.detail = True, f"{path}, read-only: nothing can be mirrored to it"
    return True


def _require_makeable(path: Path) -> None:
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise failure("file", "not-to-make", path=path, above=above)


def compare_schema(database: Database, step: Step) -> None:
    """Compare the schema's revision with the one that the client works with."""
    head, known = revisions()
    with opened(database) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "experiments", "runs"} <= tables:
            raise failure("schema", "foreign", path=database.path)
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    found = rows[0][0] if len(rows) == 1 else "none"
    step.detail = f"revision {head}, that of the client"
    if found != head:
        raise failure("schema", "known" if found in known else "unknown", found=found, head=head, uri=database.uri)


def revisions() -> tuple[str, set[str]]:
    """Read the latest revision, and all, from the client's migrations, without the seconds of importing MLflow.

    Raises
    ------
    StepError
        No client is installed.
    """
    spec = find_spec("mlflow")
    if spec is None or spec.origin is None:  # a mere folder of that name is found too
        raise failure("no-client")
    own, before = set(), set()
    for path in Path(spec.origin).parent.glob("store/db_migrations/versions/*.py"):
        for kind, revision in REVISION.findall(path.read_text(encoding="utf-8")):
            (own if kind == "revision" else before).add(revision)
    (head,) = own - before
    return head, own


def read(database: Database, step: Step) -> None:
    """Count what is in it."""
    with opened(database) as connection:
        experiments, runs = (
            connection.execute(f"SELECT count(*) FROM {table} WHERE lifecycle_stage = 'active'").fetchone()[0]
            for table in ("experiments", "runs")
        )
    step.detail = f"{experiments} experiments, {runs} runs"


@contextmanager
def opened(database: Database) -> Iterator[sqlite3.Connection]:
    """Open the database for reading, and say what its errors mean."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database.path.absolute()))}?mode=ro", uri=True, timeout=PATIENCE)
        ) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        locked = "locked" if "locked" in str(error) else ""
        raise failure("database", locked, *kinds(error), path=database.path, reason=one_line(error)) from None
