"""No step takes longer than it may, whatever the network and a server do."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.ops.check_mlflow.stubs import Reply, Stub, always, closed, dripping

FOREIGN = "http://mlflow.example.org"
LONG = 6  # seconds; the checks here have half of one, but the machine may be busy


@contextmanager
def soon() -> Iterator[None]:
    """See that the block does not take long."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG


def unknown_name(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("uri", "getaddrinfo", "cause"),
    [
        (FOREIGN, unknown_name, "mlflow.example.org is not found ([Errno -2] Name or service not known)"),
        (FOREIGN, lambda *_, **__: time.sleep(LONG), "mlflow.example.org is not found (no answer in time)"),
        ("http://a..b", socket.getaddrinfo, "a..b is not found"),
    ],
)
@pytest.mark.slow
def test_a_name_that_is_not_found(check, monkeypatch, uri, getaddrinfo, cause):
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with soon():
        check(uri, "--timeout", "0.5").assert_failed("DNS", 3, cause, "online")


def test_all_addresses_are_tried_and_plain_http_to_another_machine_is_a_warning(check, monkeypatch, mlflow):
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{end}", mlflow.port)) for end in (9, 1, 3, 1)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    checked = check(mlflow.url.replace("127.0.0.1", "mlflow.example.org"))
    assert checked.code == 0
    assert checked.stages["DNS"]["detail"] == "127.0.0.9, 127.0.0.1, 127.0.0.3"
    assert checked.stages["TCP"]["detail"].startswith("127.0.0.1:")
    assert checked.stages["TLS"]["warning"]


def test_no_connection(check):
    with closed() as url:
        check(url).assert_failed("TCP", 3, "refuses the connection", "start the server")
    check("http://255.255.255.255").assert_failed("TCP", 3, "no way to 255.255.255.255:80 ", "firewall")


def endless(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x " * 32768)


@pytest.mark.parametrize(
    "said",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nO",),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nO\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
@pytest.mark.slow
def test_a_server_that_is_silent_or_drips(check, said):
    with Stub(dripping(*said)) as stub, soon():
        checked = check(stub.url, "--timeout", "0.5")
    checked.assert_failed("health", 5, "/health not answered within 0.5 s", "Cloud Run")


@pytest.mark.parametrize(
    "said",
    [
        [b"220 smtp.example.org ESMTP\r\n"],
        [b""],
        [b"HTTP/1.1 two\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n", *[b"A: b\r\n"] * 1000],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip"],
    ],
)
def test_a_server_of_something_else(check, said):
    with Stub(always(*said)) as stub:
        check(stub.url).assert_failed("health", 5, "is not HTTP", "correct the port")


def test_an_answer_without_end_is_cut(check):
    with Stub(endless) as stub, soon():
        check(stub.url, "--timeout", "5").assert_failed("health", 5, "no MLflow", "another service")


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
    "talk",
    [
        always(Reply(400, "Bad Request").encoded()),
        lambda connection: connection.recv(100),
        lambda connection: time.sleep(2),
    ],
    ids=["plain http", "ends", "silent"],
)
@pytest.mark.slow
def test_https_to_a_port_without_tls(check, talk):
    with Stub(talk) as stub:
        checked = check(stub.url.replace("http", "https"), "--timeout", "1")
        checked.assert_failed("TLS", 4, "no TLS with 127.0.0.1:", f"does it speak plain http? try {stub.url}")
