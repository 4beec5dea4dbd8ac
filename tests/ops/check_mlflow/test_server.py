"""A server that is well, and every way in which one is not: each at its step, and never longer than it may take."""

import base64
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import pytest
from packaging.version import Version

from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Proxy, Reply, Stub, always, closed, deaf, dripping

SEARCH = "/api/2.0/mlflow/experiments/search"
BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
RUNS = "/api/2.0/mlflow/runs/search"
PAGE = Reply(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
FOREIGN = "http://mlflow.example.org"
TRUSTED, OWN = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_CLIENT_CERT_PATH"
LONG = 6  # seconds; the checks here have half of one, but the machine may be busy


@contextmanager
def soon() -> Iterator[None]:
    """See that the block does not take long."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG


@pytest.fixture
def login(monkeypatch):
    """Set user name and password, or a token."""

    def set_login(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)

    return set_login


@pytest.fixture
def names(monkeypatch):
    """Replace the name server: a list of addresses, or what goes wrong."""

    def answer(found) -> None:
        def getaddrinfo(host, port, *_, **__):
            if callable(found):
                found()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return answer


@pytest.fixture
def served(tmp_path):
    """Serve a fake MLflow with a certificate; gives the server and the certificate's path."""
    stubs = []

    def serve(client: bool = False, **settings):
        path = certificate(tmp_path, **settings)
        context = serving(path)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(path)
        stubs.append(Stub(FakeMlflow(), context).__enter__())
        return stubs[-1], str(path)

    yield serve
    for stub in stubs:
        stub.__exit__()


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
        ("/health", Reply(302, "", {"Location": "//["}), "health", 5, "is not HTTP", "another service"),
        ("/health", Reply(302, ""), "health", 5, "sends on to 127.0.0.1", "a tunnel"),
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


def unknown_name():
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("uri", "found", "code", "cause"),
    [
        (FOREIGN, unknown_name, 3, "mlflow.example.org is not found ([Errno -2] Name or service not known)"),
        (FOREIGN, lambda: time.sleep(LONG), 3, "mlflow.example.org is not found (no answer in time)"),
        ("http://a..b", None, 3, "a..b is not found"),
        (f"http://{'a' * 64}.b", None, 3, "is not found"),
    ],
)
def test_a_name_that_is_not_found(check, names, uri, found, code, cause):
    if found:
        names(found)
    with soon():
        check(uri, "--timeout", "0.5").assert_failed("DNS", code, cause, "online")


def test_all_addresses_are_tried_and_plain_http_to_another_machine_is_a_warning(check, names, mlflow):
    names(["127.0.0.9", "127.0.0.1", "127.0.0.3", "127.0.0.1"])
    checked = check(mlflow.url.replace("127.0.0.1", "mlflow.example.org"))
    assert checked.code == 0
    assert checked.stages["DNS"]["detail"] == "127.0.0.9, 127.0.0.1, 127.0.0.3"
    assert checked.stages["TCP"]["detail"].startswith("127.0.0.1:")
    assert checked.stages["TLS"]["warning"]


def test_no_connection(check):
    with closed() as url:
        check(url).assert_failed("TCP", 3, "refuses the connection", "start the server")
    check("http://255.255.255.255").assert_failed("TCP", 3, "no way to 255.255.255.255:80 ", "VPN")
    with deaf() as url, soon():
        check(url, "--timeout", "0.5").assert_failed("TCP", 3, "no way to", "firewall")


