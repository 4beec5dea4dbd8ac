"""Who may do what: nobody anything without a login, and nobody anything with what is another's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from tests.mlflow_server.running_server import API, PROXY, REPOSITORY, Kept, Login, RunningServer

pytestmark = pytest.mark.slow

NOBODY = Login("nobody", "no-such-user-here")
HOLDS_NO_DATA = ("/health", "/static-files/", "/server-info")  # MLflow lets everybody in here, the guard to the first


@pytest.fixture(scope="module")
def routes(mlflow_server: RunningServer) -> list[tuple[str, str]]:
    """Ask the application for its routes; a list by hand would lack the next version's."""
    listed = subprocess.run(
        [sys.executable, "-m", "tests.mlflow_server.app_routes"],
        cwd=REPOSITORY,
        env=mlflow_server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(route) for route in json.loads(listed.stdout)]


def statuses(server: RunningServer, routes: list[tuple[str, str]], login: Login | None) -> dict[str, int]:
    def ask(route: tuple[str, str]) -> int:
        return server.ask(*route, login, json=None if route[0] == "GET" else {}).status_code

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(map(" ".join, routes), pool.map(ask, routes), strict=True))


def test_the_routes_are_those_of_mlflow_and_its_logins(routes):
    assert len(routes) > 400
    for method, path in [
        ("GET", "/health"),
        ("GET", f"{API}/runs/get"),  # Flask's
        ("PUT", f"{PROXY}/1"),  # FastAPI's
        ("GET", "/get-artifact"),
        ("POST", f"{API}/users/create"),  # of the logins
        ("POST", "/ajax-api/3.0/mlflow/assistant/message"),
    ]:
        assert (method, path) in routes


def test_nobody_gets_anything_but_the_health_check_without_a_login(mlflow_server, routes):
    answers = statuses(mlflow_server, routes, None)
    assert {route: status for route, status in answers.items() if status != 401} == {"GET /health": 200}


def test_mlflow_itself_knows_an_unknown_login_from_a_known_one(mlflow_server, routes):
    answers = statuses(mlflow_server, routes, NOBODY)
    assert [
        (route, status)
        for route, status in answers.items()
        # The guard does not offer the assistant to anybody.
        if status != (404 if "/assistant/" in route else 401) and not any(name in route for name in HOLDS_NO_DATA)
    ] == []


def test_a_wrong_password_and_a_token_are_no_login(mlflow_server):
    path = f"{API}/experiments/get?experiment_id=0"
    assert mlflow_server.ask("GET", path, mlflow_server.admin).status_code == 200
    assert mlflow_server.ask("GET", path, Login("admin", "not-the-password")).status_code == 401
    assert mlflow_server.ask("GET", path, Login("admin", "")).status_code == 401
    assert mlflow_server.ask("GET", path, headers={"Authorization": "Bearer something"}).status_code == 401


class Attempt(NamedTuple):
    """A request for something that belongs to `kept`; `reads` if READ is enough for it."""

    method: str
    path: str
    body: dict | bytes | None
    reads: bool


def attempts(kept: Kept) -> Iterator[Attempt]:
    run, experiment, model = {"run_id": kept.run}, {"experiment_id": kept.experiment}, {"name": kept.model}
    version = {**model, "version": "1"}
    for path in (
        f"{API}/experiments/get?experiment_id={kept.experiment}",
        f"{API}/runs/get?run_id={kept.run}",
        f"{API}/metrics/get-history?run_id={kept.run}&metric_key=auc",
        f"{API}/artifacts/list?run_id={kept.run}",
        f"/get-artifact?run_id={kept.run}&path=pd.txt",
        f"{PROXY}/{kept.folder}/pd.txt",
        f"{PROXY}?path={kept.folder}",
        f"{API}/registered-models/get?name={kept.model}",
        f"{API}/model-versions/get?name={kept.model}&version=1",
        f"{API}/model-versions/get-download-uri?name={kept.model}&version=1",
        f"/model-versions/get-artifact?name={kept.model}&version=1&path=pd.txt",
    ):
        yield Attempt("GET", path, None, reads=True)
    yield Attempt("POST", f"{API}/runs/create", experiment, reads=False)
    yield Attempt("POST", f"{API}/runs/log-metric", {**run, "key": "a", "value": 1, "timestamp": 1}, reads=False)
    yield Attempt("POST", f"{API}/runs/set-tag", {**run, "key": "a", "value": "b"}, reads=False)
    yield Attempt("POST", f"{API}/runs/delete", run, reads=False)
    yield Attempt("POST", f"{API}/experiments/delete", experiment, reads=False)
    yield Attempt("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={kept.run}&path=x.txt", b"x", reads=False)
    yield Attempt("PUT", f"{PROXY}/{kept.folder}/pd.txt", b"0.9", reads=False)
    yield Attempt("DELETE", f"{PROXY}/{kept.folder}/pd.txt", None, reads=False)
    yield Attempt("POST", f"{API}/registered-models/set-tag", {**model, "key": "a", "value": "b"}, reads=False)
    yield Attempt("POST", f"{API}/registered-models/alias", {**version, "alias": "champion"}, reads=False)
    yield Attempt("PATCH", f"{API}/model-versions/update", {**version, "description": "x"}, reads=False)
    yield Attempt("DELETE", f"{API}/model-versions/delete", version, reads=False)
    yield Attempt("DELETE", f"{API}/registered-models/delete", model, reads=False)


def answers(server: RunningServer, kept: Kept, login: Login) -> dict[str, tuple[int, bool]]:
    """Give by request its status and whether it only reads."""
    found = {}
    for method, path, body, reads in attempts(kept):
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        found[f"{method} {path}"] = (server.ask(method, path, login, **content).status_code, reads)
    return found


def test_another_user_gets_nothing_and_changes_nothing(mlflow_server, kept, stranger):
    found = answers(mlflow_server, kept, stranger)
    assert {request: status for request, (status, _) in found.items() if status != 403} == {}
    assert mlflow_server.ask("GET", f"{PROXY}/{kept.folder}/pd.txt", kept.owner).content == b"0.2"


def test_a_reader_reads_and_changes_nothing(mlflow_server, kept):
    reader = mlflow_server.new_user()
    mlflow_server.grant(reader, "experiment", kept.experiment, "READ")
    mlflow_server.grant(reader, "registered_model", kept.model, "READ")
    found = answers(mlflow_server, kept, reader)
    assert {request: status for request, (status, reads) in found.items() if status != (200 if reads else 403)} == {}
    assert mlflow_server.ask("GET", f"{PROXY}/{kept.folder}/pd.txt", kept.owner).content == b"0.2"


def test_a_search_shows_another_user_nothing(mlflow_server, kept, stranger):
    found = mlflow_server.post(f"{API}/experiments/search", stranger, max_results=1000)
    assert kept.experiment not in [one["experiment_id"] for one in found.get("experiments", [])]
    found = mlflow_server.ask("GET", f"{API}/registered-models/search?max_results=1000", stranger).json()
    assert kept.model not in [one["name"] for one in found.get("registered_models", [])]
    answer = mlflow_server.ask("POST", f"{API}/runs/search", stranger, json={"experiment_ids": [kept.experiment]})
    assert answer.status_code == 403 or not answer.json().get("runs")
