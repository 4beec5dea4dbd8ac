"""The way to a server: each failure of name, network, TLS and proxy at its step, and never longer than it may take."""

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Proxy, Reply, Stub, always, closed, deaf, dripping, silent_after

TRUSTED = "MLFLOW_TRACKING_SERVER_CERT_PATH"
LONG = 6  # seconds; the checks here have half of one, but the machine may be busy
FOREIGN = "http://mlflow.example.org"


@contextmanager
def soon() -> Iterator[None]:
    """See that the block does not take long."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG


@pytest.fixture
def names(monkeypatch):
    """Replace the name server: a list of addresses, or what goes wrong."""

    def answer(found) -> None:
        def getaddrinfo(host, port, *_, **__):
            if isinstance(found, Exception):
                raise found
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return answer


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (socket.gaierror(socket.EAI_NONAME, "not known"), "nobody knows the name mlflow.example.org", "correct it"),
        (UnicodeError("label too long"), "nobody knows the name mlflow.example.org", "correct it"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), "no name server answers for mlflow.example.org", "online"),
    ],
)
def test_a_name_that_cannot_be_found(check, names, error, cause, remedy):
    names(error)
    check(FOREIGN).assert_failed("DNS", 3, cause, remedy)


def test_a_name_server_that_does_not_answer(check, monkeypatch):
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait())
    with soon():
        check(FOREIGN, "--timeout", "0.5").assert_failed("DNS", 3, "within 0.5 s", "online")
    over.set()


def test_all_addresses_are_tried_and_some_shown(check, names, mlflow):
    names(["127.0.0.9", "127.0.0.1", "127.0.0.3", "127.0.0.4", "127.0.0.1"])
    stages = check(mlflow.url).stages
    assert stages["DNS"]["detail"] == "127.0.0.9, 127.0.0.1, 127.0.0.3 and 1 more"
    assert stages["TCP"]["detail"].startswith("127.0.0.1:")
    assert stages["read"]["ok"]


def test_plain_http_to_another_machine_is_a_warning(check, names, mlflow):
    names(["127.0.0.1"])
    checked = check(mlflow.url.replace("127.0.0.1", "mlflow.example.org"))
    assert checked.code == 0
    assert checked.stages["TLS"]["warning"]


def test_nothing_listens(check):
    with closed() as url:
        check(url).assert_failed("TCP", 3, "refuses the connection", "start the server")


def test_no_way_there(check):
    check("http://255.255.255.255").assert_failed("TCP", 3, "no way to 255.255.255.255:80: ", "VPN")


def test_a_firewall_that_drops_everything(check):
    with deaf() as url, soon():
        check(url, "--timeout", "0.5").assert_failed("TCP", 3, "no answer from", "firewall")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nO"])
def test_a_server_that_falls_silent(check, sent):
    with silent_after(sent) as stub, soon():
        checked = check(stub.url, "--timeout", "0.5")
        checked.assert_failed("health", 5, "did not answer /health within 0.5 s", "Cloud Run")


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nO\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"O"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"O"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_server_that_drips(check, first, drop):
    with dripping(first, drop) as stub, soon():
        check(stub.url, "--timeout", "0.5").assert_failed("health", 5, "did not answer /health", "Cloud Run")


def test_a_body_without_end_is_cut(check):
    def talk(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with Stub(talk) as stub:
        check(stub.url).assert_failed("health", 5, "no MLflow", "another service")


@pytest.mark.slow
def test_a_dead_server_costs_ten_seconds_at_most(repository):
    """With a wide margin: MLflow's client alone takes 246 s."""
    with silent_after() as stub:
        started = time.monotonic()
        command = [sys.executable, "-m", "ops.check_mlflow", stub.url]
        ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)
        assert time.monotonic() - started < 20
    assert (ended.returncode, ended.stderr) == (5, "")
    assert "FAIL health" in ended.stdout
    assert "within 8 s" in ended.stdout


@pytest.fixture
def served(tmp_path):
    """Serve a fake MLflow with a certificate; gives the server and the certificate's path."""
    stubs = []

    def serve(talk=None, client: bool = False, **settings):
        path = certificate(tmp_path, **settings)
        context = serving(path)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(path)
        stubs.append(Stub(talk or FakeMlflow(), context).__enter__())
        return stubs[-1], str(path)

    yield serve
    for stub in stubs:
        stub.__exit__()


@pytest.mark.parametrize(("days", "warning"), [((-1, 365), False), ((-80, 5), True)])
def test_a_certificate_that_is_trusted_and_one_that_ends_soon(check, served, monkeypatch, days, warning):
    stub, path = served(days=days)
    monkeypatch.setenv(TRUSTED, path)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    checked = check(stub.url)
    assert checked.code == 0
    assert checked.stages["TLS"]["detail"].startswith("TLSv1.3, certificate valid until ")
    assert checked.stages["TLS"]["warning"] == warning


def test_a_certificate_that_nobody_knows(check, served):
    stub, _ = served()
    check(stub.url).assert_failed("TLS", 4, "signed by nobody known here", f"set {TRUSTED} to a PEM file")


