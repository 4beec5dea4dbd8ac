"""Servers on loopback that say what they are told to, byte for byte; the system chooses their ports."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from threading import Thread
from typing import NamedTuple

Talk = Callable[[socket.socket], None]


class Stub:
    """Takes connections and lets `talk` speak on each, in a thread of its own; use it as a context manager."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self._talk, self._context = talk, context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                Thread(target=self._answer, args=[self._listening.accept()[0]], daemon=True).start()

    def _answer(self, plain: socket.socket) -> None:
        with suppress(OSError, ValueError, IndexError), plain:  # the client may leave, or try TLS
            connection = self._context.wrap_socket(plain, server_side=True) if self._context else plain
            with connection:
                self._talk(connection)

    def __enter__(self) -> "Stub":
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # whoever waits for it ends
        self._listening.close()


class Reply(NamedTuple):
    """What a stub answers to a request."""

    status: int = 200
    body: str | dict = ""
    headers: dict[str, str] = {}  # noqa: RUF012 (no instance changes it)

    def encoded(self) -> bytes:
        body = json.dumps(self.body) if isinstance(self.body, dict) else self.body
        kind = "application/json" if isinstance(self.body, dict) else "text/plain"
        headers = {"Content-Type": kind, "Content-Length": len(body.encode()), **self.headers}
        lines = [f"HTTP/1.1 {self.status} whatever", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Request(NamedTuple):
    """What a stub was asked."""

    target: str
    headers: dict[str, str]


def heard(connection: socket.socket) -> Request:
    """Read a request with its body."""
    headers = {}
    with connection.makefile("rb") as stream:
        target = stream.readline().decode().split(" ")[1]
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        stream.read(int(headers.get("content-length", 0)))
    return Request(target, headers)


class FakeMlflow:
    """Answers as MLflow does where all is well; `replies` changes what a path gets, `login` is what it asks for."""

    def __init__(self) -> None:
        self.login: str | None = None
        self.requests: list[Request] = []
        self.replies: dict[str, Reply] = {
            "/health": Reply(body="OK"),
            "/version": Reply(body=version("mlflow-skinny")),
            "/api/2.0/mlflow/experiments/search": Reply(body={"experiments": []}),
            "/api/2.0/mlflow/experiments/get-by-name": Reply(body={"experiment": {"experiment_id": "1"}}),
            "/api/2.0/mlflow/runs/search": Reply(body={"runs": [{}]}),
        }

    def __call__(self, connection: socket.socket) -> None:
        request = heard(connection)
        self.requests.append(request)
        connection.sendall(self._reply(request).encoded())

    def _reply(self, request: Request) -> Reply:
        path = request.target.partition("?")[0]
        if self.login and path != "/health" and request.headers.get("authorization") != self.login:
            return Reply(401, "You are not authenticated.", {"WWW-Authenticate": 'Basic realm="mlflow"'})
        return self.replies.get(path, Reply(404, "Not Found"))


class Proxy:
    """Lets tunnels through to one port, whatever host is asked for, to those who know the password."""

    def __init__(self, port: int, authorization: str | None = None) -> None:
        self.port = port
        self.authorization = authorization
        self.targets: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        request = heard(connection)
        self.targets.append(request.target)
        if request.headers.get("proxy-authorization") != self.authorization:
            connection.sendall(Reply(407, "Proxy Authentication Required").encoded())
            return
        with socket.create_connection(("127.0.0.1", self.port)) as beyond:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=self._pass_on, args=(beyond, connection), daemon=True)
            back.start()
            self._pass_on(connection, beyond)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def always(*sent: bytes) -> Talk:
    """Say the same to everybody who asks."""

    def talk(connection: socket.socket) -> None:
        heard(connection)
        connection.sendall(b"".join(sent))

    return talk


def dripping(first: bytes, drop: bytes = b"") -> Talk:
    """Say something, and then a drop every tenth of a second, for ever; without a drop, nothing more."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(first)
        while drop or connection.recv(65536):
            time.sleep(0.1)
            connection.sendall(drop)

    return talk


@contextmanager
def closed() -> Iterator[str]:
    """Give the URL of a port on which nothing listens; it is taken all the while, so that nobody else does."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
