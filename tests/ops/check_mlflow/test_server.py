"""A server that is well, and every way in which one is not: each at its step.

How the real server refuses (a login, a permission, a name, a database that is away) is in `tests/mlflow_server`.
"""

from importlib.metadata import version

import pytest
from packaging.version import Version

from tests.ops.check_mlflow.stubs import Reply

SEARCH = "/api/2.0/mlflow/experiments/search"
BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
RUNS = "/api/2.0/mlflow/runs/search"
PAGE = Reply(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
LOGIN = Reply(302, "", {"Location": "https://login.example.org/o?state=s3cret"})
NO_DATABASE = Reply(503, {"message": "no database"})


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


def test_a_token_and_that_none_is_needed(check, mlflow, login):
    login(TOKEN="abc.def")
    for asked, said in (("Bearer abc.def", ""), (None, ", but the server answers without credentials too")):
        mlflow.login = asked
        checked = check(mlflow.url)
        assert checked.code == 0
        assert checked.stages["authentication"]["detail"] == f"the token in MLFLOW_TRACKING_TOKEN{said}"
        assert checked.stages["authentication"]["warning"] == bool(said)


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
        ("/health", Reply(500, "x " * 1_500_000), "health", 5, "(500)", "server's log"),
        ("/health", Reply(400, "HTTP request to an HTTPS server"), "health", 4, "speaks TLS", "use https://127.0.0.1:"),
        ("/health", Reply(429, "?"), "health", 5, "(429)", "wait"),
        ("/health", Reply(407, "?"), "health", 3, "lets nothing through (407)", "HTTP_PROXY"),
        ("/health", Reply(401, "?"), "health", 7, "got no credentials (401)", "MLFLOW_TRACKING_TOKEN"),
        ("/health", Reply(403, "<p>"), "health", 7, "comes with no credentials", "roles/run.invoker"),
        ("/health", LOGIN, "health", 5, "sends on to https://login.example.org (302), perhaps a login", "TOKEN"),
        ("/health", Reply(302, "", {"Location": "//["}), "health", 5, "sends on to a malformed address (302)", "TOKEN"),
        ("/health", Reply(500, "?", {"Location": "//["}), "health", 5, "(500)", "server's log"),
        ("/health", Reply(302, ""), "health", 5, "sends on to http://127.0.0.1", "a tunnel"),
        ("/version", Reply(200, "1.30.0"), "version", 6, "older by a major version", "requirements.txt"),
        ("/version", Reply(200, "99.0.0"), "version", 6, "newer by a major version", "requirements.txt"),
        ("/version", PAGE, "version", 5, "no MLflow: /version", "another service"),
        ("/version", Reply(502, "?"), "version", 5, "(502)", "start MLflow"),
        (SEARCH, PAGE, "authentication", 5, "gave status 200 and text/html", "path under which"),
        (SEARCH, NO_DATABASE, "authentication", 5, "(503): no database", "its database"),
        (SEARCH, Reply(403, "Permission denied"), "authentication", 7, "no permission", "administrator"),
        (BY_NAME, Reply(500, {"message": "no disk"}), "read", 8, "500 and application/json: no disk", "server's log"),
        (BY_NAME, Reply(200, {"experiment": {}}), "read", 8, "gave status 200", "log"),
        (BY_NAME, Reply(404, {"error_code": "ENDPOINT_NOT_FOUND"}), "read", 8, "gave status 404", "log"),
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
        ({"USERNAME": "me"}, 401, "Basic", "authentication", "MLFLOW_TRACKING_PASSWORD is missing"),
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


@pytest.mark.parametrize(("shift", "warning"), [((0, 0, 1), False), ((0, 1, 0), True), ((0, -1, 0), True)])
def test_minor_versions_that_differ_are_a_warning(check, mlflow, shift, warning):
    own = Version(version("mlflow"))
    theirs = ".".join(str(number + more) for number, more in zip(own.release, shift, strict=True))
    mlflow.replies["/version"] = Reply(200, theirs)
    checked = check(mlflow.url)
    assert checked.code == 0
    assert checked.stages["version"]["warning"] == warning
    assert theirs in checked.stages["version"]["detail"]
