"""What a failure on the way to a server means: one table of cause and remedy."""

import json
import re
import socket
from collections.abc import Callable, Mapping
from http.client import BadStatusLine, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from ops.check_mlflow.client import FILE, OWN, PASSWORD, TOKEN, TRUSTED, USERNAME, Client, Credentials
from ops.check_mlflow.steps import Code, StepError
from ops.check_mlflow.uri import Server, name_of
from ops.shared.redaction import one_line


class Answer(NamedTuple):
    """What a server answered to a request for a path."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """What the JSON says; None if it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def is_object(self) -> bool:
        return isinstance(self.body, dict)


class Failure(NamedTuple):
    """What came instead of what was expected: an exception or an answer, at a step or a path."""

    client: Client
    at: str
    error: BaseException | None = None
    answer: Answer = Answer(0, {}, "")
    speaks_tls: bool = False

    @property
    def errors(self) -> list[BaseException]:
        """The exception and what it wraps: requests and urllib3 put that of a socket into their own."""
        errors = [self.error] if self.error else []
        while errors and (inner := errors[-1].__cause__ or errors[-1].__context__):
            errors.append(inner)
        return errors

    def is_a(self, *kinds: type[BaseException]) -> bool:
        return any(isinstance(error, kinds) for error in self.errors)

    @property
    def server(self) -> Server:
        return self.client.server

    @property
    def sent(self) -> Credentials:
        return self.client.credentials

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def host(self) -> str:
        return self.client.place[0]

    @property
    def files(self) -> str:
        return " or ".join(file for file in (self.client.verify, self.client.cert) if isinstance(file, str))

    @property
    def seconds(self) -> str:
        return f"{self.client.deadline.seconds:g} s"

    @property
    def swapped(self) -> str:
        """The URL with the other scheme."""
        return self.server._replace(scheme="http" if self.server.is_secure else "https").url

    @property
    def reason(self) -> str:
        """What the innermost exception says in a word or two."""
        said = (getattr(self.errors[-1], name, None) for name in ("verify_message", "reason", "strerror"))
        return next((str(text) for text in said if text), type(self.errors[-1]).__name__)

    @property
    def since(self) -> str:
        return f" ({self.sent.expired})" if self.sent.expired else ""

    @property
    def kind(self) -> str:
        return one_line(self.answer.headers.get("Content-Type", "text/plain").partition(";")[0])

    @property
    def offered(self) -> str:
        return self.answer.headers.get("WWW-Authenticate", "").lower()

    @property
    def target(self) -> tuple[str, str, int | None]:
        """Scheme, host and port of a redirection: its query may hold a token."""
        try:
            parts = urlsplit(urljoin(self.server.url + self.at, self.answer.headers.get("Location", "")))
            return parts.scheme, parts.hostname or "", parts.port
        except ValueError:
            return "", "", None

    @property
    def elsewhere(self) -> str:
        return one_line(name_of(*self.target[1:]) or "nowhere")

    @property
    def said(self) -> str:
        """Quote what MLflow says in its JSON, or a short plain text; a page says nothing in a line."""
        answer = self.answer
        text = str(answer.body.get("message", "")) if answer.is_object else answer.text
        return f": {one_line(text)}" if text.strip() and (answer.is_object or self.kind == "text/plain") else ""


def explained(failure: Failure) -> StepError:
    """Say what a failure means, after the first row of the table that fits."""
    for code, rows in TABLE.items():
        for fits, cause, remedy in rows:
            if fits(failure):
                return StepError(cause.format(f=failure), remedy.format(f=failure), code)
    raise AssertionError("the last row fits all")


def _at(step: str, *kinds: type[BaseException]) -> Callable[[Failure], bool]:
    return lambda f: f.at == step and (not kinds or f.is_a(*kinds))


def _certificate(*codes: int) -> Callable[[Failure], bool]:
    """By numbers of https://docs.openssl.org/3.0/man1/openssl-verification-options/#diagnostics."""
    return lambda f: getattr(f.error, "verify_code", None) in codes


def _status(*codes: int) -> Callable[[Failure], bool]:
    return lambda f: f.status in codes


LOGIN = f"set {USERNAME} and {PASSWORD} (or {TOKEN}, or {FILE})"
OTHER = "correct host, port and the path under which MLflow lies; another service answers here"
NO_NAME_SERVER = (socket.EAI_AGAIN, socket.EAI_FAIL)
UNREADABLE = re.compile("invalid path|PEM lib|NO_CERTIFICATE|NO_START_LINE|Permission denied")
WANTS_OWN = re.compile("CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE")
WANTS_TLS = re.compile(r"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server", re.IGNORECASE)
INVALID_HOST = "Invalid Host header"  # MLflow's own words (mlflow/server/security_utils.py)
FORBIDDEN = "Permission denied"  # the same (mlflow/server/auth)