@pytest.mark.parametrize(
    ("settings", "cause", "remedy"),
    [
        ({"days": (-2, -1)}, "has expired", "renew"),
        ({"days": (1, 2)}, "not valid yet", "clock"),
        ({"address": "127.0.0.2"}, "for another host than 127.0.0.1", "subjectAltName"),
    ],
)
def test_a_certificate_that_is_trusted_and_does_not_fit(check, served, monkeypatch, settings, cause, remedy):
    stub, path = served(**settings)
    monkeypatch.setenv(TRUSTED, path)
    check(stub.url).assert_failed("TLS", 4, cause, remedy)


@pytest.mark.parametrize(
    ("variables", "cause"),
    [
        ({TRUSTED: "absent.pem"}, "in absent.pem"),
        ({TRUSTED: "empty.pem"}, "in empty.pem"),
        ({TRUSTED: "empty.pem", "MLFLOW_TRACKING_INSECURE_TLS": "true"}, "both set"),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "1", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "empty.pem"}, "in empty.pem"),
        ({"MLFLOW_TRACKING_INSECURE_TLS": "1", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "absent.pem"}, "in absent.pem"),
    ],
)
def test_files_of_certificates_that_are_not_there_are_named(check, served, write, monkeypatch, variables, cause):
    stub, _ = served()
    write("empty.pem", "")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check(stub.url).assert_failed("TLS", 4, cause, "MLFLOW_TRACKING_")


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection: (connection.recv(100), connection.sendall(Reply(400, "Bad Request").encoded())),
        lambda connection: connection.recv(100),
        lambda connection: time.sleep(2),
    ],
    ids=["plain http", "ends", "silent"],
)
def test_https_to_a_port_without_tls(check, talk):
    with Stub(talk) as stub:
        checked = check(stub.url.replace("http", "https"), "--timeout", "1")
        checked.assert_failed("TLS", 4, "no TLS with 127.0.0.1:", f"does it speak plain http? try {stub.url}")


def test_plain_http_to_a_port_of_https(check, served):
    stub, _ = served()
    check(stub.url.replace("https", "http")).assert_failed("health", 4, "speaks TLS", f"use {stub.url}")


def test_a_client_certificate_that_is_wanted(check, served, monkeypatch):
    stub, path = served(client=True)
    monkeypatch.setenv(TRUSTED, path)
    own = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
    check(stub.url).assert_failed("health", 4, "ends the connection after the handshake", own)
    monkeypatch.setenv(own, path)
    assert check(stub.url).code == 0


@pytest.fixture
def secure_mlflow(served, monkeypatch):
    """Give a fake MLflow that speaks TLS with a certificate that is trusted."""
    stub, path = served()
    monkeypatch.setenv(TRUSTED, path)
    return stub


def test_https_goes_through_a_tunnel_with_the_login_of_the_proxy(check, secure_mlflow, monkeypatch):
    proxy = Proxy(secure_mlflow.port, "Basic bWU6czNjcmV0")
    with Stub(proxy) as stub:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cret" + f"@127.0.0.1:{stub.port}")
        checked = check(secure_mlflow.url)
    assert checked.code == 0
    assert checked.stages["TCP"]["detail"] == f"proxy 127.0.0.1:{stub.port}"
    assert set(proxy.targets) == {f"127.0.0.1:{secure_mlflow.port}"}
    assert "s3cret" not in checked.printed


def test_plain_http_is_asked_of_the_proxy(check, mlflow, monkeypatch):
    mlflow.replies = {f"{FOREIGN}{path}": reply for path, reply in mlflow.replies.items()}
    monkeypatch.setenv("http_proxy", mlflow.url)
    assert check(FOREIGN).code == 0
    assert {request.headers["host"] for request in mlflow.requests} == {"mlflow.example.org"}


@pytest.mark.parametrize(
    ("talk", "cause", "remedy"),
    [
        (always(Reply(407, "Proxy Authentication Required").encoded()), "lets nothing through", "HTTPS_PROXY"),
        (always(b"220 smtp.example.org\r\n"), "is no http proxy", "NO_PROXY"),
    ],
)
def test_a_proxy_that_lets_nothing_through(check, monkeypatch, talk, cause, remedy):
    with Stub(talk) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        check("https://mlflow.example.org").assert_failed("TLS", 3, cause, remedy)


def test_a_proxy_that_is_not_there(check, monkeypatch):
    with closed() as url:
        monkeypatch.setenv("https_proxy", url)
        check("https://mlflow.example.org").assert_failed("TCP", 3, "refuses the connection", "HTTPS_PROXY")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:port", "https://127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_refused(check, monkeypatch, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    check("https://mlflow.example.org").assert_failed("URI", 2, "none of the form http://HOST:PORT", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        (FOREIGN, None),
        ("http://127.0.0.1:5000", "http://proxy.example.org:3128"),
        (FOREIGN, "http://127.0.0.1:3128"),  # which passes it on
    ],
)
@pytest.mark.parametrize("login", [{"TOKEN": "abc"}, {"USERNAME": "me", "PASSWORD": "abc"}])
def test_credentials_do_not_leave_this_machine_in_the_clear(check, monkeypatch, url, proxy, login):
    if proxy:
        monkeypatch.setenv("http_proxy", proxy)
    for name, value in login.items():
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
    check(url).assert_failed("URI", 2, "would go over plain http to ", "use https")
