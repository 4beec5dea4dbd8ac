"""A server that is well, and every way in which one is not, as it answers."""

import base64
import json

import pytest
from packaging.version import Version

from ops.check_mlflow.server import client_version, compared
from tests.ops.check_mlflow.stubs import Reply, Stub, always

SEARCH = "/api/2.0/mlflow/experiments/search"
BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
RUNS = "/api/2.0/mlflow/runs/search"
PAGE = Reply(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
EXPIRED = f"e30.{base64.urlsafe_b64encode(json.dumps({'exp': 1e9}).encode()).decode().rstrip('=')}.sign"


@pytest.fixture
def login(monkeypatch):
    """Set user name and password, or a token."""

    def set_login(user: str | None = None, password: str | None = None, token: str | None = None) -> None:
        for name, value in (("USERNAME", user), ("PASSWORD", password), ("TOKEN", token)):
            if value is not None:
                monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)

    return set_login


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_all_well(check, mlflow):
    checked = check(mlflow.url)
    assert checked.code == 0
    assert {name: (stage["ok"], stage["warning"]) for name, stage in checked.stages.items()} == dict.fromkeys(
        ("URI", "DNS", "TCP", "TLS", "health", "version", "authentication", "read"), (True, False)
    )
    assert checked.stages["authentication"]["detail"] == "the server asks for none"
    assert checked.stages["read"]["detail"] == "experiment credit-risk, with runs"


def test_under_a_path(check, mlflow):
    mlflow.replies = {f"/risk{path}": reply for path, reply in mlflow.replies.items()}
    assert check(f"{mlflow.url}/risk/").code == 0


