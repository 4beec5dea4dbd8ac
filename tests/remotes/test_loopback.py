"""The server under both fakes keeps its address, and while it is stopped nobody else gets it."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.remotes.loopback import LoopbackServer


def connect(server):
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=10):
        pass


def test_while_it_is_stopped_it_refuses_connections_and_its_port_is_no_one_elses():
    with LoopbackServer(lambda *_: []) as server:
        connect(server)
        address = server.url
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            connect(server)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", urlsplit(address).port))
        server.start()
        assert server.url == address
        connect(server)
