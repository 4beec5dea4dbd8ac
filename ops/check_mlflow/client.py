"""What MLflow's client would take from the environment for a server: credentials, certificates and the proxy.

It sends requests with `requests`, which adds .netrc, bundles of certificates and proxies to what MLflow reads itself
(mlflow/utils/credentials.py and rest_utils.py).
"""

import base64
import binascii
import configparser
import json
import os
import re
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import requests
from requests.utils import get_auth_from_url, get_netrc_auth, prepend_scheme_if_needed, select_proxy

from ops.check_mlflow.steps import Deadline, StepError
from ops.check_mlflow.uri import Server, is_loopback, name_of

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
FILE = "~/.mlflow/credentials"
TRUSTED, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
OWN = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
OTHER_LOGINS = ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4")


class Credentials(NamedTuple):
    """What goes into the Authorization header, and where it comes from; `missing` names what would complete it."""

    user: str | None = None
    password: str | None = None
    token: str | None = None
    source: str = ""
    missing: str | None = None
    encoding: str = "utf-8"

    def __bool__(self) -> bool:
        return bool(self.source)

    def __str__(self) -> str:
        if self.token:
            return f"the token in {self.source}"
        if self.missing:
            return f"no credentials ({self.missing} is missing)"
        return f"user {self.user} ({self.source})" if self else "no credentials"

    @property
    def header(self) -> str:
        return f"Bearer {self.token}" if self.token else f"Basic {self.encoded}"

    @property
    def encoded(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password}".encode(self.encoding)).decode()

    @property
    def expired(self) -> str | None:
        """When a token that is a JSON Web Token has expired; None if it has not, or does not tell."""
        try:
            expires = float(json.loads(base64.urlsafe_b64decode(self.token.split(".")[1] + "=="))["exp"])
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, binascii.Error):
            return None
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(expires)) if 0 <= expires < time.time() else None


class Client(NamedTuple):
    """What is needed to ask a server as MLflow's client does; `verify` and `cert` are those of `requests`."""

    server: Server
    credentials: Credentials
    proxy: SplitResult | None
    verify: bool | str
    cert: str | None
    deadline: Deadline

    @property
    def place(self) -> tuple[str, int]:
        """Host and port to connect to: the server's, or the proxy's."""
        if self.proxy is None:
            return self.server.host, self.server.port
        return self.proxy.hostname, self.proxy.port or 80

    @property
    def way(self) -> str:
        return f"{'' if self.proxy is None else 'proxy '}{name_of(*self.place)}"

    @property
    def is_local(self) -> bool:
        """Whether all of the way is on this machine; a proxy on it passes on to the server's."""
        return is_loopback(self.place[0]) and is_loopback(self.server.host)

    @property
    def secrets(self) -> list[str | None]:
        sent = self.credentials
        user, password = get_auth_from_url(self.proxy.geturl()) if self.proxy else ("", "")
        of_proxy = [password, f"{user}:{password}"] if password else []
        return [sent.password, sent.token, sent.password and sent.encoded, *of_proxy]


def client_for(server: Server, seconds: float) -> Client:
    """Read what the environment says for a server.

    Raises
    ------
    StepError
        It cannot be read or followed, or credentials would travel where others can read them.
    """
    credentials = read_credentials(server.url)
    insecure, trusted = is_on(INSECURE), os.environ.get(TRUSTED)
    verify = not insecure if trusted is None else trusted
    with requests.Session() as session:
        settings = session.merge_environment_settings(server.url, {}, None, verify, os.environ.get(OWN))
    proxy = _proxy(server, select_proxy(server.url, settings["proxies"]))
    client = Client(server, credentials, proxy, settings["verify"], settings["cert"], Deadline(seconds))
    if credentials and not server.is_secure and not client.is_local:
        raise StepError(
            f"{credentials} would go over plain http to {client.way}, for all on the way to read",
            "use https, or an SSH tunnel and its end on localhost",
        )
    return client


def is_on(name: str) -> bool:
    """Read a variable that is true or false."""
    value = os.environ.get(name, "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise StepError(f"{name} must be true or false, got {value!r}", f"correct {name}, or unset it")
    return value in ("true", "1")


def _proxy(server: Server, chosen: str | None) -> SplitResult | None:
    if not chosen:
        return None
    try:
        proxy = urlsplit(prepend_scheme_if_needed(chosen, "http"))
        usable = proxy.scheme == "http" and proxy.hostname and proxy.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise StepError(
            "the proxy that the environment names is none of the form http://HOST:PORT",
            f"correct {server.scheme.upper()}_PROXY, or name {server.host} in NO_PROXY",
        )
    return proxy


def read_credentials(url: str) -> Credentials:
    """Read the credentials as MLflow's client does for requests to a server.

    Raises
    ------
    StepError
        They cannot be read, or could not be sent.
    """
    for name in OTHER_LOGINS:
        if os.environ.get(name, "").lower() not in ("", "false", "0"):
            raise StepError(f"{name} is set, which this check cannot follow", "unset it, or use the client")
    netrc = get_netrc_auth(url)  # requests, and so the client, prefers it to a header
    if netrc is not None:
        return _sendable(Credentials(*netrc, source=os.environ.get("NETRC", "~/.netrc"), encoding="latin-1"))
    file = _file()
    user = os.environ.get(USERNAME) or file.get(USERNAME.lower())
    password = os.environ.get(PASSWORD) or file.get(PASSWORD.lower())
    token = os.environ.get(TOKEN)
    if user and password:
        source = PASSWORD if os.environ.get(PASSWORD) else FILE
        return _sendable(Credentials(user, password, source=source))
    if token:
        return _sendable(Credentials(token=token, source=TOKEN))
    return Credentials(missing=PASSWORD if user else USERNAME if password else None)


def _file() -> dict[str, str]:
    config = configparser.ConfigParser()
    try:
        config.read(Path(FILE).expanduser(), encoding="utf-8")
        return dict(config["mlflow"]) if "mlflow" in config else {}
    except configparser.InterpolationError:  # messages of configparser hold the line
        raise StepError(f"{FILE}: a % that is not written %%", "write %% for % in it") from None
    except (configparser.Error, UnicodeDecodeError):
        raise StepError(
            f"{FILE}: cannot be read as an INI file",
            f"give it a section [mlflow] with {USERNAME.lower()} and {PASSWORD.lower()}",
        ) from None


def _sendable(credentials: Credentials) -> Credentials:
    """Refuse what no header can carry, without naming it."""
    try:
        is_sendable = re.fullmatch(r"(Basic|Bearer) [!-~]+", credentials.header) and ":" not in (credentials.user or "")
    except UnicodeEncodeError:  # what was not UTF-8 comes as lone surrogates
        is_sendable = False
    if not is_sendable:
        raise StepError(
            f"{credentials.source}: a space, a colon in the user name or a character that no header can carry",
            f"set {TOKEN} to the token alone, without Bearer and line breaks; user and password in UTF-8",
        )
    return credentials