def test_the_address_comes_from_the_environment(check, mlflow, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    checked = check()
    assert checked.code == 0
    assert checked.stages["URI"]["detail"] == f"{mlflow.url} (MLFLOW_TRACKING_URI), no credentials"


def test_no_experiment_yet(check, mlflow):
    mlflow.replies[BY_NAME] = Reply(404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    checked = check(mlflow.url)
    assert checked.code == 0
    assert "not there yet" in checked.stages["read"]["detail"]


@pytest.mark.parametrize(
    ("header", "credentials", "said"),
    [
        (basic("me", "secret"), {"user": "me", "password": "secret"}, "user me (MLFLOW_TRACKING_PASSWORD)"),
        ("Bearer abc.def", {"token": "abc.def"}, "the token in MLFLOW_TRACKING_TOKEN"),
    ],
)
def test_with_a_login(check, mlflow, login, header, credentials, said):
    mlflow.login = header
    login(**credentials)
    checked = check(mlflow.url)
    assert checked.code == 0
    assert checked.stages["authentication"]["detail"] == said


def test_credentials_are_not_sent_before_it_is_known_that_mlflow_answers(check, login, mlflow):
    login("me", "secret")
    mlflow.replies["/health"] = PAGE
    assert check(mlflow.url).code == 5
    assert [request.headers.get("authorization") for request in mlflow.requests] == [None]


def test_a_guard_before_mlflow_that_lets_the_token_pass(check, mlflow, login):
    answer = mlflow._reply
    mlflow._reply = lambda request: answer(request) if "authorization" in request.headers else Reply(403, "no")
    login(token="abc.def")
    checked = check(mlflow.url)
    assert checked.code == 0
    assert "behind a guard" in checked.stages["health"]["detail"]


def test_a_server_that_lets_everybody_in_is_a_warning(check, mlflow, login):
    login("me", "secret")
    checked = check(mlflow.url)
    assert checked.code == 0
    assert checked.stages["authentication"]["warning"]
    assert "answers without credentials too" in checked.stages["authentication"]["detail"]


@pytest.mark.parametrize(
    ("path", "reply", "stage", "code", "cause", "remedy"),
    [
        ("/health", PAGE, "health", 5, "gave status 200 and text/html", "another service"),
        ("/health", Reply(404, "?"), "health", 5, "there is no /health (404)", "the path under which"),
        ("/health", Reply(500, "oops"), "health", 5, "(500): oops", "server's log"),
        ("/health", Reply(400, "HTTP request to an HTTPS server"), "health", 4, "speaks TLS", "use https://127.0.0.1:"),
        ("/health", Reply(500, "x" * 3_000_000), "health", 5, "(500)", "server's log"),
        ("/health", Reply(503, "?"), "health", 5, "a proxy answers", "start MLflow"),
        ("/health", Reply(429, "?"), "health", 5, "too many", "wait"),
        ("/health", Reply(407, "?"), "health", 3, "proxy wants credentials", "HTTP_PROXY"),
        ("/health", Reply(401, "?"), "health", 7, "and got no credentials (401)", "MLFLOW_TRACKING_TOKEN"),
        ("/health", Reply(403, "<p>"), "health", 7, "comes with no credentials", "roles/run.invoker"),
        ("/health", Reply(200, "x" * 3_000_000), "health", 5, "gave status 200", "another service"),
        (
            "/health",
            Reply(302, "", {"Location": "https://login.example.org/o?state=s3cret"}),
            "health",
            5,
            "sends on to login.example.org (302), perhaps a login",
            "MLFLOW_TRACKING_TOKEN",
        ),
        (
            "/health",
            Reply(301, "", {"Location": "https://127.0.0.1/health"}),
            "health",
            5,
            "sends on to https",
            "use https://127.0.0.1",
        ),
        ("/health", Reply(302, "", {"Location": "//["}), "health", 5, "sends on to nowhere", "a tunnel"),
        ("/health", Reply(302, ""), "health", 5, "sends on to 127.0.0.1", "a tunnel"),
        ("/version", Reply(200, "1.30.0"), "version", 6, "older by a major version", "requirements.txt"),
        ("/version", Reply(200, "99.0.0"), "version", 6, "newer by a major version", "requirements.txt"),
        ("/version", Reply(404, "?"), "version", 6, "very old", "requirements.txt"),
        ("/version", PAGE, "version", 5, "gave no version", "another service"),
        ("/version", Reply(502, "?"), "version", 5, "a proxy answers", "start MLflow"),
        (SEARCH, PAGE, "authentication", 5, "gave status 200 and text/html", "path under which"),
        (SEARCH, Reply(404, "?"), "authentication", 5, "there is no /api", "the path under which"),
        (SEARCH, Reply(500, {"message": "no database"}), "authentication", 5, "(500): no database", "server's log"),
        (SEARCH, Reply(503, {"message": "no database"}), "authentication", 5, "(503): no database", "database"),
        (SEARCH, Reply(401, "?"), "authentication", 7, "and got no credentials (401)", "USERNAME"),
        (SEARCH, Reply(403, "Permission denied"), "authentication", 7, "no permission", "administrator"),
        (
            SEARCH,
            Reply(403, "Invalid Host header - possible DNS rebinding attack detected"),
            "authentication",
            7,
            "not to be called 127.0.0.1:",
            "--allowed-hosts",
        ),
        (BY_NAME, Reply(500, {"message": "no disk"}), "read", 8, "(500): no disk", "server's log"),
        (BY_NAME, PAGE, "read", 8, "gave status 200 and text/html", ""),
        (BY_NAME, Reply(200, {"experiment": {}}), "read", 8, "no experiment in", "log"),
        (BY_NAME, Reply(404, {"error_code": "ENDPOINT_NOT_FOUND"}), "read", 8, "there is no /api", "path"),
        (
            BY_NAME,
            Reply(403, "Permission denied"),
            "read",
            7,
            "experiment credit-risk: no permission",
            "grant",
        ),
        (RUNS, Reply(403, {"message": "not yours"}), "read", 7, "not yours", "grant"),
        (RUNS, Reply(200, "[1]"), "read", 8, "gave status 200", ""),
        (RUNS, Reply(200, "[" * 500_000), "read", 8, "gave status 200", ""),
    ],
)
def test_each_failure_names_its_cause_and_the_remedy(check, mlflow, path, reply, stage, code, cause, remedy):
    mlflow.replies[path] = reply
    checked = check(mlflow.url)
    checked.assert_failed(stage, code, cause, remedy)
    assert "s3cret" not in checked.printed


@pytest.mark.parametrize(
    ("credentials", "cause", "remedy"),
    [
        ({}, "got no credentials (401)", "set MLFLOW_TRACKING_USERNAME"),
        ({"user": "me"}, "MLFLOW_TRACKING_PASSWORD is missing", "set MLFLOW_TRACKING_USERNAME"),
        ({"user": "me", "password": "wrong"}, "does not accept user me (MLFLOW_TRACKING_PASSWORD)", "correct it"),
        ({"token": "abc.def"}, "asks for user and password, and got a token", "USERNAME"),
    ],
)
def test_a_login_that_is_refused(check, mlflow, login, credentials, cause, remedy):
    mlflow.login = basic("me", "secret")
    login(**credentials)
    checked = check(mlflow.url)
    checked.assert_failed("authentication", 7, cause, remedy)
    assert checked.stages["version"]["ok"] is None


@pytest.mark.parametrize(
    ("token", "reply", "cause"),
    [
        (EXPIRED, Reply(401, "?"), "has expired (2001-09-09 01:46 UTC)"),
        (EXPIRED, Reply(403, "?"), "has expired (2001-09-09 01:46 UTC)"),
        (
            "opaque",
            Reply(401, "?", {"WWW-Authenticate": 'Bearer error="token expired"'}),
            "has expired",
        ),
        ("opaque", Reply(401, "?", {"WWW-Authenticate": 'Bearer error="invalid_token"'}), "does not accept the token"),
        ("opaque", Reply(403, "?"), "lets nothing pass that comes with the token"),
    ],
)
def test_a_token_that_is_refused(check, mlflow, login, token, reply, cause):
    login(token=token)
    mlflow.replies["/health"] = reply
    check(mlflow.url).assert_failed("health", 7, cause, "")


@pytest.mark.parametrize(
    "answer",
    [
        [b"220 smtp.example.org ESMTP\r\n"],
        [b"\x00\x01\x02"],
        [b""],
        [b"HTTP/1.1 two\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n", *[b"A: b\r\n"] * 1000],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip"],
    ],
)
def test_what_is_not_http(check, answer):
    with Stub(always(*answer)) as stub:
        check(stub.url).assert_failed("health", 5, "is not HTTP", "correct the port")


@pytest.mark.parametrize(
    ("server", "client", "warning"),
    [("3.17.2", "3.17.2", False), ("3.17.0", "3.17.2", False), ("3.16.9", "3.17.2", True), ("3.18.0", "3.17.2", True)],
)
def test_minor_versions_that_differ_are_a_warning(server, client, warning):
    assert compared(Version(server), Version(client))[1] == warning


def test_the_version_of_the_client_is_the_installed_one():
    import mlflow

    assert str(client_version()) == mlflow.__version__