# When it is this: what is wrong, and what to do. The first row that fits tells; its texts are formats of the failure.
TABLE: dict[Code, list[tuple[Callable[[Failure], Any], str, str]]] = {
    Code.NETWORK: [
        (
            lambda f: f.at == "DNS" and (f.is_a(TimeoutError) or getattr(f.error, "errno", None) in NO_NAME_SERVER),
            "no name server answers for {f.host} within {f.seconds}",
            "is this machine online? or use the server's IP address",
        ),
        (
            _at("DNS"),
            "nobody knows the name {f.host}",
            "correct it, or go where it is known (VPN; a container's name is known to its network only)",
        ),
        (
            lambda f: f.at == "TCP" and f.is_a(ConnectionRefusedError) and f.client.proxy,
            "{f.client.way} refuses the connection: nothing listens there",
            "start it, or correct HTTP_PROXY or HTTPS_PROXY",
        ),
        (
            _at("TCP", ConnectionRefusedError),
            "{f.client.way} refuses the connection: nothing listens there",
            "start the server, or correct the port (MLflow's own is 5000)",
        ),
        (
            _at("TCP", TimeoutError),
            "no answer from {f.client.way} in time",
            "a firewall drops it, or the address is wrong: open the port, connect to the VPN, or correct it",
        ),
        (_at("TCP"), "no way to {f.client.way}: {f.reason}", "connect to its network (VPN), or correct the address"),
        (
            lambda f: f.at == "TLS" and "Tunnel connection failed" in str(f.error),
            "{f.client.way} lets nothing through to {f.server.authority} ({f.error})",
            "put user and password into HTTPS_PROXY (407), or the server's name into NO_PROXY",
        ),
        (_at("TLS", HTTPException), "{f.client.way} is no http proxy", "correct HTTPS_PROXY or NO_PROXY"),
        (_status(407), "the proxy wants credentials (407)", "put user and password into HTTP_PROXY"),
    ],
    Code.TLS: [
        (_certificate(10), "the certificate of {f.server.host} has expired", "renew it on the server"),
        (_certificate(9), "the certificate of {f.server.host} is not valid yet", "set the clock of this machine"),
        (
            _certificate(62, 64),
            "the certificate is for another host than {f.server.host}",
            "use a name that it is for, or add this one to it (subjectAltName)",
        ),
        (
            lambda f: getattr(f.error, "verify_code", None),
            "the certificate of {f.server.host} is signed by nobody known here ({f.reason})",
            f"set {TRUSTED} to a PEM file with the server's certificate, or its CA's",
        ),
        (
            lambda f: f.at == "TLS" and UNREADABLE.search(f"{f.error} {f.reason}"),
            "no certificate, or not its key, in {f.files}",
            f"name PEM files: in {TRUSTED} with the server's or its CA's, in {OWN} with the client's and its key",
        ),
        (
            lambda f: f.at == "TLS" and not WANTS_OWN.search(f.reason),
            "no TLS with {f.server.authority} within {f.seconds} ({f.reason})",
            "does it speak plain http? try {f.swapped}",
        ),
        (
            lambda f: f.error and f.server.is_secure and not f.is_a(TimeoutError, BadStatusLine),
            "{f.server.authority} ends the connection after the handshake ({f.reason})",
            f"does it want a client's certificate? set {OWN}",
        ),
        (
            lambda f: f.speaks_tls or (f.status == 400 and WANTS_TLS.search(f.answer.text)),
            "{f.server.authority} speaks TLS, not plain http",
            "use {f.swapped}",
        ),
    ],
    Code.REFUSED: [
        (
            lambda f: f.status == 403 and INVALID_HOST in f.answer.text,
            "the server is not to be called {f.server.authority} (403, Host header)",
            "start it with --allowed-hosts naming {f.server.authority}, or use a name that it allows",
        ),
        (
            lambda f: f.status == 401 and f.sent.token and f.offered.startswith("basic"),
            "the server asks for user and password, and got a token (401)",
            f"set {USERNAME} and {PASSWORD}",
        ),
        (
            lambda f: f.status in (401, 403) and f.sent.token and (f.sent.expired or "expired" in f.offered),
            "{f.sent} has expired{f.since}",
            "get a new one (an identity token of Google's lasts an hour)",
        ),
        (lambda f: f.status == 401 and not f.sent, "the server asks for credentials, and got {f.sent} (401)", LOGIN),
        (_status(401), "the server does not accept {f.sent} (401)", f"correct it: {LOGIN}"),
        (
            lambda f: f.status == 403 and (f.answer.text.strip() == FORBIDDEN or f.answer.is_object),
            "no permission for {f.sent} (403){f.said}",
            "let an administrator of MLflow grant it",
        ),
        (
            _status(403),
            "what stands before MLflow (a proxy, IAM) lets nothing pass that comes with {f.sent} (403)",
            f"set {TOKEN}; on Cloud Run the account needs roles/run.invoker",
        ),
    ],
    Code.SERVER: [
        (
            lambda f: f.is_a(TimeoutError),
            "the server took the connection, but did not answer {f.at} within {f.seconds}",
            "look at its log; one that sleeps while idle (Cloud Run) takes a minute to wake up: "
            "python -m ops.check_mlflow --timeout 90",
        ),
        (
            lambda f: f.error,
            "what {f.server.authority} answers is not HTTP, or it ends the connection",
            "correct the port: another service listens there",
        ),
        (_status(429), "too many requests (429)", "wait a minute"),
        (
            lambda f: 300 <= f.status < 400 and f.target[:2] == ("https", f.server.host) and not f.server.is_secure,
            "the server sends on to https",
            "use https://{f.elsewhere}{f.server.base}",
        ),
        (
            lambda f: 300 <= f.status < 400,
            "no MLflow: {f.at} sends on to {f.elsewhere} ({f.status}), perhaps a login",
            f"a login page stands before MLflow: set {TOKEN} if it takes tokens, or reach MLflow without it (a tunnel)",
        ),
        (_status(404), "no MLflow: there is no {f.server.base}{f.at} (404)", OTHER),
        (
            lambda f: f.status in (502, 503, 504) and not f.answer.is_object,
            "a proxy answers that MLflow behind it does not ({f.status})",
            "start MLflow, or wait until it has started; look at its log",
        ),
        (
            lambda f: f.status >= 500,
            "MLflow, or the database behind it, has a fault at {f.at} ({f.status}){f.said}",
            "look at the server's log, and start its database if it is away",
        ),
        (lambda f: True, "no MLflow: {f.at} gave status {f.status} and {f.kind}", OTHER),
    ],
}
