"""Where runs are mirrored to: the MLflow server that the environment names, else a database in this repository."""

import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from credit.core.errors import InputError
from ops.shared.redaction import one_line

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "credit-risk"
FOLDER = Path(".mlflow")  # Git ignores it
DATABASE = "mlflow.db"
EMBEDDED = re.compile(r"sqlite:///(?!:memory:|file:)([^?]+)(\?.*)?")
VIEW = {"mlflow.experimentKind": "custom_model_development"}  # MLflow's pages show metrics, not prompts
BOUNDED = {  # else the client tries a dead server for four minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # two lines a run
}
SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
# What they have to say comes as exceptions, or is of no interest here (tables are made, a request is tried again).
LOUDEST = {"alembic": logging.WARNING, "mlflow": logging.CRITICAL, "urllib3": logging.ERROR}


def tracking_uri(repository: Path) -> str:
    """Give the URI in MLFLOW_TRACKING_URI, else that of the repository's own database."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(repository / FOLDER / DATABASE).resolve()}"


def is_embedded(uri: str) -> bool:
    """Whether a URI names a database file, which has one writer at a time."""
    return uri.startswith("sqlite:")


def database_file(uri: str) -> Path:
    """Give the path of the database file that a URI names; raises InputError where it names none."""
    if (match := EMBEDDED.fullmatch(uri)) is None:
        raise InputError("expected sqlite:///PATH, with a fourth slash where PATH starts at /")
    return Path(match[1]).resolve()


def existing(uri: str) -> str:
    """Give a URI back, unless it names a database file that is not there: to read, none is to be made."""
    if is_embedded(uri) and not database_file(uri).is_file():
        raise InputError("no runs are mirrored yet (make mirror)")
    return uri


def artifact_location(uri: str) -> str | None:
    """Give the folder of artifacts beside a database file; None lets a server decide."""
    return database_file(uri).with_name("artifacts").as_uri() if is_embedded(uri) else None


def connect(uri: str) -> "MlflowClient":
    """Make a client whose every call is bounded in time; what the environment sets goes first."""
    for name, value in BOUNDED.items():
        os.environ.setdefault(name, value)
    import mlflow

    for name, level in LOUDEST.items():
        logging.getLogger(name).setLevel(level)
    if is_embedded(uri):
        make_quick(database_file(uri))
    mlflow.set_tracking_uri(uri)  # what a client does with a version's model goes by this one
    return mlflow.MlflowClient(uri, registry_uri=uri)


def make_quick(database: Path) -> None:
    """Let a database file wait less for the disk: a power cut may then undo the last writes, but break nothing.

    Raises sqlite3.Error at once where it is none, which MLflow would try to open for minutes.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # stays with the file
    if not event.contains(Engine, "connect", wait_less):
        event.listen(Engine, "connect", wait_less)


def wait_less(connection: object, _: object) -> None:
    """Set up a new connection of SQLAlchemy's."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def as_input_error() -> Iterator[None]:
    """Turn what a server, a database or a disk raises into an InputError of one line, without secrets."""
    try:
        yield
    except troubles() as error:
        secrets = {os.environ[name] for name in SECRETS if os.environ.get(name)}
        raise InputError(one_line(origin(error), secrets)) from error


def origin(error: BaseException) -> BaseException:
    """Find what the system says (connection refused, no space left) where libraries have wrapped it in longer texts."""
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    return causes[-1] if isinstance(causes[-1], OSError) and str(causes[-1]) else error


def troubles() -> tuple[type[Exception], ...]:
    """Name what MLflow lets through; what `requests` raises is an OSError."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, sqlite3.Error, OSError


@contextmanager
def sole_writer(uri: str, patience: float = 60) -> Iterator[bool]:
    """Hold the database file for this process, which others would break while its tables are made.

    Gives whether it was free within `patience` seconds; a server needs no such thing.
    """
    if not is_embedded(uri):
        yield True
        return
    from fasteners import InterProcessLock

    place = database_file(uri).with_name(".lock")
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = InterProcessLock(place)
    held = lock.acquire(timeout=patience)
    try:
        yield held
    finally:
        if held:
            lock.release()
        else:
            lock.lockfile.close()


def experiment_id(client: "MlflowClient", uri: str) -> str:
    """Give the experiment of this project, which is made if it is not there; a deleted one comes back."""
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        try:
            return client.create_experiment(EXPERIMENT, artifact_location(uri), tags=VIEW)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            experiment = client.get_experiment_by_name(EXPERIMENT)  # another mirror made it in this moment
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return experiment.experiment_id
