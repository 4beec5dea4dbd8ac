"""One server for all tests of a test process: start-up is most of what it costs."""

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from ops.mlflow_server import environment
from tests.mlflow_server.postgres import Postgres
from tests.mlflow_server.running_server import (
    API,
    PROXY,
    REPOSITORY,
    SECONDS_TO_START,
    Kept,
    Login,
    RunningServer,
)
from tests.mlflow_server.variables import read

if TYPE_CHECKING:
    from mlflow import MlflowClient


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture(scope="session")
def mlflow_server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serve runs to the tests; each makes experiments and users of its own.

    Another instance sets up the same empty database at the same time; its exit code and words are `rival`.
    """
    server = RunningServer(tmp_path_factory.mktemp("mlflow_server"), postgres)
    checked = read(server.environment)
    with environment.configuration_of_logins(checked) as logins:
        variables = environment.of_processes(checked, logins, server.environment)
        rival = subprocess.Popen(
            [sys.executable, "-m", "ops.mlflow_server.database"],
            cwd=REPOSITORY,
            env={**variables, "MLFLOW_AUTH_ADMIN_PASSWORD": server.admin.password},
            stderr=subprocess.PIPE,
            text=True,
        )
        with server:
            _, said = rival.communicate(timeout=SECONDS_TO_START)
            server.rival = rival.returncode, said
            yield server


@pytest.fixture
def client(mlflow_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> "MlflowClient":
    """Give the administrator's client."""
    for name, value in mlflow_server.client_environment().items():
        monkeypatch.setenv(name, value)
    from mlflow import MlflowClient

    return MlflowClient(mlflow_server.uri)


@pytest.fixture(scope="session")
def stranger(mlflow_server: RunningServer) -> Login:
    """Make a user who has no permission on anything; none is to be given."""
    return mlflow_server.new_user()


@pytest.fixture(scope="session")
def kept(mlflow_server: RunningServer) -> Kept:
    """Let a user keep a run with an artifact, and a model; not to be changed by a test."""
    owner, name = mlflow_server.new_user(), f"model-{uuid4().hex}"
    experiment = mlflow_server.post(f"{API}/experiments/create", owner, name=name)["experiment_id"]
    run = mlflow_server.post(f"{API}/runs/create", owner, experiment_id=experiment)["run"]["info"]["run_id"]
    kept = Kept(owner, experiment, run, name)
    assert mlflow_server.ask("PUT", f"{PROXY}/{kept.folder}/pd.txt", owner, data=b"0.2").ok
    mlflow_server.post(f"{API}/registered-models/create", owner, name=name)
    source = f"mlflow-artifacts:/{kept.folder}"
    mlflow_server.post(f"{API}/model-versions/create", owner, name=name, source=source, run_id=run)
    return kept
