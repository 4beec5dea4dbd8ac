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
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import requests
from requests.utils import get_auth_from_url, get_netrc_auth, prepend_scheme_if_needed, select_proxy

from ops.check_mlflow.causes import failure, kinds
from ops.check_mlflow.steps import Deadline
from ops.check_mlflow.uri import Server, is_loopback, name_of

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
FILE = "~/.mlflow/credentials"
TRUSTED, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
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
    def facts(self) -> dict[str, Any]:
        """What the table of causes has to say of it."""
        other = "http" if self.server.is_secure else "https"
        return {
            "host": self.place[0],
            "way": self.way,
            "name": self.server.host,
            "authority": self.server.authority,
            "base": self.server.base,
            "swapped": self.server._replace(scheme=other).url,
            "sent": self.credentials,
            "seconds": f"{self.deadline.seconds:g} s",
            "files": " or ".join(file for file in (self.verify, self.cert) if isinstance(file, str)),
        }

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
    verify = not is_on(INSECURE) if TRUSTED not in os.environ else os.environ[TRUSTED]
    with requests.Session() as session:
        settings = session.merge_environment_settings(
            server.url, {}, None, verify, os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        )
    proxy = _proxy(server, select_proxy(server.url, settings["proxies"]))
    client = Client(server, credentials, proxy, settings["verify"], settings["cert"], Deadline(seconds))
    if credentials and not server.is_secure and not client.is_local:
        raise failure("environment", "in-the-clear", sent=credentials, way=client.way)
    return client


def is_on(name: str) -> bool:
    """Read a variable that is true or false."""
    value = os.environ.get(name, "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise failure("environment", "no-flag", name=name, value=value)
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
        raise failure("environment", "no-proxy", scheme=server.scheme.upper(), host=server.host)
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
            raise failure("environment", "other-login", name=name)
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
    except (configparser.Error, UnicodeDecodeError) as error:  # messages of configparser hold the line
        raise failure("environment", "no-ini", *kinds(error)) from None


def _sendable(credentials: Credentials) -> Credentials:
    """Refuse what no header can carry, without naming it."""
    try:
        is_sendable = re.fullmatch(r"(Basic|Bearer) [!-~]+", credentials.header) and ":" not in (credentials.user or "")
    except UnicodeEncodeError:  # what was not UTF-8 comes as lone surrogates
        is_sendable = False
    if not is_sendable:
        raise failure("environment", "not-to-send", source=credentials.source)
    return credentials
