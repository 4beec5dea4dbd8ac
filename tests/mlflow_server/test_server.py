"""The server keeps what it was given: through a restart, and with many clients at once."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tests.mlflow_server.running_server import RunningServer

pytestmark = pytest.mark.slow

CLIENTS = 8
METRICS = [Metric(name, value, 0, 0) for name, value in {"auc": 0.79, "brier": 0.162, "cost": 0.53}.items()]
PARAMS = [Param("model", "best"), Param("train.xgb.max_depth", "[2, 3, 4]")]


@pytest.fixture
def experiment(client: MlflowClient) -> str:
    return client.create_experiment(f"test-{uuid4().hex}")


def write_run(client: MlflowClient, experiment: str, name: str) -> str:
    """Write a run with metrics and params as the mirror does: what is there already stays."""
    found = client.search_runs([experiment], f"tags.identity = '{name}'")
    run = found[0] if found else client.create_run(experiment, tags={"identity": name})
    client.log_batch(run.info.run_id, metrics=METRICS, params=PARAMS, tags=[RunTag("complete", "yes")])
    return run.info.run_id


def content(client: MlflowClient, run: str) -> tuple[dict, dict, str | None]:
    data = client.get_run(run).data
    return data.metrics, data.params, data.tags.get("complete")


WHOLE = ({metric.key: metric.value for metric in METRICS}, {param.key: param.value for param in PARAMS}, "yes")


def register(client: MlflowClient, name: str, run: str) -> str:
    source = f"{client.get_run(run).info.artifact_uri}/models"
    return client.create_model_version(name, source, run).version


def test_instances_that_start_together_set_up_an_empty_database_once(mlflow_server: RunningServer):
    code, said = mlflow_server.rival
    assert code == 0, said[-500:]
    said += mlflow_server.log.read_text(encoding="utf-8")
    assert said.count("Creating initial MLflow database tables") == 1
    assert said.count("Created admin user") == 1


def test_a_run_an_artifact_and_a_model_come_back_as_they_were_written(mlflow_server, client, experiment, tmp_path):
    run, name = write_run(client, experiment, "one"), f"credit-{uuid4().hex}"
    assert content(client, run) == WHOLE
    assert [(metric.value, metric.step) for metric in client.get_metric_history(run, "auc")] == [(0.79, 0)]

    written = random.Random(5).randbytes(5_000_000)
    (tmp_path / "model.joblib").write_bytes(written)
    client.log_artifact(run, str(tmp_path / "model.joblib"), "models")
    back = client.download_artifacts(run, "models/model.joblib", str(tmp_path / ""))
    kept = mlflow_server.artifacts / experiment / run / "artifacts" / "models" / "model.joblib"
    assert all(
        hashlib.sha256(Path(path).read_bytes()).digest() == hashlib.sha256(written).digest() for path in (back, kept)
    )

    client.create_registered_model(name)
    assert [str(register(client, name, run)) for _ in range(2)] == ["1", "2"]
    client.set_registered_model_alias(name, "champion", "2")
    assert client.get_model_version_by_alias(name, "champion").run_id == run


def test_eight_clients_at_once_leave_no_duplicate_and_no_error(client):
    start, name = Barrier(CLIENTS), f"together-{uuid4().hex}"

    def work(number: int) -> list[str]:
        start.wait(60)
        try:
            client.create_experiment(name)
        except MlflowException as error:
            assert error.error_code == "RESOURCE_ALREADY_EXISTS"
        own = client.get_experiment_by_name(name).experiment_id
        return [write_run(client, own, f"{number}-{place}") for place in range(4)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        runs = [run for written in pool.map(work, range(CLIENTS)) for run in written]
    (kept,) = [one for one in client.search_experiments() if one.name == name]
    found = client.search_runs([kept.experiment_id])
    assert sorted(run.info.run_id for run in found) == sorted(runs)
    assert len({run.data.tags["identity"] for run in found}) == len(found) == 4 * CLIENTS
    assert all(content(client, run) == WHOLE for run in runs)


def test_a_restart_keeps_everything_and_leaves_no_process_and_no_secret(
    mlflow_server: RunningServer, client, experiment, tmp_path
):
    user = mlflow_server.new_user()
    mlflow_server.grant(user, "experiment", experiment, "READ")
    (tmp_path / "evidence.txt").write_text("kept", encoding="utf-8")
    run, name = write_run(client, experiment, "restart"), f"credit-{uuid4().hex}"
    client.log_artifact(run, str(tmp_path / "evidence.txt"))
    client.create_registered_model(name)
    register(client, name, run)
    (configuration,) = mlflow_server.log.parent.rglob("basic_auth.ini")
    assert configuration.stat().st_mode & 0o777 == 0o600
    assert mlflow_server.admin.password not in configuration.read_text(encoding="utf-8")

    assert mlflow_server.stop() == 0
    assert not configuration.exists()
    mlflow_server.start()

    assert content(client, run) == WHOLE
    assert [entry.path for entry in client.list_artifacts(run)] == ["evidence.txt"]
    assert client.get_model_version(name, "1").run_id == run
    assert mlflow_server.ask("GET", f"/api/2.0/mlflow/runs/get?run_id={run}", user).ok
    log = mlflow_server.log.read_text(encoding="utf-8")
    assert "GET /health" in log
    for secret in ("MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"):
        assert mlflow_server.environment[secret] not in log
