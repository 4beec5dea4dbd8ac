"""The credentials, certificates and proxies are those of MLflow's client, which is asked itself."""

import os
import ssl
import warnings
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.check_mlflow.causes import StepError
from ops.check_mlflow.client import read_login
from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Proxy, Reply, Stub, always, closed

IN_FILE = "[mlflow]\nmlflow_tracking_username = you\nmlflow_tracking_password = "
CERT, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
OWN = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
TRUE = {INSECURE: "true"}
FOREIGN = "http://mlflow.example.org"


@pytest.fixture
def environment(login, write):
    """Set variables, named without what they all begin with, and write ~/.mlflow/credentials."""

    def set_up(variables: dict[str, str], in_file: str | bytes) -> None:
        login(**variables)
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
        ({"USERNAME": "m:e", "PASSWORD": "pässword"}, "", ""),
        ({"USERNAME": "me", "PASSWORD": "a:b c%"}, "[mlflow]\nmlflow_tracking_username = you\n", ""),
        ({"USERNAME": "me"}, "[mlflow]\nmlflow_tracking_password = of the file\n", ""),
        ({}, IN_FILE + "50%%\n", ""),
        ({"TOKEN": "t", "USERNAME": "me", "PASSWORD": "secret"}, "", ""),
        ({"TOKEN": "t", "USERNAME": "me"}, "[other]\na = b\n", ""),
        ({"USERNAME": "", "PASSWORD": "secret"}, "", ""),
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
    ("variables", "code", "told"),
    [
        ({}, 4, "signed by nobody known here"),
        ({CERT: "server.pem", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0, ""),
        ({CERT: "absent.pem"}, 4, "absent.pem"),
        ({CERT: ""}, 0, ""),  # no path is no verification
        ({"REQUESTS_CA_BUNDLE": "server.pem"}, 0, ""),
        ({INSECURE: "1", "REQUESTS_CA_BUNDLE": "empty.pem"}, 0, ""),
        ({INSECURE: "yes"}, 2, "must be true or false"),
        (TRUE | {CERT: "server.pem"}, 2, "set together"),
        (TRUE | {OWN: "server.pem"}, 0, ""),
        (TRUE | {OWN: "empty.pem"}, 4, "no certificate"),
        (TRUE | {"HTTPS_PROXY": "{closed}"}, 3, "refuses"),
        (TRUE | {"HTTPS_PROXY": "{closed}", "NO_PROXY": "127.0.0.1"}, 0, ""),
        (TRUE | {"https_proxy": "{proxy}", "HTTP_PROXY": "{closed}"}, 0, ""),
        (TRUE | {"ALL_PROXY": "socks5://127.0.0.1:1"}, 2, "proxy"),
    ],
)
def test_the_check_succeeds_where_the_client_does(variables, code, told, check, tmp_path, write, monkeypatch):
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
    else:
        assert told in checked.failed[1]


