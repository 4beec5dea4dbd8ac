"""A server that is well, and every way in which one is not: each at its step, and never longer than it may take."""

import base64
from importlib.metadata import version

import pytest
from packaging.version import Version

from tests.ops.check_mlflow.stubs import Reply

SEARCH = "/api/2.0/mlflow/experiments/search"
BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
RUNS = "/api/2.0/mlflow/runs/search"
PAGE = Reply(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
FOREIGN = "http://mlflow.example.org"
TRUSTED, OWN = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_CLIENT_CERT_PATH"
LONG = 6  # seconds; the checks here have half of one, but the machine may be busy


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


def test_under_a_path_that_the_environment_names(check, mlflow, monkeypatch):
    mlflow.replies = {f"/risk{path}": reply for path, reply in mlflow.replies.items()}
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"{mlflow.url}/risk/")
    checked = check()
    assert checked.code == 0
    assert checked.stages["URI"]["detail"] == f"{mlflow.url}/risk (MLFLOW_TRACKING_URI), no credentials"


def test_no_experiment_yet(check, mlflow):
    mlflow.replies[BY_NAME] = Reply(404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    checked = check(mlflow.url)
    assert checked.code == 0
    assert "not there yet" in checked.stages["read"]["detail"]


@pytest.mark.parametrize(
    ("header", "variables", "said"),
    [
        (basic("me", "secret"), {"USERNAME": "me", "PASSWORD": "secret"}, "user me (MLFLOW_TRACKING_PASSWORD)"),
        ("Bearer abc.def", {"TOKEN": "abc.def"}, "the token in MLFLOW_TRACKING_TOKEN"),
        (None, {"TOKEN": "abc"}, "the token in MLFLOW_TRACKING_TOKEN, but the server answers without credentials too"),
    ],
)
def test_with_a_login(check, mlflow, login, header, variables, said):
    mlflow.login = header
    login(**variables)
    checked = check(mlflow.url)
    assert checked.code == 0
    assert checked.stages["authentication"]["detail"] == said
    assert checked.stages["authentication"]["warning"] == (header is None)
    assert checked.stages["version"]["ok"]


def test_credentials_are_not_sent_before_it_is_known_that_mlflow_answers(check, login, mlflow):
    login(USERNAME="me", PASSWORD="secret")
    mlflow.replies["/health"] = PAGE
    assert check(mlflow.url).code == 5
    assert [request.headers.get("authorization") for request in mlflow.requests] == [None]


def test_a_guard_before_mlflow_that_lets_the_token_pass(check, mlflow, login):
    answer = mlflow._reply
    mlflow._reply = lambda request: answer(request) if "authorization" in request.headers else Reply(403, "no")
    login(TOKEN="abc.def")
    checked = check(mlflow.url)
    assert checked.code == 0
    assert "behind a guard" in checked.stages["health"]["detail"]


@pytest.mark.parametrize(
    ("path", "reply", "stage", "code", "cause", "remedy"),
    [
        ("/health", PAGE, "health", 5, "gave status 200 and text/html", "another service"),
        ("/health", Reply(404, "?"), "health", 5, "/health gave status 404", "the path under which"),
        ("/health", Reply(500, "oops"), "health", 5, "(500): oops", "server's log"),
        ("/health", Reply(400, "HTTP request to an HTTPS server"), "health", 4, "speaks TLS", "use https://127.0.0.1:"),
        ("/health", Reply(500, "x " * 1_500_000), "health", 5, "(500)", "server's log"),
        ("/health", Reply(503, "?"), "health", 5, "proxy before it", "start MLflow"),
        ("/health", Reply(429, "?"), "health", 5, "(429)", "wait"),
        ("/health", Reply(407, "?"), "health", 3, "lets nothing through (407)", "HTTP_PROXY"),
        ("/health", Reply(401, "?"), "health", 7, "got no credentials (401)", "MLFLOW_TRACKING_TOKEN"),
        ("/health", Reply(403, "<p>"), "health", 7, "comes with no credentials", "roles/run.invoker"),
        ("/health", Reply(200, "x " * 1_500_000), "health", 5, "gave status 200", "another service"),
        (
            "/health",
            Reply(302, "", {"Location": "https://login.example.org/o?state=s3cret"}),
            "health",
            5,
            "sends on to https://login.example.org (302), perhaps a login",
            "MLFLOW_TRACKING_TOKEN",
        ),
        (
            "/health",
            Reply(301, "", {"Location": "https://127.0.0.1/health"}),
            "health",
            5,
            "sends on to https://127.0.0.1 (301)",
            "use that address",
        ),
        ("/health", Reply(302, "", {"Location": "//["}), "health", 5, "is not HTTP", "another service"),
        ("/health", Reply(302, ""), "health", 5, "sends on to http://127.0.0.1", "a tunnel"),
        ("/version", Reply(200, "1.30.0"), "version", 6, "older by a major version", "requirements.txt"),
        ("/version", Reply(200, "99.0.0"), "version", 6, "newer by a major version", "requirements.txt"),
        ("/version", Reply(404, "?"), "version", 5, "no MLflow: /version", "another service"),
        ("/version", PAGE, "version", 5, "no MLflow: /version", "another service"),
        ("/version", Reply(502, "?"), "version", 5, "(502)", "start MLflow"),
        (SEARCH, PAGE, "authentication", 5, "gave status 200 and text/html", "path under which"),
        (SEARCH, Reply(404, "?"), "authentication", 5, "no MLflow: /api", "the path under which"),
        (SEARCH, Reply(503, {"message": "no database"}), "authentication", 5, "(503): no database", "its database"),
        (SEARCH, Reply(401, "?"), "authentication", 7, "got no credentials (401)", "USERNAME"),
        (SEARCH, Reply(403, "Permission denied"), "authentication", 7, "no permission", "administrator"),
        (
            SEARCH,
            Reply(403, "Invalid Host header - possible DNS rebinding attack detected"),
            "authentication",
            7,
            "not to be called 127.0.0.1:",
            "--allowed-hosts",
        ),
        (BY_NAME, Reply(500, {"message": "no disk"}), "read", 8, "500 and application/json: no disk", "server's log"),
        (BY_NAME, PAGE, "read", 8, "gave status 200 and text/html", ""),
        (BY_NAME, Reply(200, {"experiment": {}}), "read", 8, "gave status 200", "log"),
        (BY_NAME, Reply(404, {"error_code": "ENDPOINT_NOT_FOUND"}), "read", 8, "gave status 404", "log"),
        (BY_NAME, Reply(403, "Permission denied"), "read", 7, "at /api/2.0/mlflow/experiments/", "grant"),
        (BY_NAME, Reply(403, "Permission denied"), "read", 7, "=credit-risk", "grant"),
        (RUNS, Reply(403, {"message": "not yours"}), "read", 7, "not yours", "grant"),
        (RUNS, Reply(200, "[1]"), "read", 8, "gave status 200", ""),
        (RUNS, Reply(200, "[" * 500_000), "read", 8, "gave status 200", ""),
    ],
)
def test_each_answer_that_is_not_mlflow_s_names_its_cause_and_the_remedy(
    check, mlflow, path, reply, stage, code, cause, remedy
):
    mlflow.replies[path] = reply
    checked = check(mlflow.url)
    checked.assert_failed(stage, code, cause, remedy)
    assert "s3cret" not in checked.printed


@pytest.mark.parametrize(
    ("variables", "status", "asked", "stage", "cause"),
    [
        ({}, 401, 'Basic realm="mlflow"', "authentication", "got no credentials (401)"),
        ({"USERNAME": "me"}, 401, "Basic", "authentication", "MLFLOW_TRACKING_PASSWORD is missing"),
        ({"USERNAME": "me", "PASSWORD": "wrong"}, 401, "Basic", "authentication", "asks for Basic, and got user me"),
        ({"TOKEN": "abc.def"}, 401, "Basic", "authentication", "asks for Basic, and got the token"),
        ({"TOKEN": "opaque"}, 401, 'Bearer error="token expired"', "health", "token expired"),
        ({"TOKEN": "opaque"}, 403, "", "health", "lets nothing pass that comes with the token"),
    ],
)
def test_a_login_that_is_refused(check, mlflow, login, variables, status, asked, stage, cause):
    refusal = Reply(status, "?", {"WWW-Authenticate": asked})
    mlflow.replies |= dict.fromkeys(("/health",) if stage == "health" else ("/version", SEARCH), refusal)
    login(**variables)
    checked = check(mlflow.url)
    checked.assert_failed(stage, 7, cause, "TOKEN")
    assert checked.stages["version"]["ok"] is None


@pytest.mark.parametrize(
    ("shift", "warning"), [((0, 0, 0), False), ((0, 0, 1), False), ((0, 1, 0), True), ((0, -1, 0), True)]
)
def test_minor_versions_that_differ_are_a_warning(check, mlflow, shift, warning):
    own = Version(version("mlflow"))
    theirs = ".".join(str(number + more) for number, more in zip(own.release, shift, strict=True))
    mlflow.replies["/version"] = Reply(200, theirs)
    checked = check(mlflow.url)
    assert checked.code == 0
    assert checked.stages["version"]["warning"] == warning
    assert theirs in checked.stages["version"]["detail"]
