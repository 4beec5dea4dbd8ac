"""What a tracking URI names: an MLflow server, or a database file of this machine."""

import ipaddress
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from ops.check_mlflow.causes import failure
from ops.shared.redaction import HIDDEN, printable

PORTS = {"http": 80, "https": 443}
WRONG = {  # the first that fits tells
    r"https?:.*@.*": "login",
    r"https?:.*[?#].*": "page",
    r"(postgres|postgresql|mysql|mssql)(\+.*)?:.*": "database",
    r"(?!\.)(?!\w+$)(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?(/.*)?": "no-scheme",
    r"file:.*|(?!(databricks(-uc)?|uc)$)[^:]*": "folder",
    r"(?!(https?|sqlite):).*": "other",
    r"sqlite:(?!///[^?]).*|sqlite:///(:memory:|file:).*": "no-file",
}


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
    StepError
        It is malformed, names something that this project does not track to, or has a password in it.
    """
    scheme = uri.partition(":")[0].lower()
    if not uri.isprintable() or (" " in uri and scheme != "sqlite"):
        raise failure("URI", "blank")
    for pattern, what in WRONG.items():
        if re.fullmatch(pattern, uri, flags=re.IGNORECASE):
            raise failure("URI", what, scheme=scheme, bare=shown(uri).rstrip("/"))
    if scheme == "sqlite":
        return Database(uri, Path(uri.partition(":///")[2].partition("?")[0]))
    return _server(uri)


def _server(uri: str) -> Server:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:  # its message may hold part of a password
        raise failure("URI", "ValueError") from None
    host = _host(parts)
    if host is None or port == 0:
        raise failure("URI", "no-host")
    return Server(parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"))


def _host(parts: SplitResult) -> str | None:
    """Give the host as name servers know it, or an IPv6 address; None if it cannot be either."""
    if not parts.hostname or "[" in parts.netloc:
        return parts.hostname
    try:
        name = parts.hostname.encode("idna").decode()  # refuses labels that are empty or longer than 63
    except UnicodeError:
        return None
    return name if re.fullmatch(r"[\w.-]+", name) else None


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
