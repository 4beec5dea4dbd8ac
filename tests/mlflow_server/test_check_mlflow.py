"""The connection check against the real server: all well and nothing left, and each way of being refused."""

import socket
from collections.abc import Callable
from uuid import uuid4

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType

from ops.check_mlflow import server
from ops.check_mlflow.write import NAMES
from tests.mlflow_server.running_server import Login, RunningServer
from tests.ops.check_mlflow.checked import Checked, clear_environment, run_check

pytestmark = pytest.mark.slow


@pytest.fixture
def administrator(mlflow_server: RunningServer, monkeypatch) -> Callable:
    """Give what calls a function with the administrator's client, whose environment ends with the call."""

    def call(ask: Callable):
        with monkeypatch.context() as context:
            for name, value in mlflow_server.client_environment().items():
                context.setenv(name, value)
            return ask(MlflowClient(mlflow_server.uri, registry_uri=mlflow_server.uri))

    return call


@pytest.fixture
def check(mlflow_server: RunningServer, monkeypatch, tmp_path, capfd) -> Callable[..., Checked]:
    """Check the server with a login, in an environment without any other."""
    clear_environment(monkeypatch, tmp_path)

    def run(login: Login | None, *arguments: str, uri: str = mlflow_server.uri) -> Checked:
        with monkeypatch.context() as context:
            for name, value in zip(("USERNAME", "PASSWORD"), login or (), strict=False):
                context.setenv(f"MLFLOW_TRACKING_{name}", value)
            checked = run_check(capfd, uri, *arguments, "--timeout", "60")  # the machine may be busy
        assert login is None or login.password not in checked.printed
        return checked

    return run


def left(client: MlflowClient) -> list:
    """List what checks have left and did not mark as deleted."""
    mine = {"filter_string": "name LIKE 'check-mlflow-%'"}
    every = client.search_experiments(view_type=ViewType.ALL, **mine)
    active = [one.name for one in every if one.lifecycle_stage != "deleted"]
    runs = client.search_runs([one.experiment_id for one in every])
    return [*active, *runs, *client.search_registered_models(**mine), *client.search_model_versions(**mine)]


def test_all_well_and_nothing_left(mlflow_server, administrator, check):
    checked = check(mlflow_server.new_user(), "--write")
    assert checked.code == 0, checked.printed
    assert all(stage["ok"] and not stage["warning"] for stage in checked.stages.values())
    assert "16 KB (mlflow-artifacts)" in checked.stages["artifact"]["detail"]
    assert set(NAMES) < set(checked.stages)
    assert administrator(left) == []
    assert not list(mlflow_server.artifacts.rglob("probe.bin"))


@pytest.mark.parametrize(
    ("login", "token", "says"),
    [
        (Login("admin", "a-wrong-password"), None, "and got user admin"),
        (Login("nobody", "a-wrong-password"), None, "and got user nobody"),
        (None, None, "and got no credentials (401)"),
        (None, "abc.def.ghi", "and got the token in MLFLOW_TRACKING_TOKEN (401)"),
    ],
)
def test_a_login_that_is_not_accepted(check, monkeypatch, login, token, says):
    if token:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    checked = check(login)
    checked.assert_failed("authentication", 7, says, "set or correct MLFLOW_TRACKING_USERNAME")
    assert checked.stages["health"]["ok"]


def test_no_permission_and_a_permission(mlflow_server, administrator, check, monkeypatch):
    name, login = f"check-{uuid4().hex}", mlflow_server.new_user()
    monkeypatch.setattr(server, "EXPERIMENT", name)
    assert "not there yet" in check(login).stages["read"]["detail"]
    experiment = administrator(lambda client: client.create_experiment(name))
    check(login).assert_failed("read", 7, f"no permission for user {login.username}", "grant it")
    mlflow_server.grant(login, "experiment", experiment, "READ")
    assert check(login).stages["read"]["detail"] == f"experiment {name}, no runs in it yet"


def test_a_host_name_that_the_server_does_not_allow(mlflow_server, check, monkeypatch):
    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", mlflow_server.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [place])
    authority = f"foreign.localhost:{mlflow_server.port}"
    checked = check(mlflow_server.admin, uri=f"http://{authority}")
    checked.assert_failed("authentication", 7, f"not to be called {authority}", f"--allowed-hosts naming {authority}")


def test_a_database_that_is_away(mlflow_server, check):
    mlflow_server.postgres.kill()
    try:
        checked = check(mlflow_server.admin)
    finally:
        mlflow_server.postgres.recover()
    checked.assert_failed("version", 5, "has a fault at /version (503)", "start MLflow, or its database")
    assert check(mlflow_server.admin).code == 0
