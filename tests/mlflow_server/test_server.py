"""The server keeps what it was given through a restart, and sets up its database once."""

from uuid import uuid4

import pytest
from mlflow import MlflowClient

from tests.mlflow_server.running_server import RunningServer

pytestmark = pytest.mark.slow


def test_instances_that_start_together_set_up_an_empty_database_once(mlflow_server: RunningServer):
    code, said = mlflow_server.rival
    assert code == 0, said[-500:]
    said += mlflow_server.log.read_text(encoding="utf-8")
    assert said.count("Creating initial MLflow database tables") == 1
    assert said.count("Created admin user") == 1


def test_a_restart_keeps_everything_and_leaves_no_process_and_no_secret(
    mlflow_server: RunningServer, client: MlflowClient, kept
):
    user = mlflow_server.new_user()
    mlflow_server.grant(user, "experiment", kept.experiment, "READ")
    client.log_metric(kept.run, "auc", 0.79)
    client.log_param(kept.run, "train.xgb.max_depth", "[2, 3, 4]")
    name = f"restart-{uuid4().hex}"
    client.create_registered_model(name)
    client.create_model_version(name, f"mlflow-artifacts:/{kept.folder}", kept.run)
    client.set_registered_model_alias(name, "champion", "1")
    (configuration,) = mlflow_server.log.parent.rglob("basic_auth.ini")
    assert configuration.stat().st_mode & 0o777 == 0o600
    assert mlflow_server.admin.password not in configuration.read_text(encoding="utf-8")

    assert mlflow_server.stop() == 0
    assert not configuration.exists()
    mlflow_server.start()

    data = client.get_run(kept.run).data
    assert (data.metrics, data.params) == ({"auc": 0.79}, {"train.xgb.max_depth": "[2, 3, 4]"})
    assert [entry.path for entry in client.list_artifacts(kept.run)] == ["pd.txt"]
    assert client.get_model_version_by_alias(name, "champion").run_id == kept.run
    assert mlflow_server.ask("GET", f"/api/2.0/mlflow/runs/get?run_id={kept.run}", user).ok
    log = mlflow_server.log.read_text(encoding="utf-8")
    assert "GET /health" in log
    for secret in ("MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"):
        assert mlflow_server.environment[secret] not in log
