"""A line to the server: a connection to the address that was reached, through the proxy if there is one, with TLS."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from socket import socket
from typing import NamedTuple

from ops.check_mlflow.deadline import Deadline, Paced
from ops.check_mlflow.network import Address, connect
from ops.check_mlflow.route import Route
from ops.check_mlflow.stages import Code, StageError
from ops.check_mlflow.uri import Server, name_of


class Line(NamedTuple):
    """What a connection needs; `context` is that of TLS, or None for plain http."""

    route: Route
    address: Address
    deadline: Deadline
    context: ssl.SSLContext | None = None

    @property
    def server(self) -> Server:
        return self.route.server


@contextmanager
def opened(line: Line) -> Iterator[socket]:
    """Open a connection and close it at the end of the block."""
    with connect(line.address, line.deadline.left()) as plain:
        if line.context is None:
            yield plain
            return
        if line.route.is_proxy:
            _tunnel(plain, line)
        plain.settimeout(line.deadline.left())
        with line.context.wrap_socket(plain, server_hostname=line.server.host) as wrapped:
            yield wrapped


def _tunnel(sock: socket, line: Line) -> None:
    """Ask the proxy for a connection to the server."""
    target = name_of(line.server.host, line.server.port)
    headers = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if line.route.authorization:
        headers.append(f"Proxy-Authorization: {line.route.authorization}")
    paced = Paced(sock, line.deadline)
    paced.sendall("\r\n".join([*headers, "", ""]).encode())
    response = HTTPResponse(paced, method="CONNECT")
    try:
        response.begin()
    except HTTPException:
        raise StageError(f"{line.route} is no http proxy", "correct HTTPS_PROXY or NO_PROXY", Code.NETWORK) from None
    if response.status != 200:
        raise StageError(
            f"{line.route} lets nothing through to {target}: status {response.status}",
            "put user and password into HTTPS_PROXY (407), or the server's name into NO_PROXY",
            Code.NETWORK,
        )
