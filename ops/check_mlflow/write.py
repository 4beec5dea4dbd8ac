"""A trial of writing with MLflow's own client: run, metric, artifact, registry; and all of it removed again."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.check_mlflow.bounded import bounded
from ops.check_mlflow.deadline import Deadline
from ops.check_mlflow.stages import Code, Found, StageError, Stages
from ops.shared.tracking import sole_writer

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

NAMES = ("client", "run", "metric", "artifact", "registry", "clean-up")
SECONDS, SECONDS_TO_CLEAN_UP = 60, 30
SIZE = 16 * 1024
MAY_WRITE = "let an administrator of MLflow allow this user to make experiments and models"
DATABASE = "look at the server's log and at the database behind it"
STORAGE = "start the server with --artifacts-destination and give it access to the bucket or folder"


class Trial:
    """Everything is under one name that nobody else uses. `database` is the path of a file, or None for a server."""

    def __init__(self, uri: str, database: Path | None) -> None:
        self.name = f"check-mlflow-{uuid.uuid4().hex}"
        self._uri = uri
        self._folder = None if database is None else database.absolute().parent / self.name
        self._deadline = Deadline(SECONDS)
        self._held = ExitStack()
        self._client: MlflowClient | None = None
        self._run: Run | None = None
        self._begun: set[str] = set()

    def start(self) -> Found:
        """Import MLflow, and keep other writers from a database file."""
        if not self._held.enter_context(sole_writer(self._uri, patience=SECONDS / 2)):
            raise StageError("another program is writing to the database", "wait for the other one (a mirror?)")
        with bounded(self._deadline, self._uri, "pip install -r requirements.txt"):
            import mlflow

            self._client = mlflow.MlflowClient(self._uri, registry_uri=self._uri)
        return Found(f"mlflow {mlflow.__version__}")

    def run(self) -> Found:
        """Make an experiment, and a run in it."""
        self._begun.add("experiment")
        with bounded(self._deadline, self._uri, MAY_WRITE):
            location = None if self._folder is None else self._folder.as_uri()
            experiment = self._client.create_experiment(self.name, artifact_location=location)
            self._run = self._client.create_run(experiment, run_name=self.name)
        return Found(f"experiment {self.name}")

    def metric(self) -> Found:
        """Log a metric and read it back."""
        with bounded(self._deadline, self._uri, DATABASE):
            run = self._run.info.run_id
            self._client.log_metric(run, "auc", 0.75)
            back = self._client.get_run(run).data.metrics
        if back != {"auc": 0.75}:
            raise StageError(f"expected the metric auc = 0.75 back, got {back}", DATABASE)
        return Found("read back")

    def artifact(self) -> Found:
        """Log a file, through the server if there is one, and compare what comes back."""
        place = urlsplit(self._run.info.artifact_uri).scheme
        if self._folder is None and place in ("", "file"):
            raise StageError(
                "the server wants artifacts in a folder of its own, which clients would make on their machine",
                "start it with --artifacts-destination, without --default-artifact-root and --no-serve-artifacts",
            )
        with TemporaryDirectory() as folder, bounded(self._deadline, self._uri, STORAGE):
            sent = Path(folder, "probe.bin")
            sent.write_bytes(os.urandom(SIZE))
            self._begun.add("artifact")
            self._client.log_artifact(self._run.info.run_id, str(sent))
            target = Path(folder, "back")
            target.mkdir()
            back = Path(self._client.download_artifacts(self._run.info.run_id, sent.name, str(target)))
            expected, got = (hashlib.sha256(file.read_bytes()).hexdigest() for file in (sent, back))
        if got != expected:
            raise StageError(f"expected sha256 {expected[:12]}... back, got {got[:12]}...", STORAGE)
        return Found(f"{SIZE // 1024} KB ({place or 'a folder'}), back with the same sha256")

    def registry(self) -> Found:
        """Register a model, with a version that names the run."""
        self._begun.add("model")
        run = self._run.info
        with bounded(self._deadline, self._uri, MAY_WRITE):
            self._client.create_registered_model(self.name)
            made = self._client.create_model_version(self.name, run.artifact_uri, run.run_id, await_creation_for=0)
            back = self._client.get_model_version(self.name, made.version)
        if back.run_id != run.run_id:
            raise StageError(f"expected a model version of run {run.run_id} back, got {back.run_id}", DATABASE)
        return Found(f"model version {back.version}")

    def clean_up(self) -> Found:
        """Remove whatever there is under the name, one thing after the other even where one of them stays."""
        deadline = Deadline(SECONDS_TO_CLEAN_UP)
        steps = [
            ("registered model", "model" in self._begun, self._delete_model),
            ("artifact", "artifact" in self._begun, self._delete_artifacts),
            ("experiment", "experiment" in self._begun, self._delete_experiment),
        ]
        left = []
        for what, begun, delete in steps:
            try:
                if begun:
                    with bounded(deadline, self._uri, ""):
                        delete()
            except StageError as failure:
                left.append(f"{what} ({failure})")
        self._held.close()
        if left:
            raise StageError(f"left behind: {'; '.join(left)}", f"delete what is called {self.name} by hand")
        if self._folder is not None:
            return Found("nothing left")
        return Found("run and experiment marked as deleted (`mlflow gc` on the server removes them), the rest removed")

    def _delete_model(self) -> None:
        _unless_absent(lambda: self._client.delete_registered_model(self.name))

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


def _unless_absent(delete: Callable[[], None]) -> None:
    from mlflow.exceptions import MlflowException

    try:
        delete()
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise


def check_writing(stages: Stages, uri: str, database: Path | None) -> None:
    """Run the trial; what it has made is removed however it ends."""
    trial = Trial(uri, database)
    try:
        for step in (trial.start, trial.run, trial.metric, trial.artifact, trial.registry):
            stages.run("client" if step == trial.start else step.__name__, Code.WRITE, step)
    finally:
        stages.run("clean-up", Code.WRITE, trial.clean_up)
