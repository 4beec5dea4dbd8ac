"""The credentials, certificates and proxies are those of MLflow's client, which is asked itself."""

import os
import warnings
from pathlib import Path

import pytest

from ops.check_mlflow.causes import StepError
from ops.check_mlflow.client import read_login
from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Proxy, Stub, closed

IN_FILE = "[mlflow]\nmlflow_tracking_username = you\nmlflow_tracking_password = "
CERT, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
OWN = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
TRUE = {INSECURE: "true"}


@pytest.fixture
def environment(monkeypatch, write):
    """Set variables, named without what they all begin with, and write ~/.mlflow/credentials."""

    def set_up(variables: dict[str, str], in_file: str | bytes) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
        write(f"{Path('~').expanduser()}/.mlflow/credentials", in_file)

    return set_up


def ask_with_the_client(url: str) -> int | None:
    """Let MLflow's client ask how the server is; gives the status, or None where it raises one of its many errors."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    with warnings.catch_warnings(action="ignore"):  # of certificates that are not verified
        try:
            return http_request(get_default_host_creds(url), "/health", "GET", max_retries=0, timeout=10).status_code
        except Exception:
            return None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "in_file", "netrc"),
    [
        ({}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "a:b c%"}, "", ""),
        ({"USERNAME": "m:e", "PASSWORD": "pässword"}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "secret"}, "[mlflow]\nmlflow_tracking_username = you\n", ""),
        ({"USERNAME": "me"}, "[mlflow]\nmlflow_tracking_password = of the file\n", ""),
        ({}, IN_FILE + "50%%\n", ""),
        ({"TOKEN": "t", "USERNAME": "me", "PASSWORD": "secret"}, "", ""),
        ({"TOKEN": "t", "USERNAME": "me"}, "", ""),
        ({"TOKEN": "t"}, "[other]\na = b\n", ""),
        ({"PASSWORD": "secret"}, "", ""),
        ({"USERNAME": "", "PASSWORD": ""}, "", ""),
        ({"TOKEN": "t"}, "", "machine 127.0.0.1 login me password óther\n"),
        ({"TOKEN": "t"}, "", "machine 127.0.0.2 login me password other\n"),
        ({"WORKSPACE": "x"}, "", "no netrc\n"),
    ],
)
def test_the_check_sends_what_the_client_sends(
    variables, in_file, netrc, environment, write, monkeypatch, mlflow, check
):
    environment(variables, in_file)
    monkeypatch.setenv("MLFLOW_WORKSPACE", variables.get("WORKSPACE", ""))
    monkeypatch.setenv("NETRC", str(write("netrc", netrc).absolute()))
    assert ask_with_the_client(mlflow.url) == 200
    (client,) = mlflow.requests
    assert check(mlflow.url).code == 0
    ours = next(request for request in mlflow.requests if request.target.endswith("/experiments/search"))
    for name in ("authorization", "x-mlflow-workspace", "host"):
        assert ours.headers.get(name) == client.headers.get(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, 4),
        ({CERT: "server.pem"}, 0),
        ({CERT: "absent.pem"}, 4),
        ({CERT: "empty.pem"}, 4),
        ({CERT: ""}, 0),  # no path is no verification
        ({"REQUESTS_CA_BUNDLE": "server.pem"}, 0),
        ({"CURL_CA_BUNDLE": "server.pem"}, 0),
        ({CERT: "server.pem", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0),
        (TRUE, 0),
        ({INSECURE: "1", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0),
        ({INSECURE: "false"}, 4),
        ({INSECURE: "yes"}, 2),
        (TRUE | {CERT: "server.pem"}, 2),
        (TRUE | {OWN: "server.pem"}, 0),
        (TRUE | {OWN: "empty.pem"}, 4),
        (TRUE | {OWN: "absent.pem"}, 4),
        (TRUE | {"HTTPS_PROXY": "{closed}"}, 3),
        (TRUE | {"HTTPS_PROXY": "{closed}", "NO_PROXY": "127.0.0.1"}, 0),
        (TRUE | {"HTTPS_PROXY": "{proxy}"}, 0),
        (TRUE | {"https_proxy": "{proxy}"}, 0),
        (TRUE | {"ALL_PROXY": "{closed}"}, 3),
        (TRUE | {"ALL_PROXY": "socks5://127.0.0.1:1"}, 2),
        (TRUE | {"HTTPS_PROXY": "http://127.0.0.1:port"}, 2),
        (TRUE | {"HTTP_PROXY": "{closed}"}, 0),
    ],
)
def test_the_check_succeeds_where_the_client_does(variables, code, check, tmp_path, write, monkeypatch):
    path = certificate(tmp_path)
    write("empty.pem", "")
    with Stub(FakeMlflow(), serving(path)) as stub, Stub(Proxy(stub.port)) as proxy, closed() as nowhere:
        for name, value in variables.items():
            monkeypatch.setenv(name, value.format(closed=nowhere, proxy=proxy.url))
        checked = check(stub.url)
        assert checked.code == code, checked.printed
        assert ask_with_the_client(stub.url) == (200 if code == 0 else None)
    if code == 0:
        is_verified = any("server.pem" in variables.get(name, "") for name in os.environ if name != OWN)
        assert checked.stages["TLS"]["warning"] == (not is_verified)
    elif code in (2, 4):
        assert any(name in "".join(checked.failed) for name in (*variables, CERT))


@pytest.mark.parametrize(
    ("variables", "in_file", "cause"),
    [
        ({"TOKEN": "s3cret\n"}, "", "MLFLOW_TRACKING_TOKEN"),
        ({"TOKEN": "Bearer s3cret"}, "", "MLFLOW_TRACKING_TOKEN"),
        ({"TOKEN": "s3cret\udcff"}, "", "MLFLOW_TRACKING_TOKEN"),
        ({"USERNAME": "me", "PASSWORD": "s3cret\udcff"}, "", "MLFLOW_TRACKING_PASSWORD"),
        ({"AUTH": "kubernetes"}, "", "MLFLOW_TRACKING_AUTH is set"),
        ({"AWS_SIGV4": "true"}, "", "MLFLOW_TRACKING_AWS_SIGV4 is set"),
        ({}, "mlflow_tracking_password = s3cret\n", "~/.mlflow/credentials"),
        ({}, "[mlflow]\ns3cret\n", "~/.mlflow/credentials"),
        ({}, IN_FILE + "s3cret%\n", "~/.mlflow/credentials"),
        ({}, (IN_FILE + "s3cret").encode() + b"\xff\n", "~/.mlflow/credentials"),
    ],
)
def test_what_cannot_be_read_or_sent_is_refused_without_being_named(environment, variables, in_file, cause):
    environment(variables, in_file)
    with pytest.raises(StepError, match=cause) as caught:
        read_login("https://mlflow.example.org")
    assert caught.value.code == 2
    assert "s3" not in str(caught.value) + caught.value.remedy


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "no credentials"),
        ({"USERNAME": "me", "PASSWORD": "s3cret"}, "user me (MLFLOW_TRACKING_PASSWORD)"),
        ({"TOKEN": "s3cret"}, "the token in MLFLOW_TRACKING_TOKEN"),
        ({"USERNAME": "x"}, "no credentials (MLFLOW_TRACKING_PASSWORD is missing)"),
        ({"PASSWORD": "s3cret"}, "no credentials (MLFLOW_TRACKING_USERNAME is missing)"),
    ],
)
def test_where_they_come_from_is_said_and_they_are_not(environment, variables, text):
    environment(variables, "")
    assert read_login("https://mlflow.example.org")[1] == text
