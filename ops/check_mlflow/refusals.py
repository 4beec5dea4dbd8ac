"""What an answer means that is not the one expected."""

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from ops.check_mlflow.client import Answer, Client
from ops.check_mlflow.credentials import FILE, PASSWORD, TOKEN, USERNAME
from ops.check_mlflow.redaction import quoted
from ops.check_mlflow.stages import Code, StageError
from ops.check_mlflow.uri import name_of

SET_CREDENTIALS = f"set {USERNAME} and {PASSWORD} (or {TOKEN}, or {FILE})"
OTHER = "correct host, port and the path under which MLflow lies; another service answers here"
INVALID_HOST = "Invalid Host header"  # MLflow's own words (mlflow/server/security_utils.py)
FORBIDDEN = "Permission denied"  # the same (mlflow/server/auth)


def unexpected(client: Client, answer: Answer, path: str) -> StageError:
    """Say what an answer means that is not the one expected."""
    if answer.status in SPECIAL:
        return SPECIAL[answer.status](client, answer)
    if 300 <= answer.status < 400:
        return _redirected(client, answer, path)
    if answer.status == 404:
        return StageError(f"no MLflow: there is no {client.line.server.base}{path} (404)", OTHER, Code.SERVER)
    if answer.status >= 500:
        return StageError(
            f"the server has a fault of its own at {path}: {answer.status} {_said(answer)}",
            "look at the server's log; the database behind it may be away",
            Code.SERVER,
        )
    kind = answer.headers.get_content_type()
    return StageError(f"no MLflow: {path} gave status {answer.status} and {quoted(kind)}", OTHER, Code.SERVER)


def _redirected(client: Client, answer: Answer, path: str) -> StageError:
    """Name only the host of a redirection: a query may hold a token."""
    server = client.line.server
    try:
        target = urlsplit(urljoin(server.url + path, answer.headers.get("Location", "")))
        host, port = target.hostname or "", target.port
    except ValueError:
        host, port, target = "", None, None
    if host == server.host and target.scheme == "https" and not server.is_secure:
        return StageError(
            "the server sends on to https", f"use https://{name_of(host, port)}{server.base}", Code.SERVER
        )
    return StageError(
        f"no MLflow: {path} sends on to {quoted(name_of(host, port)) or 'nowhere'} ({answer.status}), perhaps a login",
        f"a login page stands before MLflow: set {TOKEN} if it takes tokens, or reach MLflow without it (a tunnel)",
        Code.SERVER,
    )


def _unauthenticated(client: Client, answer: Answer) -> StageError:
    sent, offered = client.credentials, answer.headers.get("WWW-Authenticate", "")
    if not sent:
        lacking = f", and only {sent.missing} is missing" if sent.missing else ", and there are none"
        return StageError(f"the server asks for credentials{lacking} (401)", SET_CREDENTIALS, Code.REFUSED)
    if sent.token and re.match("basic", offered, flags=re.IGNORECASE):
        return StageError(
            "the server asks for user and password, and got a token (401)",
            f"set {USERNAME} and {PASSWORD}",
            Code.REFUSED,
        )
    if sent.token and ((since := sent.expired_since()) or "expired" in offered):
        return StageError(
            f"the token in {sent.source} has expired{f' ({since})' if since else ''}",
            "get a new one (an identity token of Google's lasts an hour)",
            Code.REFUSED,
        )
    return StageError(f"the server does not accept {sent} (401)", f"correct it: {SET_CREDENTIALS}", Code.REFUSED)


def _forbidden(client: Client, answer: Answer) -> StageError:
    server, sent = client.line.server, client.credentials
    if INVALID_HOST in answer.text:
        return StageError(
            f"the server is not to be called {server.authority} (403, Host header)",
            f"start it with --allowed-hosts naming {server.authority}, or use a name that it allows",
            Code.REFUSED,
        )
    if sent.token and (since := sent.expired_since()):
        return StageError(f"the token in {sent.source} has expired ({since})", "get a new one", Code.REFUSED)
    if answer.text.strip() == FORBIDDEN or isinstance(answer.json(), dict):
        said = f": {said}" if (said := _said(answer)) else ""
        return StageError(
            f"no permission for {sent} (403){said}", "let an administrator of MLflow grant it", Code.REFUSED
        )
    who = f"does not let {sent} pass" if sent else "lets nobody pass without credentials"
    return StageError(
        f"what stands before MLflow (a proxy, IAM) {who} (403)",
        f"set {TOKEN}; on Cloud Run the account needs roles/run.invoker",
        Code.REFUSED,
    )


def _said(answer: Answer) -> str:
    """Quote what MLflow says in its JSON, or a short plain text; a page says nothing in a line."""
    body = answer.json()
    if isinstance(body, dict):
        return quoted(str(body.get("message", "")))
    return quoted(answer.text) if answer.headers.get_content_type() == "text/plain" else ""


def _proxy_wants_credentials(*_: object) -> StageError:
    return StageError("the proxy wants credentials (407)", "put user and password into HTTP_PROXY", Code.NETWORK)


def _too_many(*_: object) -> StageError:
    return StageError("too many requests (429)", "wait a minute", Code.SERVER)


def _away(_: Client, answer: Answer) -> StageError:
    if isinstance(answer.json(), dict):
        return StageError(
            f"MLflow is there, and what it needs is not ({answer.status}): {_said(answer)}",
            "start the database behind it; look at the server's log",
            Code.SERVER,
        )
    return StageError(
        f"a proxy answers that MLflow behind it does not ({answer.status})",
        "start MLflow, or wait until it has started; look at its log",
        Code.SERVER,
    )


SPECIAL: dict[int, Callable[[Client, Answer], StageError]] = {
    401: _unauthenticated,
    403: _forbidden,
    407: _proxy_wants_credentials,
    429: _too_many,
    502: _away,
    503: _away,
    504: _away,
}
