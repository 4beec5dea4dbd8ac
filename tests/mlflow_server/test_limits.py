"""What no login gives: a place of one's own choice, a path out of the artifacts, a foreign host, a body without end."""

import json
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import pytest
import requests

from tests.mlflow_server.running_server import API, PROXY, RunningServer

pytestmark = pytest.mark.slow
ELSEWHERE = ["/etc", "s3://elsewhere/x", "mlflow-artifacts:/{folder}"]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_user_chooses_where_the_server_writes_or_reads(mlflow_server, kept, place, stranger):
    place, name = place.format(folder=kept.folder), uuid4().hex
    for key in ("artifact_location", "artifactLocation"):
        body = {"name": name, key: place}
        for content in (body, json.dumps(body)):  # MLflow takes JSON in a JSON text as well
            answer = mlflow_server.ask("POST", f"{API}/experiments/create", stranger, json=content)
            assert (answer.status_code, "the server decides" in answer.text) == (400, True), (key, answer.text)
    mlflow_server.post(f"{API}/registered-models/create", stranger, name=name)
    for run in ({}, {"run_id": kept.run}):
        body = {"name": name, "source": place, **run}
        answer = mlflow_server.ask("POST", f"{API}/model-versions/create", stranger, json=body)
        assert answer.status_code in (400, 403), answer.text


def test_no_trace_is_moved_onto_the_artifacts_of_another(mlflow_server, stranger):
    experiment = mlflow_server.post(f"{API}/experiments/create", stranger, name=uuid4().hex)["experiment_id"]
    trace = mlflow_server.post(f"{API}/traces", stranger, experiment_id=experiment, timestamp_ms=0, status="OK")
    path = f"{API}/traces/{trace['trace_info']['request_id']}/tags"
    assert mlflow_server.ask("PATCH", path, stranger, json={"key": "mine", "value": "1"}).status_code == 200
    answer = mlflow_server.ask("PATCH", path, stranger, json={"key": "mlflow.artifactLocation", "value": "/etc"})
    assert (answer.status_code, "the server decides" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "path",
    ["a/../../outside.txt", "%2e%2e/outside.txt", "%252e%252e%252foutside.txt", "..%5coutside.txt", "file:{absolute}"],
)
def test_no_path_leads_out_of_the_artifacts(mlflow_server: RunningServer, path):
    outside = mlflow_server.artifacts.parent / "outside.txt"
    outside.write_text("not an artifact", encoding="utf-8")
    beside = sorted(mlflow_server.artifacts.parent.iterdir())
    address = f"{mlflow_server.uri}{PROXY}/{path.format(absolute=outside)}"
    with requests.Session() as session:  # the administrator's: the path alone is in the way
        for method, body in (("GET", None), ("PUT", b"changed"), ("DELETE", None)):
            prepared = requests.Request(method, address, auth=mlflow_server.admin, data=body).prepare()
            prepared.url = address  # as written: requests would resolve the dots
            assert "not an artifact" not in session.send(prepared, timeout=30).text
    for query in (path, path.removesuffix("/outside.txt")):
        asked = f"{PROXY}?path={quote(query.format(absolute=outside))}"
        assert "outside.txt" not in mlflow_server.ask("GET", asked, mlflow_server.admin).text.replace(query, "")
    assert outside.read_text(encoding="utf-8") == "not an artifact"
    assert sorted(mlflow_server.artifacts.parent.iterdir()) == beside


def test_a_foreign_host_or_origin_is_refused(mlflow_server):
    def status(**headers: str) -> int:
        body = {"name": uuid4().hex}
        path = f"{API}/experiments/create"
        return mlflow_server.ask("POST", path, mlflow_server.admin, json=body, headers=headers).status_code

    for host in ("evil.example", "127.0.0.1.evil.example:80", ""):
        assert status(Host=host) in (400, 403), host
    assert status(Origin="https://evil.example") == 403
    assert status(Host=f"localhost:{mlflow_server.port}") == 200


def megabytes(number: int, first: bytes = b"") -> Iterator[bytes]:
    """Yield a body in chunks, whose length the client does not tell."""
    yield first
    for _ in range(number):
        yield b" " * 1_000_000


def test_a_body_beyond_the_limit_is_refused_and_not_taken_for_a_request(mlflow_server):
    name = uuid4().hex
    whole = json.dumps({"name": name}).encode()
    for data in (whole + b" " * 11_000_000, megabytes(11, whole)):  # with and without its length
        answer = mlflow_server.ask("POST", f"{API}/experiments/create", mlflow_server.admin, data=data)
        assert (answer.status_code, "at most 10000000 bytes" in answer.text) == (413, True)
    asked = mlflow_server.ask("GET", f"{API}/experiments/get-by-name?experiment_name={name}", mlflow_server.admin)
    assert asked.status_code == 404


def test_what_runs_programs_on_the_server_is_not_offered(mlflow_server):
    def status(method: str, path: str, body: dict | None = None) -> int:
        return mlflow_server.ask(method, f"/ajax-api/3.0/{path}", mlflow_server.admin, json=body).status_code

    assert status("GET", "mlflow/assistant/config") == 404
    assert status("POST", "jobs", {"job_name": "x", "params": {}}) >= 400
    assert status("GET", "mlflow/gateway/secrets/list") >= 400
