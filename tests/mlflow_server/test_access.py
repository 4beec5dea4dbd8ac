"""Who may do what: nobody anything without a login, and nobody anything with what is another's."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.mlflow_server.running_server import API, PROXY, REPOSITORY, Kept, Login, RunningServer, without_mlflow

pytestmark = pytest.mark.slow

# MLflow lets everybody in here, the middleware to the first
HOLDS_NO_DATA = ("/health", "/static-files/", "/server-info")


@pytest.fixture
def routes(mlflow_server: RunningServer) -> list[tuple[str, str]]:
    """Ask the application for its routes; a list by hand would lack the next version's."""
    command = [sys.executable, "-m", "tests.mlflow_server.app_routes"]
    listed = subprocess.run(command, cwd=REPOSITORY, env=mlflow_server.environment, capture_output=True, check=True)
    return [tuple(route) for route in json.loads(listed.stdout)]


def statuses(server: RunningServer, routes: list[tuple[str, str]], login: Login | None) -> dict[str, int]:
    def ask(route: tuple[str, str]) -> int:
        return server.ask(*route, login, json=None if route[0] == "GET" else {}).status_code

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(map(" ".join, routes), pool.map(ask, routes), strict=True))


def test_without_a_login_or_with_an_unknown_one_no_route_gives_anything(mlflow_server, routes):
    """Without one nobody gets past the middleware, whatever the route; an unknown one MLflow refuses route by route."""
    assert len(routes) > 400
    of_flask, of_fastapi = ("GET", f"{API}/runs/get"), ("PUT", f"{PROXY}/1")
    of_logins, assistant = ("POST", f"{API}/users/create"), ("POST", "/ajax-api/3.0/mlflow/assistant/message")
    of_each_kind = [("GET", "/health"), of_flask, of_fastapi, of_logins, assistant]
    assert set(of_each_kind) <= set(routes)
    assert list(statuses(mlflow_server, of_each_kind, None).values()) == [200, 401, 401, 401, 401]
    answers = statuses(mlflow_server, routes, Login("nobody", "no-such-user-here"))
    assert {
        route: status
        for route, status in answers.items()
        # The middleware does not offer the assistant to anybody.
        if status != (404 if "/assistant/" in route else 401) and not any(name in route for name in HOLDS_NO_DATA)
    } == {}


def requests_for(kept: Kept) -> tuple[list[tuple], list[tuple]]:
    """Give requests (method, path, body) for what another has: those that read it, and those that change it."""
    run, experiment, model = {"run_id": kept.run}, {"experiment_id": kept.experiment}, {"name": kept.model}
    version, tag = {**model, "version": "1"}, {"key": "a", "value": "b"}
    reads = [
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
    ]
    changes = [
        ("POST", f"{API}/runs/create", experiment),
        ("POST", f"{API}/runs/log-metric", {**run, "key": "a", "value": 1, "timestamp": 1}),
        ("POST", f"{API}/runs/set-tag", {**run, **tag}),
        ("POST", f"{API}/runs/delete", run),
        ("POST", f"{API}/experiments/delete", experiment),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={kept.run}&path=x.txt", b"x"),
        ("PUT", f"{PROXY}/{kept.folder}/pd.txt", b"0.9"),
        ("DELETE", f"{PROXY}/{kept.folder}/pd.txt", None),
        ("POST", f"{API}/registered-models/set-tag", {**model, **tag}),
        ("POST", f"{API}/registered-models/alias", {**version, "alias": "champion"}),
        ("PATCH", f"{API}/model-versions/update", {**version, "description": "x"}),
        ("DELETE", f"{API}/model-versions/delete", version),
        ("DELETE", f"{API}/registered-models/delete", model),
    ]
    return [("GET", path, None) for path in reads], changes


@pytest.mark.parametrize(("permission", "of_reads"), [(None, 403), ("READ", 200)])
def test_another_user_changes_nothing_and_reads_what_is_granted(mlflow_server, kept, permission, of_reads):
    user = mlflow_server.new_user()
    if permission:
        mlflow_server.grant(user, "experiment", kept.experiment, permission)
        mlflow_server.grant(user, "registered_model", kept.model, permission)
    reads, changes = requests_for(kept)
    wrong = {}
    for requests, expected in ((reads, of_reads), (changes, 403)):
        for method, path, body in requests:
            content = {"data": body} if isinstance(body, bytes) else {"json": body}
            status = mlflow_server.ask(method, path, user, **content).status_code
            if status != expected:
                wrong[f"{method} {path}"] = status
    assert wrong == {}
    assert mlflow_server.ask("GET", f"{PROXY}/{kept.folder}/pd.txt", kept.owner).content == b"0.2"


def test_a_search_shows_another_user_nothing(mlflow_server, kept, stranger):
    found = mlflow_server.post(f"{API}/experiments/search", stranger, max_results=1000)
    assert kept.experiment not in [one["experiment_id"] for one in found.get("experiments", [])]
    found = mlflow_server.ask("GET", f"{API}/registered-models/search?max_results=1000", stranger).json()
    assert kept.model not in [one["name"] for one in found.get("registered_models", [])]
    answer = mlflow_server.ask("POST", f"{API}/runs/search", stranger, json={"experiment_ids": [kept.experiment]})
    assert answer.status_code == 403 or not answer.json().get("runs")


def test_the_lines_of_the_readme_let_a_person_in(mlflow_server: RunningServer):
    text = (REPOSITORY / "ops/mlflow_server/README.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert '"credit-risk"' in lines
    name = f"readme-{uuid4().hex}"  # other tests want to find no experiment of the mirror's
    experiment = mlflow_server.post(f"{API}/experiments/create", mlflow_server.admin, name=name)["experiment_id"]
    variables = {**without_mlflow(os.environ), **mlflow_server.client_environment()}
    subprocess.run([sys.executable, "-c", lines.replace("credit-risk", name)], env=variables, check=True, timeout=120)
    ana = Login("ana", "a password of 12 characters or more")
    path = f"{API}/experiments/get?experiment_id={experiment}"
    assert mlflow_server.ask("GET", path, ana).status_code == 200
    assert mlflow_server.ask("POST", f"{API}/runs/create", ana, json={"experiment_id": experiment}).status_code == 403
