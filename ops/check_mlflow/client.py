"""Requests to the server, each on a new connection, within the deadline, and never redirected."""

import http.client
import json
import re
from typing import Any, NamedTuple

from ops.check_mlflow.credentials import Credentials
from ops.check_mlflow.deadline import Paced
from ops.check_mlflow.line import Line, opened
from ops.check_mlflow.stages import Code, StageError
from ops.check_mlflow.tls import after_handshake, speaks_tls

LONGEST = 1_000_000  # bytes of an answer
AGENT = "credit-check-mlflow"
WANTS_TLS = re.compile(r"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server", re.IGNORECASE)
SLOW = (
    "look at its log; one that sleeps while idle (Cloud Run) takes a minute to wake up: "
    "python -m ops.check_mlflow --timeout 90"
)


class Answer(NamedTuple):
    """What a server answered; the text is cut after LONGEST bytes."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    def json(self) -> Any:
        """Parse the text; None if it is no JSON."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Client(NamedTuple):
    """What is needed to ask a server."""

    line: Line
    credentials: Credentials

    def ask(self, method: str, path: str, *, body: dict | None = None, anonymous: bool = False) -> Answer:
        """Ask for a path below the server's URL.

        Raises
        ------
        StageError
            There is no answer in HTTP, or not in time.
        """
        line = self.line
        try:
            answer = self._asked(method, path, body, anonymous)
        except TimeoutError:
            raise StageError(
                f"the server took the connection, but did not answer {path} within {line.deadline.seconds:g} s",
                SLOW,
                Code.SERVER,
            ) from None
        except (OSError, http.client.HTTPException) as error:
            if line.context is None and speaks_tls(line):
                raise self._https_instead() from None
            if line.context is not None and not isinstance(error, http.client.BadStatusLine):
                raise after_handshake(error, line) from None
            raise StageError(
                f"what {line.server.authority} answers is not HTTP, or it ends the connection",
                "correct the port: another service listens there",
                Code.SERVER,
            ) from None
        if answer.status == 400 and WANTS_TLS.search(answer.text):
            raise self._https_instead()
        return answer

    def _asked(self, method: str, path: str, body: dict | None, anonymous: bool) -> Answer:
        server, route = self.line.server, self.line.route
        headers = {"Host": server.authority, "User-Agent": AGENT, "Accept": "*/*"}
        if self.credentials and not anonymous:
            headers["Authorization"] = self.credentials.header
        if body is not None:
            headers["Content-Type"] = "application/json"
        target = server.base + path
        if route.is_proxy and not server.is_secure:
            target = server.url + path
            if route.authorization:
                headers["Proxy-Authorization"] = route.authorization
        with opened(self.line) as sock:
            connection = http.client.HTTPConnection(server.host, server.port)
            connection.sock = Paced(sock, self.line.deadline)
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read(LONGEST).decode(errors="replace")
            return Answer(response.status, response.headers, text)

    def _https_instead(self) -> StageError:
        server = self.line.server
        return StageError(
            f"{server.authority} speaks TLS, not plain http", f"use {server._replace(scheme='https').url}", Code.TLS
        )