@pytest.mark.parametrize(
    ("variables", "in_file", "cause"),
    [
        ({"TOKEN": "Bearer s3cret"}, "", "MLFLOW_TRACKING_TOKEN"),
        ({"USERNAME": "me", "PASSWORD": "s3cret\udcff"}, "", "MLFLOW_TRACKING_PASSWORD"),
        ({"AUTH": "kubernetes"}, "", "MLFLOW_TRACKING_AUTH is set"),
        ({"AWS_SIGV4": "true"}, "", "MLFLOW_TRACKING_AWS_SIGV4 is set"),
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


@pytest.fixture
def served(tmp_path, login):
    """Serve a fake MLflow with a certificate, which the client trusts; gives what starts the server."""
    with ExitStack() as stubs:

        def serve(client: bool = False, **settings) -> Stub:
            path = certificate(tmp_path, **settings)
            context = serving(path)
            if client:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(path)
            login(SERVER_CERT_PATH=str(path))
            return stubs.enter_context(Stub(FakeMlflow(), context))

        yield serve


@pytest.mark.parametrize(
    ("settings", "failed"),
    [
        ({"days": (-2, -1)}, ("TLS", 4, "certificate has expired", "renew")),
        ({"days": (1, 2)}, ("TLS", 4, "not valid today", "clock")),
        ({"address": "127.0.0.2"}, ("TLS", 4, "for another host than 127.0.0.1", "subjectAltName")),
        ({"client": True}, ("health", 4, "ends the connection of TLS", OWN)),
    ],
)
def test_a_certificate_that_does_not_do(check, served, login, settings, failed):
    stub = served(**settings)
    check(stub.url).assert_failed(*failed)
    if "client" in settings:
        login(CLIENT_CERT_PATH=os.environ[CERT])
        assert check(stub.url).code == 0


def test_a_certificate_that_ends_soon_is_a_warning_and_plain_http_to_its_port_a_failure(check, served):
    stub = served(days=(-80, 5))
    checked = check(stub.url)
    assert checked.code == 0
    assert checked.stages["TLS"]["detail"].startswith("TLSv1.3, certificate valid until ")
    assert checked.stages["TLS"]["warning"]
    check(stub.url.replace("https", "http")).assert_failed("health", 4, "speaks TLS", f"use {stub.url}")


def test_https_goes_through_a_tunnel_with_the_login_of_the_proxy(check, served, monkeypatch):
    secure_mlflow = served()
    proxy = Proxy(secure_mlflow.port, "Basic bWU6czNjcmV0")
    with Stub(proxy) as stub:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cret" + f"@127.0.0.1:{stub.port}")
        checked = check(secure_mlflow.url)
    assert checked.code == 0
    assert not checked.stages["TLS"]["warning"]
    assert checked.stages["TCP"]["detail"] == f"proxy 127.0.0.1:{stub.port}"
    assert set(proxy.targets) == {f"127.0.0.1:{secure_mlflow.port}"}
    assert "s3cret" not in checked.printed


@pytest.mark.parametrize("variable", ["", "http_proxy"])
def test_the_proxy_is_named_to_the_user_where_one_refuses_and_there_alone(check, monkeypatch, variable):
    with closed() as nowhere:
        monkeypatch.setenv(variable or "no_proxy", nowhere if variable else "127.0.0.1")
        checked = check(FOREIGN if variable else nowhere)
    checked.assert_failed("TCP", 3, "nothing listens there", "HTTP_PROXY" if variable else "correct the port")
    assert ("PROXY" in checked.failed[2]) == ("proxy 127.0.0.1" in checked.failed[1]) == bool(variable)


def test_plain_http_is_asked_of_the_proxy(check, mlflow, monkeypatch):
    mlflow.replies = {f"{FOREIGN}{path}": reply for path, reply in mlflow.replies.items()}
    monkeypatch.setenv("http_proxy", mlflow.url)
    assert check(FOREIGN).code == 0
    assert {request.headers["host"] for request in mlflow.requests} == {"mlflow.example.org"}


@pytest.mark.parametrize("said", [Reply(407, "Proxy Authentication Required").encoded(), b"220 smtp.example.org\r\n"])
def test_a_proxy_that_lets_nothing_through(check, monkeypatch, said):
    with Stub(always(said)) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        checked = check("https://mlflow.example.org")
    checked.assert_failed("TLS", 3, f"proxy 127.0.0.1:{stub.port} lets nothing through", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://127.0.0.1:5000", "http://proxy.example.org:3128"),
        (FOREIGN, "http://127.0.0.1:3128"),  # which passes it on
        *((f"http://{host}", "") for host in ("localhost.example", "127.0.0.1.example", "notlocalhost", "10.0.0.1")),
    ],
)
def test_credentials_do_not_leave_this_machine_in_the_clear(check, monkeypatch, login, url, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    login(USERNAME="me", PASSWORD="abc")
    check(url).assert_failed("URI", 2, "would go over plain http to ", "use https")
