"""The way to a server: straight, or through the proxy that the environment names (HTTPS_PROXY, NO_PROXY)."""

from base64 import b64decode, b64encode
from typing import NamedTuple
from urllib.parse import urlsplit

from requests.utils import get_auth_from_url, get_environ_proxies, prepend_scheme_if_needed, select_proxy

from ops.check_mlflow.stages import StageError
from ops.check_mlflow.uri import PORTS, Server, is_loopback, name_of


class Route(NamedTuple):
    """The host and port to connect to: the server's, or a proxy's with what that wants to see."""

    server: Server
    host: str
    port: int
    is_proxy: bool = False
    authorization: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether all of the way is on this machine; a proxy on it passes on to the server's."""
        return is_loopback(self.host) and is_loopback(self.server.host)

    @property
    def secrets(self) -> list[str]:
        encoded = (self.authorization or "").removeprefix("Basic ")
        return [encoded, b64decode(encoded).decode(errors="replace").partition(":")[2]]

    def __str__(self) -> str:
        return f"{'proxy ' if self.is_proxy else ''}{name_of(self.host, self.port)}"


def route_to(server: Server) -> Route:
    """Choose the way as requests does, which is what MLflow's client uses.

    Raises
    ------
    StageError
        The proxy is none that this check can go through.
    """
    chosen = select_proxy(server.url, get_environ_proxies(server.url))
    if not chosen:
        return Route(server, server.host, server.port)
    try:
        proxy = prepend_scheme_if_needed(chosen, "http")
        parts = urlsplit(proxy)
        host, port = parts.hostname, parts.port or PORTS["http"]
    except ValueError:
        host = None
    if not host or parts.scheme != "http":
        raise StageError(
            "the proxy that the environment names is none of the form http://HOST:PORT",
            f"correct {server.scheme.upper()}_PROXY, or name {server.host} in NO_PROXY",
        )
    user, password = get_auth_from_url(proxy)
    return Route(server, host, port, is_proxy=True, authorization=_basic(user, password) if user else None)


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
