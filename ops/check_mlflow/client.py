"""What MLflow's client would take from a URI and the environment: address, credentials, certificates and the proxy.

It sends requests with `requests`, which adds .netrc, bundles of certificates and proxies to what MLflow reads itself
(mlflow/utils/credentials.py and rest_utils.py).
"""

import base64
import configparser
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import requests
from requests.utils import get_auth_from_url, get_netrc_auth, prepend_scheme_if_needed, select_proxy
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout, parse_url

from ops.check_mlflow.causes import explain, failure
from ops.check_mlflow.steps import Deadline
from ops.check_mlflow.uri import is_loopback, name_of, parse

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
FILE = "~/.mlflow/credentials"
TRUSTED, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"
TRUE = ("true", "1")
LONGEST = 1_000_000  # bytes of an answer
FAILURES = (OSError, ValueError, HTTPException, HTTPError)  # of sockets, TLS, requests and urllib3


class Client:
    """What is needed to ask a server as MLflow's client does; raises StepError where that cannot be, or must not."""

    def __init__(self, uri: str, seconds: float) -> None:
        self.url, self.base, self.deadline = parse(uri), uri.rstrip("/"), Deadline(seconds)
        other = "https" if self.url.scheme == "http" else "http"
        self.swapped = self.url._replace(scheme=other).url.rstrip("/")
        self.header, self.login, secrets = read_login(self.base)
        self.session = requests.Session()
        self.session.get_redirect_target = lambda answer: None  # requests fails where the address is malformed
        certificates = read_verify(), os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        settings = self.session.merge_environment_settings(self.base, {}, None, *certificates)
        self.proxies, self.verify, self.certificate = settings["proxies"], settings["verify"], settings["cert"]
        proxy = select_proxy(self.base, self.proxies)
        try:
            self._pool(self.base, self.verify)
            self.proxy = parse_url(prepend_scheme_if_needed(proxy, "http")) if proxy else None
        except (requests.RequestException, HTTPError) as error:  # its message may hold the password
            raise failure("proxy", reason=type(error).__name__, at=self) from None
        user, password = get_auth_from_url(proxy) if proxy else ("", "")
        self.secrets = {*secrets, password, password and f"{user}:{password}"}
        to = self.proxy or self.url
        self.place = to.host.strip("[]"), to.port or (443 if to.scheme == "https" else 80)
        self.way = f"{'proxy ' if proxy else ''}{name_of(*self.place)}"
        # A proxy on this machine passes on to the server's
        self.is_local = is_loopback(self.place[0]) and is_loopback(self.url.host)
        if self.header and self.url.scheme == "http" and not self.is_local:
            raise failure("in-the-clear", at=self)

    def _pool(self, url: str, verify: bool | str) -> HTTPConnectionPool:
        """Give what `requests` takes connections from."""
        adapter, request = self.session.get_adapter(url), requests.Request("GET", url).prepare()
        pool = adapter.get_connection_with_tls_context(request, verify, self.proxies, self.certificate)
        pool.timeout = Timeout(self.deadline.left())
        return pool

    def shake_hands(self, url: str, verify: bool | str) -> tuple[str | None, dict | None]:
        """Give the version of TLS and the certificate, through the proxy if there is one."""
        pool = self._pool(url, verify)
        self.session.get_adapter(url).cert_verify(pool, url, verify, self.certificate)
        connection = pool._new_conn()  # as a request would, which has no step between TLS and what it sends
        try:
            if pool.proxy:
                pool._prepare_proxy(connection)
            else:
                connection.connect()
            return connection.sock.version(), connection.sock.getpeercert()
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: dict | None = None, *, anonymous: bool = False) -> requests.Response:
        """Ask for a path below the server's URL, on a connection of its own; an answer without end is cut."""
        with self.explained("request", path):
            return self.deadline.within(self._asked, method, self.base + path, body, anonymous)

    def _asked(self, method: str, url: str, body: dict | None, anonymous: bool) -> requests.Response:
        workspace = os.environ.get("MLFLOW_WORKSPACE", "").strip() or None
        options = {
            "headers": {"Authorization": None if anonymous else self.header, "X-MLFLOW-WORKSPACE": workspace},
            "auth": lambda request: request,  # else requests reads .netrc, which read_login has done
            "timeout": self.deadline.left(),
            "verify": self.verify,
            "cert": self.certificate,
            "stream": True,
            "allow_redirects": False,
        }
        with self.session, self.session.request(method, url, json=body, **options) as answer:
            answer._content = answer.raw.read(LONGEST, decode_content=True)
            answer.encoding = "utf-8"
            return answer

    @contextmanager
    def explained(self, step: str, path: str = "") -> Iterator[None]:
        """Say what exceptions mean at a step, or for a request for a path."""
        try:
            yield
        except FAILURES as error:
            if step == "request" and self.url.scheme == "http" and self._speaks_tls():
                step = "speaks-tls"
            by = " proxy" if self.proxy else ""
            raise explain(f"{step} {self.url.scheme}{by}", error, at=self, path=path) from None

    def _speaks_tls(self) -> bool:
        """Whether a server that was asked in plain http speaks TLS; nothing is sent to it."""
        try:
            return bool(self.deadline.within(self.shake_hands, self.swapped, False))
        except FAILURES:
            return False


def read_verify() -> bool | str:
    """Read whether certificates are verified, and with which."""
    insecure = os.environ.get(INSECURE, "false").lower()
    if insecure not in (*TRUE, "false", "0"):
        raise failure("variable", reason=f"{INSECURE} must be true or false")
    if insecure in TRUE and TRUSTED in os.environ:
        raise failure("variable", reason=f"{INSECURE} is set together with {TRUSTED}")
    return os.environ.get(TRUSTED) or (TRUSTED not in os.environ and insecure not in TRUE)


def read_login(url: str) -> tuple[str | None, str, set[str]]:
    """Give the Authorization header as MLflow's client sends it, what may be told of it, and what may not."""
    for name in ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4"):
        if os.environ.get(name, "").lower() not in ("", "false", "0"):
            raise failure("variable", reason=f"{name} is set, which this check cannot follow")
    file = _file()
    user = os.environ.get(USERNAME) or file.get(USERNAME.lower())
    password = os.environ.get(PASSWORD) or file.get(PASSWORD.lower())
    source, encoding = PASSWORD if os.environ.get(PASSWORD) else FILE, "utf-8"
    if netrc := get_netrc_auth(url):  # requests, and so the client, prefers it to a header
        (user, password), source, encoding = netrc, os.environ.get("NETRC", "~/.netrc"), "latin-1"
    if netrc or (user and password):
        try:
            encoded = base64.b64encode(f"{user}:{password}".encode(encoding)).decode()
        except UnicodeEncodeError:  # what was not UTF-8 comes as lone surrogates
            raise failure("login", source=source) from None
        return f"Basic {encoded}", f"user {user} ({source})", {password, encoded}
    if token := os.environ.get(TOKEN):
        if not re.fullmatch(r"[!-~]+", token):
            raise failure("login", source=TOKEN)
        return f"Bearer {token}", f"the token in {TOKEN}", {token}
    missing = PASSWORD if user else USERNAME if password else None
    return None, f"no credentials ({missing} is missing)" if missing else "no credentials", set()


def _file() -> dict[str, str]:
    config = configparser.ConfigParser()
    try:
        config.read(Path(FILE).expanduser(), encoding="utf-8")
        return dict(config["mlflow"]) if "mlflow" in config else {}
    except (configparser.Error, UnicodeDecodeError):  # messages of configparser hold the line
        raise failure("login", source=FILE) from None
