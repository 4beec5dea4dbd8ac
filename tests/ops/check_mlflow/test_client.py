"""The credentials, certificates and proxies are those of MLflow's client, which is asked itself."""

import base64
import json
import os
import time
import warnings
from pathlib import Path

import pytest

from ops.check_mlflow.client import Credentials, read_credentials
from ops.check_mlflow.steps import StepError
from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Proxy, Stub, closed

URL = "https://mlflow.example.org"
PREFIX = "MLFLOW_TRACKING_"


@pytest.fixture
def file(write):
    """Write ~/.mlflow/credentials."""
    return lambda text: write(f"{Path('~').expanduser()}/.mlflow/credentials", text)


@pytest.fixture
def environment(monkeypatch):
    """Set variables, named without what they all begin with."""

    def set_variables(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"{PREFIX}{name}", value)

    return set_variables


def ask_with_the_client(url: str) -> int:
    """Let MLflow's client ask how the server is; gives the status."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    with warnings.catch_warnings(action="ignore"):  # of certificates that are not verified
        return http_request(get_default_host_creds(url), "/health", "GET", max_retries=0, timeout=10).status_code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "in_file", "netrc"),
    [
        ({}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "a:b c%"}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "pässword"}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "secret"}, "[mlflow]\nmlflow_tracking_username = you\n", ""),
        ({"USERNAME": "me"}, "[mlflow]\nmlflow_tracking_password = of the file\n", ""),
        ({}, "[mlflow]\nmlflow_tracking_username = you\nmlflow_tracking_password = 50%%\n", ""),
        ({"TOKEN": "t", "USERNAME": "me", "PASSWORD": "secret"}, "", ""),
        ({"TOKEN": "t", "USERNAME": "me"}, "", ""),
        ({"TOKEN": "t"}, "[other]\na = b\n", ""),
        ({"USERNAME": "me"}, "", ""),
        ({"PASSWORD": "secret"}, "", ""),
        ({"USERNAME": "", "PASSWORD": ""}, "", ""),
        ({"TOKEN": "t"}, "", "machine 127.0.0.1 login me password óther\n"),
        ({"TOKEN": "t"}, "", "machine 127.0.0.2 login me password other\n"),
        ({"WORKSPACE": "x"}, "", "no netrc\n"),
    ],
)
def test_the_check_sends_what_the_client_sends(
    variables, in_file, netrc, environment, file, write, monkeypatch, mlflow, check
):
    environment(variables)
    monkeypatch.setenv("MLFLOW_WORKSPACE", variables.get("WORKSPACE", ""))
    file(in_file)
    monkeypatch.setenv("NETRC", str(write("netrc", netrc).absolute()))
    ask_with_the_client(mlflow.url)
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
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": "server.pem"}, 0),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": "absent.pem"}, 4),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": "empty.pem"}, 4),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": ""}, 0),  # no path is no verification
        ({"REQUESTS_CA_BUNDLE": "server.pem"}, 0),
        ({"CURL_CA_BUNDLE": "server.pem"}, 0),
        ({"MLFLOW_TRACKING_SERVER_CERT_PATH": "server.pem", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "1", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "false"}, 4),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "yes"}, 2),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_SERVER_CERT_PATH": "server.pem"}, 4),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "server.pem"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "empty.pem"}, 4),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "absent.pem"}, 4),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "HTTPS_PROXY": "{closed}"}, 3),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "HTTPS_PROXY": "{closed}", "NO_PROXY": "127.0.0.1"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "HTTPS_PROXY": "{proxy}"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "https_proxy": "{proxy}"}, 0),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "ALL_PROXY": "{closed}"}, 3),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "true", "HTTP_PROXY": "{closed}"}, 0),
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
        try:
            succeeded = ask_with_the_client(stub.url) == 200
        except Exception:  # the client has many
            succeeded = False
    assert succeeded == (code == 0)
    if code == 0:
        is_verified = any("server.pem" in variables.get(name, "") for name in os.environ if "CLIENT" not in name)
        assert checked.stages["TLS"]["warning"] == (not is_verified)


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "no credentials"),
        ({"USERNAME": "me", "PASSWORD": "secret"}, "user me (MLFLOW_TRACKING_PASSWORD)"),
        ({"TOKEN": "secret"}, "the token in MLFLOW_TRACKING_TOKEN"),
        ({"USERNAME": "x"}, "no credentials (MLFLOW_TRACKING_PASSWORD is missing)"),
        ({"PASSWORD": "x"}, "no credentials (MLFLOW_TRACKING_USERNAME is missing)"),
    ],
)
def test_where_they_come_from_is_said_and_they_are_not(environment, variables, text):
    environment(variables)
    assert str(read_credentials(URL)) == text


@pytest.mark.parametrize(
    ("variables", "in_file", "cause"),
    [
        ({"TOKEN": "s3cret\n"}, "", "no header can carry"),
        ({"TOKEN": "Bearer s3cret"}, "", "no header can carry"),
        ({"TOKEN": "s3cret\udcff"}, "", "no header can carry"),
        ({"USERNAME": "s3:cret", "PASSWORD": "s3cret"}, "", "no header can carry"),
        ({"USERNAME": "me", "PASSWORD": "s3cret\udcff"}, "", "no header can carry"),
        ({"AUTH": "kubernetes"}, "", "MLFLOW_TRACKING_AUTH is set"),
        ({"AWS_SIGV4": "true"}, "", "MLFLOW_TRACKING_AWS_SIGV4 is set"),
        ({}, "mlflow_tracking_password = s3cret\n", "cannot be read as an INI file"),
        ({}, "[mlflow]\ns3cret\n", "cannot be read as an INI file"),
        ({}, "[mlflow]\nmlflow_tracking_password = s3cret%\n", "a % that is not written %%"),
        ({}, b"[mlflow]\nmlflow_tracking_password = s3cret\xff\n", "cannot be read as an INI file"),
    ],
)
def test_what_cannot_be_read_or_sent_is_refused_without_being_named(environment, file, variables, in_file, cause):
    environment(variables)
    file(in_file)
    with pytest.raises(StepError, match=cause) as caught:
        read_credentials(URL)
    assert "s3" not in str(caught.value) + caught.value.remedy


def web_token(**claims: float) -> str:
    """Make a JSON Web Token with these claims."""
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sign"


def test_a_web_token_tells_when_it_has_expired():
    assert Credentials(token=web_token(exp=0)).expired == "1970-01-01 00:00 UTC"
    assert Credentials(token=web_token(exp=time.time() + 60)).expired is None


@pytest.mark.parametrize("token", ["abc", "a.b.c", "a..c", web_token(), web_token(exp=float("inf")), None])
def test_any_other_token_does_not(token):
    assert Credentials(token=token).expired is None
