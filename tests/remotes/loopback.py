"""A server on loopback that can fall silent or be cut off in the middle of an upload, and come back."""

import logging
import math
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import NoReturn

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class LoopbackServer:
    """Serves a WSGI application on a port that the system chooses; use it as a context manager."""

    def __init__(self, application: Callable, handler: type[WSGIRequestHandler] = WSGIRequestHandler) -> None:
        self._application = application
        self._handler = handler
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self._held_port: socket.socket | None = None
        self._lock = Lock()
        self._objects_left = math.inf
        self._speaks = Event()
        self._speaks.set()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request otherwise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port()}"

    def start(self) -> None:
        """Serve, after `stop` at the same address; what is stored has stayed."""
        self._objects_left = math.inf
        self._server = make_server("127.0.0.1", self._port(), self._gate, threaded=True, request_handler=self._handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be gone: new connections are refused, requests on old ones dropped."""
        server, self._server = self._server, None
        self._speaks.set()
        if server is not None:
            server.shutdown()
            self._thread.join()  # until then the port is taken

    def close(self) -> None:
        """Be gone for good: the port is free for others."""
        self.stop()
        held, self._held_port = self._held_port, None
        if held is not None:
            held.close()

    def _port(self) -> int:
        """Give the port, which stays taken while nobody listens: bound, it refuses connections, and is no one else's.

        The server binds it too, which Linux allows where both sockets say SO_REUSEADDR and one does not listen.
        """
        if self._held_port is None:
            self._held_port = socket.socket()
            self._held_port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._held_port.bind(("127.0.0.1", 0))
        return self._held_port.getsockname()[1]

    def stop_after(self, objects: int) -> None:
        """Take so many objects more, then be gone at the next, whose connection is dropped without an answer."""
        self._objects_left = objects

    def recover(self) -> None:
        """Be as new, whatever fault was ordered; what is stored has stayed."""
        self.stop()
        self.start()

    def fall_silent(self) -> None:
        """Take connections and answer none, as behind a broken network; `stop` ends that."""
        self._speaks.clear()

    def _gate(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        self._speaks.wait()
        with self._lock:
            # PUT is how both Drive and S3 take the content of an object.
            self._objects_left -= environ["REQUEST_METHOD"] == "PUT"
            gone = self._objects_left < 0
        if gone:
            self.stop()
        if self._server is None:
            drop(environ)
        return self._application(environ, start_response)

    def __enter__(self) -> "LoopbackServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def drop(environ: dict) -> NoReturn:
    """End a connection without an answer."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))  # else werkzeug takes it for a request
    with suppress(OSError):  # the client has given up before
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the server is gone")  # werkzeug says nothing after that
