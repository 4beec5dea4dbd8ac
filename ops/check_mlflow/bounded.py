"""Calls of MLflow's client that end in time, print nothing, and fail with a line."""

import io
import os
import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from ops.check_mlflow.deadline import Deadline
from ops.check_mlflow.redaction import quoted
from ops.check_mlflow.stages import Code, StageError

SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # else a dead server takes 246 s
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
REFUSED = ("PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED")


class Overdue(BaseException):
    """The time is up; no handler of errors in a library may stop it."""


@contextmanager
def bounded(deadline: Deadline, uri: str, remedy: str) -> Iterator[None]:
    """Run a block of calls; whatever the libraries raise in it becomes a failure with this remedy."""
    try:
        with _environment({**SETTINGS, "MLFLOW_TRACKING_URI": uri}), _silence(), _alarm(deadline.left()):
            yield
    except StageError:
        raise
    except (Overdue, TimeoutError):
        raise StageError(
            f"not done within {deadline.seconds:g} s", f"look at the load of the server; {remedy}", Code.WRITE
        ) from None
    except Exception as error:  # each store has errors of its own
        refused = getattr(error, "error_code", None) in REFUSED or _status(error) in (401, 403)
        raise StageError(quoted(str(error)), remedy, Code.REFUSED if refused else Code.WRITE) from None


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _silence() -> Iterator[None]:
    """Drop what libraries print: it is not of this check, and might hold a secret."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `Overdue` in the block after so many seconds, whatever it is waiting for."""

    def ring(*_: object) -> None:
        raise Overdue

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