def endless(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    ("talk", "cause", "remedy"),
    [
        *(
            (dripping(*said), "/health not answered within 0.5 s", "Cloud Run")
            for said in (
                (b"",),
                (b"HTTP/1.1 200 OK\r\n",),
                (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nO",),
                (b"", b"H"),
                (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
                (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nO\r\n"),
                (b"HTTP/1.1 200 OK\r\n\r\n", b"O"),
                (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"O"),
                (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            )
        ),
        *(
            (always(*said), "is not HTTP", "correct the port")
            for said in (
                [b"220 smtp.example.org ESMTP\r\n"],
                [b"\x00\x01\x02"],
                [b""],
                [b"HTTP/1.1 two\r\n\r\n"],
                [b"HTTP/1.1 200 OK\r\n", *[b"A: b\r\n"] * 1000],
                [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip"],
            )
        ),
        (endless, "no MLflow", "another service"),
    ],
)
def test_a_server_that_misbehaves(check, talk, cause, remedy):
    with Stub(talk) as stub, soon():
        seconds = "0.5" if "0.5" in cause else "5"
        check(stub.url, "--timeout", seconds).assert_failed("health", 5, cause, remedy)


@pytest.mark.slow
def test_a_dead_server_costs_ten_seconds_at_most(repository):
    """With a wide margin: MLflow's client alone takes 246 s."""
    with Stub(dripping(b"")) as stub:
        started = time.monotonic()
        command = [sys.executable, "-m", "ops.check_mlflow", stub.url]
        ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)
        assert time.monotonic() - started < 20
    assert (ended.returncode, ended.stderr) == (5, "")
    assert "FAIL health" in ended.stdout
    assert "within 8 s" in ended.stdout


@pytest.mark.parametrize(
    ("settings", "failed"),
    [
        ({}, None),
        ({"days": (-80, 5)}, None),
        ({"days": (-2, -1)}, ("TLS", 4, "certificate has expired", "renew")),
        ({"days": (1, 2)}, ("TLS", 4, "not valid today", "clock")),
        ({"address": "127.0.0.2"}, ("TLS", 4, "for another host than 127.0.0.1", "subjectAltName")),
        ({"client": True}, ("health", 4, "ends the connection of TLS", OWN)),
    ],
)
def test_a_certificate_that_is_trusted(check, served, login, settings, failed):
    stub, path = served(**settings)
    login(SERVER_CERT_PATH=path, TOKEN="secret")
    checked = check(stub.url)
    if failed:
        checked.assert_failed(*failed)
    else:
        assert checked.code == 0
        assert checked.stages["TLS"]["detail"].startswith("TLSv1.3, certificate valid until ")
        assert checked.stages["TLS"]["warning"] == bool(settings)
    login(CLIENT_CERT_PATH=path)
    assert "client" not in settings or check(stub.url).code == 0


def test_a_certificate_that_nobody_knows_or_that_cannot_be_read(check, served, write, login):
    stub, _ = served()
    check(stub.url).assert_failed("TLS", 4, "signed by nobody known here", f"set {TRUSTED} to a PEM file")
    login(SERVER_CERT_PATH=str(write("empty.pem", "")))
    check(stub.url).assert_failed("TLS", 4, "no certificate", TRUSTED)
    login(SERVER_CERT_PATH="absent.pem")
    check(stub.url).assert_failed("TLS", 4, "absent.pem", TRUSTED)


@pytest.mark.parametrize(
    "talk",
    [
        always(Reply(400, "Bad Request").encoded()),
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


def test_https_goes_through_a_tunnel_with_the_login_of_the_proxy(check, served, login, monkeypatch):
    secure_mlflow, path = served()
    login(SERVER_CERT_PATH=path)
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
    "talk", [always(Reply(407, "Proxy Authentication Required").encoded()), always(b"220 smtp.example.org\r\n")]
)
def test_a_proxy_that_lets_nothing_through(check, monkeypatch, talk):
    with Stub(talk) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        checked = check("https://mlflow.example.org")
    checked.assert_failed("TLS", 3, f"proxy 127.0.0.1:{stub.port} lets nothing through", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        (FOREIGN, ""),
        ("http://127.0.0.1:5000", "http://proxy.example.org:3128"),
        (FOREIGN, "http://127.0.0.1:3128"),  # which passes it on
    ],
)
@pytest.mark.parametrize("variables", [{"TOKEN": "abc"}, {"USERNAME": "me", "PASSWORD": "abc"}])
def test_credentials_do_not_leave_this_machine_in_the_clear(check, monkeypatch, login, url, proxy, variables):
    monkeypatch.setenv("http_proxy", proxy)
    login(**variables)
    check(url).assert_failed("URI", 2, "would go over plain http to ", "use https")
