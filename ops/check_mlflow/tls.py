"""TLS as MLflow's client does it: which certificates are trusted, the handshake, and why one fails."""

import os
import ssl
import time
from pathlib import Path

import certifi
from urllib3.util.ssl_ import create_urllib3_context

from ops.check_mlflow.line import Line, opened
from ops.check_mlflow.stages import Code, Found, StageError

TRUSTED, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
OWN = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
BUNDLES = (TRUSTED, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
SOON = 14 * 24 * 3600

# https://docs.openssl.org/3.0/man1/openssl-verification-options/#diagnostics
EXPIRED, NOT_YET_VALID, WRONG_HOST, WRONG_ADDRESS = 10, 9, 62, 64
UNKNOWN = (2, 18, 19, 20, 21)


def secure(line: Line) -> Found:
    """Shake hands with the server; the value is the line with its TLS context."""
    if not line.server.is_secure:
        return _plain(line)
    line = line._replace(context=context())
    try:
        with opened(line) as sock:
            version, certificate = sock.version(), sock.getpeercert()
    except ssl.SSLError as error:
        raise explained(error, line) from None
    except TimeoutError:
        raise StageError(
            f"no TLS answer within {line.deadline.seconds:g} s", f"does it speak plain http? try {_as_http(line)}"
        ) from None
    except OSError as error:
        raise StageError(
            f"the connection ended while TLS began ({type(error).__name__})",
            f"does it speak plain http? try {_as_http(line)}",
        ) from None
    if not certificate:
        return Found(f"{version}, certificate not verified: {INSECURE} is set", line, warning=True)
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    until = time.strftime("%Y-%m-%d", time.gmtime(ends))
    return Found(f"{version}, certificate valid until {until}", line, warning=ends < time.time() + SOON)


def _plain(line: Line) -> Found:
    if line.route.is_local:
        return Found("none: plain http on this machine", line)
    return Found("none: plain http, which others on the way can read and change", line, warning=True)


def context() -> ssl.SSLContext:
    """Make the TLS context of MLflow's client, after the environment.

    Raises
    ------
    StageError
        A file that the environment names is not there, or no certificate.
    """
    insecure = os.environ.get(INSECURE, "").lower() in ("true", "1")
    if insecure and os.environ.get(TRUSTED):
        raise StageError(f"{INSECURE} and {TRUSTED} are both set, which the client refuses", f"unset {INSECURE}")
    made = create_urllib3_context()
    if insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    else:
        name = next((name for name in BUNDLES if os.environ.get(name)), "")
        _load(name, os.environ.get(name) or certifi.where(), made)
    if own := os.environ.get(OWN):
        try:
            made.load_cert_chain(own)
        except (OSError, ssl.SSLError):
            raise StageError(f"{OWN}: no certificate with its key in {own}", "name a PEM file with both") from None
    return made


def _load(name: str, path: str, into: ssl.SSLContext) -> None:
    try:
        if Path(path).is_dir():
            into.load_verify_locations(capath=path)
        else:
            into.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError):
        raise StageError(
            f"{name}: no certificates in {path}", "name a PEM file with the server's or its CA's"
        ) from None


def explained(error: ssl.SSLError, line: Line) -> StageError:
    """Say what an error of the handshake means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrusted(error, line)
    reason = error.reason or ""
    if reason in PLAIN_HTTP:
        return StageError(f"{line.server.authority} speaks plain http, not https", f"use {_as_http(line)}", Code.TLS)
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return after_handshake(error, line)
    return StageError(
        f"no TLS with {line.server.authority} ({reason or type(error).__name__})",
        f"does it speak plain http? try {_as_http(line)}",
        Code.TLS,
    )


def after_handshake(error: Exception, line: Line) -> StageError:
    """Say what it means that a server ends a connection once TLS stands; TLS 1.3 asks for certificates only then."""
    reason = getattr(error, "reason", None) or type(error).__name__
    return StageError(
        f"{line.server.authority} ends the connection after the handshake ({reason})",
        f"does it want a client's certificate? set {OWN}",
        Code.TLS,
    )


def _distrusted(error: ssl.SSLCertVerificationError, line: Line) -> StageError:
    host = line.server.host
    if error.verify_code == EXPIRED:
        return StageError(f"the certificate of {host} has expired", "renew it on the server", Code.TLS)
    if error.verify_code == NOT_YET_VALID:
        return StageError(f"the certificate of {host} is not valid yet", "set the clock of this machine", Code.TLS)
    if error.verify_code in (WRONG_HOST, WRONG_ADDRESS):
        return StageError(
            f"the certificate is for another host than {host}",
            "use a name that it is for, or add this one to it (subjectAltName)",
            Code.TLS,
        )
    if error.verify_code in UNKNOWN:
        return StageError(
            f"the certificate of {host} is signed by nobody known here ({error.verify_message})",
            f"set {TRUSTED} to a PEM file with the server's certificate, or its CA's",
            Code.TLS,
        )
    return StageError(f"the certificate of {host} is not accepted: {error.verify_message}", "replace it", Code.TLS)


def _as_http(line: Line) -> str:
    return line.server._replace(scheme="http").url


def speaks_tls(line: Line) -> bool:
    """Whether a server that was asked in plain http speaks TLS; nothing is sent to it."""
    blind = create_urllib3_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    try:
        with opened(line._replace(context=blind)):
            return True
    except (OSError, StageError):
        return False
