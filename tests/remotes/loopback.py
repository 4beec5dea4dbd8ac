"""A server on loopback that can be cut off in the middle of an upload, and come back."""

import logging
import math
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock, Thread

from werkzeug.serving import WSGIRequestHandler, make_server


class LoopbackServer:
    """Serves a WSGI application on a port that the system chooses; use it as a context manager."""

    def __init__(self, application: Callable, handler: type[WSGIRequestHandler] = WSGIRequestHandler) -> None:
        self._application = application
        self._lock = Lock()
        self._objects_left = math.inf
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per request otherwise
        self._server = make_server("127.0.0.1", 0, self._gate, threaded=True, request_handler=handler)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> "LoopbackServer":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def gone_after(self, objects: int) -> None:
        """Take so many objects more; from the next on every connection is dropped without an answer."""
        self._objects_left = objects

    def recover(self) -> None:
        """Be as new, whatever fault was ordered; what is stored has stayed."""
        self._objects_left = math.inf

    def _gate(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        with self._lock:
            # PUT is how both Drive and S3 take the content of an object.
            self._objects_left -= environ["REQUEST_METHOD"] == "PUT"
            gone = self._objects_left < 0
        if gone:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))  # else werkzeug takes it for a request
            with suppress(OSError):  # the client has given up before
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("the server is gone")  # werkzeug says nothing after that
        return self._application(environ, start_response)
