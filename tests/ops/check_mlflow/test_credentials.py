"""The credentials are those that MLflow's client would send."""

import base64
import json
import time
from pathlib import Path

import pytest

from ops.check_mlflow.credentials import Credentials, read_credentials
from ops.check_mlflow.stages import StageError

URL = "https://mlflow.example.org"


@pytest.fixture
def file(write):
    """Write ~/.mlflow/credentials."""
    return lambda text: write(f"{Path('~').expanduser()}/.mlflow/credentials", text)


@pytest.fixture
def environment(monkeypatch):
    """Set variables, named without what they all begin with."""

    def set_variables(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)

    return set_variables


def test_none():
    credentials = read_credentials(URL)
    assert not credentials
    assert str(credentials) == "no credentials"


@pytest.mark.parametrize(
    ("variables", "in_file"),
    [
        ({"USERNAME": "me", "PASSWORD": "a:b c%"}, ""),
        ({"USERNAME": "me", "PASSWORD": "secret"}, "[mlflow]\nmlflow_tracking_username = you\n"),
        ({"USERNAME": "me"}, "[mlflow]\nmlflow_tracking_password = of the file\n"),
        ({}, "[mlflow]\nmlflow_tracking_username = you\nmlflow_tracking_password = 50%%\n"),
        ({"TOKEN": "t", "USERNAME": "me", "PASSWORD": "secret"}, ""),
        ({"TOKEN": "t", "USERNAME": "me"}, ""),
        ({"TOKEN": "t"}, "[other]\na = b\n"),
        ({"USERNAME": "me"}, ""),
        ({"PASSWORD": "secret"}, ""),
        ({"USERNAME": "", "PASSWORD": ""}, ""),
    ],
)
@pytest.mark.slow
def test_the_header_is_that_of_the_client(variables, in_file, environment, file, mlflow, check):
    environment(**variables)
    file(in_file)
    ours = read_credentials(mlflow.url)

    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    http_request(get_default_host_creds(mlflow.url), "/client", "GET", max_retries=0)
    assert mlflow.requests[-1].headers.get("authorization") == (ours.header if ours else None)


@pytest.mark.slow
def test_netrc_goes_before_all_for_the_client_and_for_us(environment, write, monkeypatch, mlflow):
    environment(TOKEN="t")
    monkeypatch.setenv("NETRC", str(write("netrc", "machine 127.0.0.1 login me password other\n").absolute()))
    ours = read_credentials(mlflow.url)

    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    http_request(get_default_host_creds(mlflow.url), "/client", "GET", max_retries=0)
    assert mlflow.requests[-1].headers["authorization"] == ours.header
    assert str(ours).startswith("user me (")


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"USERNAME": "me", "PASSWORD": "secret"}, "user me (MLFLOW_TRACKING_PASSWORD)"),
        ({"TOKEN": "secret"}, "the token in MLFLOW_TRACKING_TOKEN"),
    ],
)
def test_where_they_come_from_is_said_and_they_are_not(environment, variables, text):
    environment(**variables)
    assert str(read_credentials(URL)) == text


@pytest.mark.parametrize(("name", "missing"), [("USERNAME", "PASSWORD"), ("PASSWORD", "USERNAME")])
def test_half_a_login_is_none_and_says_what_is_missing(environment, name, missing):
    environment(**{name: "x"})
    credentials = read_credentials(URL)
    assert not credentials
    assert credentials.missing == f"MLFLOW_TRACKING_{missing}"


@pytest.mark.parametrize(
    ("variables", "cause"),
    [
        ({"TOKEN": "s3cret\n"}, "no header may have"),
        ({"TOKEN": "Bearer s3cret"}, "has a space"),
        ({"TOKEN": "s3cret\udcff"}, "no header may have"),
        ({"USERNAME": "s3:cret", "PASSWORD": "s3cret"}, "has a colon"),
        ({"USERNAME": "me", "PASSWORD": "s3cret\udcff"}, "not in UTF-8"),
        ({"AUTH": "kubernetes"}, "MLFLOW_TRACKING_AUTH is set"),
        ({"AWS_SIGV4": "true"}, "MLFLOW_TRACKING_AWS_SIGV4 is set"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_being_named(environment, variables, cause):
    environment(**variables)
    with pytest.raises(StageError, match=cause) as caught:
        read_credentials(URL)
    assert "s3" not in str(caught.value) + caught.value.remedy


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("mlflow_tracking_password = s3cret\n", "cannot be read as an INI file"),
        ("[mlflow]\ns3cret\n", "cannot be read as an INI file"),
        ("[mlflow]\nmlflow_tracking_password = s3cret%\n", "a % that is not written %%"),
        (b"[mlflow]\nmlflow_tracking_password = s3cret\xff\n", "cannot be read as an INI file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_its_content(file, text, cause):
    file(text)
    with pytest.raises(StageError, match=cause) as caught:
        read_credentials(URL)
    assert "s3cret" not in str(caught.value) + caught.value.remedy


def web_token(**claims: float) -> str:
    """Make a JSON Web Token with these claims."""
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sign"


def test_a_web_token_tells_when_it_has_expired():
    assert Credentials(token=web_token(exp=0)).expired_since() == "1970-01-01 00:00 UTC"
    assert Credentials(token=web_token(exp=time.time() + 60)).expired_since() is None


@pytest.mark.parametrize("token", ["abc", "a.b.c", "a..c", web_token(), web_token(exp=float("inf")), None])
def test_any_other_token_does_not(token):
    assert Credentials(token=token).expired_since() is None
