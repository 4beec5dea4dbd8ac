"""A trial of writing with MLflow's own client: run, metric, artifact, registry; and all of it removed again."""

import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from urllib.parse import urlsplit

from ops.check_mlflow.causes import StepError, failure
from ops.check_mlflow.steps import Deadline, Step
from ops.shared.redaction import SEARCHED, one_line
from ops.shared.tracking import BOUNDED, database_file, is_embedded, sole_writer

NAMES, CLEAN_UP = ("client", "run", "metric", "artifact", "registry"), "clean-up"
SECONDS, SECONDS_TO_CLEAN_UP = 60, 30
SIZE = 16 * 1024


class Trial:
    """Everything is under one name that nobody else uses, and removed however the trial ends."""

    def __init__(self, uri: str) -> None:
        self.name = f"check-mlflow-{uuid.uuid4().hex}"
        self._uri = uri
        self._folder = database_file(uri).parent / self.name if is_embedded(uri) else None
        self._held = ExitStack()
        self._one_at_a_time = Lock()
        self._client = self._run = None
        self._to_undo: list[Callable[[], None]] = []

    def steps(self) -> Iterator[Step]:
        """Write, and read back what has been written."""
        deadline = Deadline(SECONDS)
        acts = (self.start, self.make_run, self.log_metric, self.log_artifact, self.register)
        for name, act in zip(NAMES, acts, strict=True):
            yield Step(self._attempt(name, act, deadline))

    def clean_up(self) -> Iterator[Step]:
        """Remove whatever there is under the name, the last first, and on even where one of them stays."""
        deadline, left = Deadline(SECONDS_TO_CLEAN_UP), []
        for undo in reversed(self._to_undo):
            try:
                self._attempt(CLEAN_UP, undo, deadline)
            except StepError as error:
                left.append(f"{undo.__name__.removeprefix('delete_')} ({error})")
        self._held.close()
        if left:
            raise failure("left", left="; ".join(left), name=self.name)
        on_server = "run and experiment marked as deleted (`mlflow gc` on the server removes them), the rest removed"
        yield Step("nothing left" if self._folder else on_server)

    def _attempt(self, name: str, act: Callable[[], str | None], deadline: Deadline) -> str | None:
        """Call MLflow's client, silently and in time, and say what its exceptions mean: each store has its own."""

        def alone() -> str | None:
            with self._one_at_a_time:  # what has overrun its time, or was interrupted, ends before it is removed
                return act()

        silence = io.StringIO()  # what libraries print is not of this check, and might hold a secret
        try:
            with redirect_stdout(silence), redirect_stderr(silence):
                return deadline.within(alone)
        except Exception as error:  # of MLflow or of any library of stores that it calls: boto3, SQLAlchemy, ...
            late = f"not done within {deadline.seconds:g} s" if type(error) is TimeoutError else ""
            status = getattr(getattr(error, "response", None), "status_code", None)
            said = f"write {name} {getattr(error, 'error_code', None)} {status}"
            raise failure(said, reason=late or one_line(error, longest=SEARCHED)) from None

    def start(self) -> str:
        """Import MLflow, and keep other writers from a database file."""
        if not self._held.enter_context(sole_writer(self._uri, patience=SECONDS / 2)):
            raise RuntimeError("another program is writing to the database")
        os.environ.update(BOUNDED, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_TRACKING_URI=self._uri)
        import mlflow

        self._client = mlflow.MlflowClient(self._uri, registry_uri=self._uri)
        return f"mlflow {mlflow.__version__}"

    def make_run(self) -> str:
        """Make an experiment, and a run in it."""
        self._to_undo.append(self.delete_experiment)
        location = None if self._folder is None else self._folder.as_uri()
        experiment = self._client.create_experiment(self.name, artifact_location=location)
        self._run = self._client.create_run(experiment, run_name=self.name)
        return f"experiment {self.name}"

    def log_metric(self) -> str:
        """Log a metric and read it back."""
        run = self._run.info.run_id
        self._client.log_metric(run, "auc", 0.75)
        expect({"auc": 0.75}, self._client.get_run(run).data.metrics)
        return "read back"

    def log_artifact(self) -> str:
        """Log a file, through the server if there is one, and compare what comes back."""
        place = urlsplit(self._run.info.artifact_uri).scheme
        if self._folder is None and place in ("", "file"):
            raise RuntimeError("the server wants artifacts in a folder of its own, which clients would make here")
        self._to_undo.append(self.delete_artifacts)
        with TemporaryDirectory() as folder:
            sent, target = Path(folder, "probe.bin"), Path(folder, "back")
            sent.write_bytes(os.urandom(SIZE))
            target.mkdir()
            self._client.log_artifact(self._run.info.run_id, str(sent))
            back = Path(self._client.download_artifacts(self._run.info.run_id, sent.name, str(target)))
            expect(sent.read_bytes(), back.read_bytes())
        return f"{SIZE // 1024} KB ({place or 'a folder'}), the same bytes back"

    def register(self) -> str:
        """Register a model, with a version that names the run."""
        self._to_undo.append(self.delete_model)
        run = self._run.info
        self._client.create_registered_model(self.name)
        made = self._client.create_model_version(self.name, run.artifact_uri, run.run_id, await_creation_for=0)
        expect(run.run_id, self._client.get_model_version(self.name, made.version).run_id)
        return f"model version {made.version}"

    def delete_model(self) -> None:
        for model in self._client.search_registered_models(f"name = '{self.name}'"):
            self._client.delete_registered_model(model.name)

    def delete_artifacts(self) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        get_artifact_repository(self._run.info.artifact_uri, tracking_uri=self._uri).delete_artifacts()

    def delete_experiment(self) -> None:
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


def expect(sent: object, back: object) -> None:
    """Raise where something else comes back than was sent."""
    if back != sent:
        raise RuntimeError(f"expected {str(sent)[:80]} back, got {str(back)[:80]}")
