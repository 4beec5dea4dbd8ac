"""Name and network: each failure at its stage, and never longer than it may take."""

import errno
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Event

import pytest

from ops.check_mlflow import network
from tests.ops.check_mlflow.stubs import Stub, closed, deaf, dripping, silent_after

LONG = 6  # seconds; the checks here have half of one, but the machine may be busy


@contextmanager
def soon():
    """See that the block does not take long."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONG


@pytest.fixture
def names(monkeypatch):
    """Replace the name server: a list of addresses, or what goes wrong."""

    def answer(found) -> None:
        def getaddrinfo(host, port, **_):
            if isinstance(found, Exception):
                raise found
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return answer


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (socket.gaierror(socket.EAI_NONAME, "not known"), "nobody knows the name mlflow.invalid", "correct it"),
        (UnicodeError("label too long"), "nobody knows the name mlflow.invalid", "correct it"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), "no name server answers for mlflow.invalid", "online"),
    ],
)
def test_a_name_that_cannot_be_found(check, names, error, cause, remedy):
    names(error)
    check("http://mlflow.invalid").assert_failed("DNS", 3, cause, remedy)


def test_a_name_server_that_does_not_answer(check, monkeypatch):
    over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait())
    with soon():
        check("http://mlflow.invalid", "--timeout", "0.5").assert_failed("DNS", 3, "within 0.5 s", "online")
    over.set()


def test_the_addresses_are_shown(check, names, mlflow):
    names(["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1"])
    detail = check(mlflow.url).stages["DNS"]["detail"]
    assert detail == "127.0.0.1, 127.0.0.2, 127.0.0.3 and 1 more"


def test_the_next_address_is_tried(check, names, mlflow):
    names(["127.0.0.9", "127.0.0.1"])
    assert check(mlflow.url).stages["TCP"]["detail"].startswith("127.0.0.1:")


def test_plain_http_to_another_machine_is_a_warning(check, names, mlflow):
    names(["127.0.0.1"])
    checked = check(mlflow.url.replace("127.0.0.1", "mlflow.example.org"))
    assert checked.code == 0
    assert checked.stages["TLS"]["warning"]


def test_nothing_listens(check):
    with closed() as url:
        check(url).assert_failed("TCP", 3, "refuses the connection", "start the server")


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH])
def test_no_way_there(check, monkeypatch, number):
    def fail(*_):
        raise OSError(number, "No route to host")

    monkeypatch.setattr(network, "connect", fail)
    check("http://127.0.0.1").assert_failed("TCP", 3, "No route to host", "VPN")


def test_a_firewall_that_drops_everything(check):
    with deaf() as url, soon():
        check(url, "--timeout", "0.5").assert_failed("TCP", 3, "no answer from", "firewall")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nO"])
def test_a_server_that_falls_silent(check, sent):
    with silent_after(sent) as stub, soon():
        check(stub.url, "--timeout", "0.5").assert_failed(
            "health", 5, "did not answer /health within 0.5 s", "Cloud Run"
        )


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nO\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"O"),
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
        ended = subprocess.run(
            [sys.executable, "-m", "ops.check_mlflow", stub.url],
            cwd=repository,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert time.monotonic() - started < 20
    assert ended.returncode == 5
    assert re.search(r"^FAIL health .* within 8 s$", ended.stdout, flags=re.MULTILINE)
    assert ended.stderr == ""
