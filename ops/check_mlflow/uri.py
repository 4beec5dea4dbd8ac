"""What a tracking URI names: an MLflow server, or a database file of this machine."""

import ipaddress
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from requests.utils import requote_uri

from ops.check_mlflow.redaction import printable
from ops.check_mlflow.stages import StageError
from ops.shared.redaction import HIDDEN

PORTS = {"http": 80, "https": 443}
DATABASES = ("postgresql", "postgres", "mysql", "mssql")
ELSEWHERE = ("databricks", "databricks-uc", "uc")
SUPPORTED = "use http://HOST:PORT or https://HOST of a server, or sqlite:///PATH"
NO_SCHEME = re.compile(r"(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d+)?(/.*)?")


class Server(NamedTuple):
    """An MLflow server: where it is, and the path under which it lies there (empty, or /prefix)."""

    scheme: str
    host: str
    port: int
    base: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Host and port as a client names them in the Host header."""
        return name_of(self.host, None if self.port == PORTS[self.scheme] else self.port)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.base}"


class Database(NamedTuple):
    """A database file of SQLite."""

    uri: str
    path: Path


def parse(uri: str) -> Server | Database:
    """Read a tracking URI.

    Raises
    ------
    StageError
        It is malformed, names something that this project does not track to, or has a password in it.
    """
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", uri, flags=re.IGNORECASE)
    name = scheme.group(1).lower() if scheme else ""
    if not uri.isprintable() or (" " in uri and name != "sqlite"):
        raise StageError("the URI has a space or a line break in it", "take it out; they often come with copying")
    if name in PORTS:
        return _server(uri)
    if name == "sqlite":
        return _database(uri)
    if name.partition("+")[0] in DATABASES:
        raise StageError(
            f"{name}: is a database, not an MLflow server",
            "use the http or https address of the server that writes to it: clients do not get its password",
        )
    if "://" not in uri and NO_SCHEME.fullmatch(uri) and ("." in uri or ":" in uri) and not uri.startswith("."):
        raise StageError("the URI has no scheme", f"write http://{shown(uri)}, or https:// before it")
    if name in ("", "file") and uri not in ELSEWHERE:
        raise StageError("a folder of files, which MLflow 3.13 and later refuse", SUPPORTED)
    raise StageError(f"expected http, https or sqlite, got {name or uri}", SUPPORTED)


def _server(uri: str) -> Server:
    if "@" in uri:
        raise StageError(
            "a user name or a password in the URI, from where it gets into logs",
            "take it out (up to the @) and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead",
        )
    if "#" in uri or "?" in uri:
        raise StageError(
            "the address of a page, not of a server: it goes on with ? or #",
            f"use {shown(uri).rstrip('/')}, the part before it",
        )
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:  # its message may hold part of a password
        raise StageError("the port is no number from 1 to 65535, or a bracket is missing", SUPPORTED) from None
    host = _host(parts)
    if host is None or port == 0:
        raise StageError("the URI names no host, or no possible one", SUPPORTED)
    return Server(parts.scheme, host, port or PORTS[parts.scheme], requote_uri(parts.path).rstrip("/"))


def _host(parts: SplitResult) -> str | None:
    """Give the host as name servers know it, or an IPv6 address; None if it cannot be either."""
    if not parts.hostname or "[" in parts.netloc:
        return parts.hostname
    try:
        name = parts.hostname.encode("idna").decode()  # refuses labels that are empty or longer than 63
    except UnicodeError:
        return None
    return name if re.fullmatch(r"[\w.-]+", name) else None


def _database(uri: str) -> Database:
    _, separator, path = uri.partition(":///")
    path = path.partition("?")[0]
    if not separator or path in ("", ":memory:") or path.startswith("file:"):
        raise StageError(
            "the URI names no database file", "use sqlite:///PATH, with a fourth slash where PATH starts at /"
        )
    return Database(uri, Path(path))


def shown(uri: str) -> str:
    """Give a URI as it may be printed, however wrong it is: without user, password, query and what follows."""
    scheme, rest = re.fullmatch(r"([a-zA-Z][\w+.-]*://)?(.*)", uri, flags=re.DOTALL).groups(default="")
    if not (scheme.lower().startswith("sqlite") and rest.startswith("/")):  # a path may have an @ in it
        _, at, after = rest.rpartition("@")
        rest = f"{HIDDEN}@{after}" if at else rest
    authority, slash, path = re.split(r"[?#]", rest)[0].partition("/")
    host, colon, port = authority.rpartition(":")
    if colon and not port.isdecimal() and not port.endswith("]"):  # user:password, and the @ was forgotten
        authority = f"{host}:{HIDDEN}"
    return printable(f"{scheme}{authority}{slash}{path}")


def name_of(host: str, port: int | None) -> str:
    """Write a host and a port, an IPv6 address in its brackets."""
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name; what a name resolves to can change."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
