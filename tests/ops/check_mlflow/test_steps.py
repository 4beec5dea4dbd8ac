"""No step takes longer than it may, whatever the network and a server do."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.ops.check_mlflow.stubs import Reply, Stub, always, closed, deaf, dripping

FOREIGN = "http://mlflow.example.org"
LONG = 6  # seconds; the checks here have half of one, but the machine may be busy


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
            if callable(found):
                found()
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return answer


def unknown_name():
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("uri", "found", "cause"),
    [
        (FOREIGN, unknown_name, "mlflow.example.org is not found ([Errno -2] Name or service not known)"),
        (FOREIGN, lambda: time.sleep(LONG), "mlflow.example.org is not found (no answer in time)"),
        ("http://a..b", None, "a..b is not found"),
        (f"http://{'a' * 64}.b", None, "is not found"),
    ],
)
def test_a_name_that_is_not_found(check, names, uri, found, cause):
    if found:
        names(found)
    with soon():
        check(uri, "--timeout", "0.5").assert_failed("DNS", 3, cause, "online")


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
        connection.sendall(b"x " * 32768)


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
