"""The way to a server: its name, a connection and TLS, and what it means where one of them fails."""

import os
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from types import SimpleNamespace
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from ops.check_mlflow.causes import chain, failure, kinds
from ops.check_mlflow.client import INSECURE, TRUSTED, Client, is_on
from ops.check_mlflow.steps import Step
from ops.check_mlflow.uri import name_of

SHOWN = 3  # addresses
SOON = 14 * 24 * 3600  # seconds to the end of a certificate
WANTS_OWN = re.compile("CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE")
NO_CERTIFICATE = re.compile("invalid path|PEM lib|NO_CERTIFICATE|NO_START_LINE|Permission denied")


@contextmanager
def explaining(client: Client, step: str, path: str = "") -> Iterator[None]:
    """Say what the exceptions of sockets, TLS and requests mean at a step, or for a request for a path."""
    try:
        yield
    except (OSError, UnicodeError, HTTPException, HTTPError) as error:
        words = {step, client.server.scheme, "proxy" if client.proxy else "", *kinds(error), *_marks(error)}
        if step == "request" and not client.server.is_secure and "TimeoutError" not in words and _speaks_tls(client):
            words.add("speaks-tls")
        raise failure(*words, error=error, reason=reason(error), path=path, **client.facts) from None


def _marks(error: Exception) -> Iterator[str]:
    """Describe what an exception says beyond its class; verify codes are OpenSSL's."""
    said = f"{error} {reason(error)}"
    yield f"verify-{getattr(error, 'verify_code', 0)}"
    yield "EAI_AGAIN" if getattr(error, "errno", None) in (socket.EAI_AGAIN, socket.EAI_FAIL) else ""
    yield "no-tunnel" if "Tunnel connection failed" in said else ""
    yield "no-certificate" if NO_CERTIFICATE.search(said) else ""
    yield "wants-own" if WANTS_OWN.search(said) else ""


def reason(error: Exception) -> str:
    """Say in a word or two what the innermost exception says."""
    inner = chain(error)[-1]
    said = (getattr(inner, name, None) for name in ("verify_message", "reason", "strerror"))
    return next((str(text) for text in said if text), type(inner).__name__)


def resolve(client: Client, step: Step) -> list[tuple]:
    """Find the addresses of the server, or the proxy."""
    with explaining(client, "DNS"):
        found = client.deadline.within(lambda: socket.getaddrinfo(*client.place, type=socket.SOCK_STREAM))
    places = list(dict.fromkeys((family, place) for family, _, _, _, place in found))
    names = [place[0] for _, place in places]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    through = "" if client.proxy is None else f"proxy {client.place[0]}: "
    step.detail = f"{through}{', '.join(names[:SHOWN])}{more}"
    return places


def reach(client: Client, places: list[tuple], step: Step) -> None:
    """Connect to the first address that takes it; each has its share of the time left."""
    errors = []
    with explaining(client, "TCP"):
        for done, (family, place) in enumerate(places):
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.settimeout(client.deadline.left() / (len(places) - done))
                try:
                    sock.connect(place)
                except OSError as error:
                    errors.append(error)
                    continue
            step.detail = f"{'' if client.proxy is None else 'proxy '}{name_of(*place[:2])}"
            return
        raise min(errors, key=_says_little)


def _says_little(error: OSError) -> int:
    """A refusal tells more than silence."""
    return 0 if isinstance(error, ConnectionRefusedError) else 2 if isinstance(error, TimeoutError) else 1


def secure(client: Client, step: Step) -> None:
    """Shake hands as MLflow's client does."""
    if is_on(INSECURE) and TRUSTED in os.environ:
        raise failure("TLS", "both")
    if not client.server.is_secure:
        step.warning = not client.is_local
        step.detail = "none: plain http " + (
            "on this machine" if client.is_local else "which others on the way can read and change"
        )
        return
    with explaining(client, "TLS"):
        version, certificate = client.deadline.within(_shaken_hands, client, _certificates(client))
    if not certificate:
        cause = f"{INSECURE} is set" if is_on(INSECURE) else f"{TRUSTED} is empty"
        step.warning, step.detail = True, f"{version}, certificate not verified: {cause}"
        return
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    step.warning = ends < time.time() + SOON
    step.detail = f"{version}, certificate valid until {time.strftime('%Y-%m-%d', time.gmtime(ends))}"


def _certificates(client: Client) -> dict[str, Any]:
    """Let requests say which certificates it trusts and shows; OSError where one of the files is not there."""
    settings = SimpleNamespace()
    HTTPAdapter().cert_verify(settings, client.server.url, client.verify, client.cert)
    return vars(settings)


def _shaken_hands(client: Client, certificates: dict[str, Any]) -> tuple[str | None, dict | None]:
    """Give the version of TLS and the certificate, through the proxy if there is one."""
    connection = HTTPSConnection(*client.place, timeout=client.deadline.left(), **certificates)
    try:
        if client.proxy is not None:
            headers = HTTPAdapter().proxy_headers(client.proxy.geturl())
            connection.set_tunnel(client.server.host, client.server.port, headers)
        connection.connect()
        return connection.sock.version(), connection.sock.getpeercert()
    finally:
        connection.close()


def _speaks_tls(client: Client) -> bool:
    """Whether a server that was asked in plain http speaks TLS; nothing is sent to it."""
    try:
        return bool(client.deadline.within(_shaken_hands, client, {"cert_reqs": "CERT_NONE"}))
    except (OSError, HTTPException, HTTPError):
        return False
