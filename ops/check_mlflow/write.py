"""A trial of writing with MLflow's own client: run, metric, artifact, registry; and all of it removed again."""

import io
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.check_mlflow.causes import failure
from ops.check_mlflow.steps import Check, Deadline, StepError
from ops.shared.redaction import one_line
from ops.shared.tracking import BOUNDED, sole_writer

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

NAMES = ("client", "run", "metric", "artifact", "registry", "clean-up")
SECONDS, SECONDS_TO_CLEAN_UP = 60, 30
SIZE = 16 * 1024
MAY_WRITE = "let an administrator of MLflow allow this user to make experiments and models"
DATABASE = "look at the server's log and at the database behind it"
STORAGE = "start the server with --artifacts-destination and give it access to the bucket or folder"
REFUSED = ("PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED")


def check_writing(check: Check, uri: str, database: Path | None) -> None:
    """Run the trial; what it has made is removed however it ends."""
    trial, deadline = Trial(uri, database), Deadline(SECONDS)
    steps = (
        ("client", trial.start, "pip install -r requirements.txt"),
        ("run", trial.make_run, MAY_WRITE),
        ("metric", trial.log_metric, DATABASE),
        ("artifact", trial.log_artifact, STORAGE),
        ("registry", trial.register, MAY_WRITE),
    )
    try:
        for name, act, remedy in steps:
            with check.step(name) as step, bounded(deadline, remedy):
                step.detail = act()
    finally:
        with check.step("clean-up") as step:
            step.detail = trial.clean_up()


class Trial:
    """Everything is under one name that nobody else uses. `database` is the path of a file, or None for a server."""

    def __init__(self, uri: str, database: Path | None) -> None:
        self.name = f"check-mlflow-{uuid.uuid4().hex}"
        self._uri = uri
        self._folder = None if database is None else database.absolute().parent / self.name
        self._held = ExitStack()
        self._client: MlflowClient | None = None
        self._run: Run | None = None
        self._to_undo: dict[str, Callable[[], None]] = {}

    def start(self) -> str:
        """Import MLflow, and keep other writers from a database file."""
        if not self._held.enter_context(sole_writer(self._uri, patience=SECONDS / 2)):
            raise failure("write", "busy")
        os.environ.update(BOUNDED, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_TRACKING_URI=self._uri)
        import mlflow

        self._client = mlflow.MlflowClient(self._uri, registry_uri=self._uri)
        return f"mlflow {mlflow.__version__}"

    def make_run(self) -> str:
        """Make an experiment, and a run in it."""
        self._to_undo["experiment"] = self._delete_experiment
        location = None if self._folder is None else self._folder.as_uri()
        experiment = self._client.create_experiment(self.name, artifact_location=location)
        self._run = self._client.create_run(experiment, run_name=self.name)
        return f"experiment {self.name}"

    def log_metric(self) -> str:
        """Log a metric and read it back."""
        run = self._run.info.run_id
        self._client.log_metric(run, "auc", 0.75)
        back = self._client.get_run(run).data.metrics
        if back != {"auc": 0.75}:
            raise failure("write", "other-back", sent="the metric auc = 0.75", back=back)
        return "read back"

    def log_artifact(self) -> str:
        """Log a file, through the server if there is one, and compare what comes back."""
        place = urlsplit(self._run.info.artifact_uri).scheme
        if self._folder is None and place in ("", "file"):
            raise failure("write", "local-artifacts")
        self._to_undo["artifact"] = self._delete_artifacts
        with TemporaryDirectory() as folder:
            sent, target = Path(folder, "probe.bin"), Path(folder, "back")
            sent.write_bytes(os.urandom(SIZE))
            target.mkdir()
            self._client.log_artifact(self._run.info.run_id, str(sent))
            back = Path(self._client.download_artifacts(self._run.info.run_id, sent.name, str(target)))
            if back.read_bytes() != sent.read_bytes():
                raise failure("write", "other-back", sent="the bytes of the artifact", back="others")
        return f"{SIZE // 1024} KB ({place or 'a folder'}), the same bytes back"

    def register(self) -> str:
        """Register a model, with a version that names the run."""
        self._to_undo["registered model"] = self._delete_model
        run = self._run.info
        self._client.create_registered_model(self.name)
        made = self._client.create_model_version(self.name, run.artifact_uri, run.run_id, await_creation_for=0)
        back = self._client.get_model_version(self.name, made.version)
        if back.run_id != run.run_id:
            raise failure("write", "other-back", sent=f"a version of run {run.run_id}", back=back.run_id)
        return f"model version {back.version}"

    def clean_up(self) -> str:
        """Remove whatever there is under the name, the last first, and on even where one of them stays."""
        deadline, left = Deadline(SECONDS_TO_CLEAN_UP), []
        for what, undo in reversed(self._to_undo.items()):
            try:
                with bounded(deadline, ""):
                    undo()
            except StepError as error:
                left.append(f"{what} ({error})")
        self._held.close()
        if left:
            raise failure("write", "left", left="; ".join(left), name=self.name)
        if self._folder is not None:
            return "nothing left"
        return "run and experiment marked as deleted (`mlflow gc` on the server removes them), the rest removed"

    def _delete_model(self) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.delete_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise

    def _delete_artifacts(self) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        get_artifact_repository(self._run.info.artifact_uri, tracking_uri=self._uri).delete_artifacts()

    def _delete_experiment(self) -> None:
        """Delete the experiment with its runs; MLflow marks them as deleted and lets only a database be purged."""
        experiment = self._client.get_experiment_by_name(self.name)
        if experiment is None:
            return
        self._client.delete_experiment(experiment.experiment_id)
        if self._folder is not None:
            from mlflow.cli import gc

            options = ["--backend-store-uri", self._uri, "--experiment-ids", experiment.experiment_id]
            gc.main(options, standalone_mode=False)
            shutil.rmtree(self._folder, ignore_errors=True)


class Overdue(BaseException):
    """The time is up; no handler of errors in a library may stop it."""


@contextmanager
def bounded(deadline: Deadline, remedy: str) -> Iterator[None]:
    """Run calls of MLflow's client, silently and in time; whatever it raises becomes a failure with this remedy."""
    silence = io.StringIO()  # what libraries print is not of this check, and might hold a secret
    try:
        with redirect_stdout(silence), redirect_stderr(silence), _alarm(deadline):
            yield
    except StepError:
        raise
    except (Overdue, TimeoutError):
        raise failure("write", "TimeoutError", seconds=deadline.seconds, remedy=remedy) from None
    except Exception as error:  # each store has errors of its own
        status = getattr(getattr(error, "response", None), "status_code", None)
        is_refused = getattr(error, "error_code", None) in REFUSED or status in (401, 403)
        raise failure("write", "refused" if is_refused else "", reason=one_line(error), remedy=remedy) from None


@contextmanager
def _alarm(deadline: Deadline) -> Iterator[None]:
    """Raise `Overdue` in the block at the deadline, whatever it is waiting for."""

    def ring(*_: object) -> None:
        raise Overdue

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, deadline.left())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
