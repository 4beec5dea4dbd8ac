"""Name and network: the addresses of a host, and a connection to one of them."""

import socket
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from ops.check_mlflow.deadline import Deadline
from ops.check_mlflow.route import Route
from ops.check_mlflow.stages import Found, StageError
from ops.check_mlflow.uri import name_of

SHOWN = 3
TEMPORARY = (socket.EAI_AGAIN, socket.EAI_FAIL)


class Address(NamedTuple):
    """An address as the socket module has it."""

    family: int
    place: tuple

    def __str__(self) -> str:
        return name_of(*self.place[:2])


def resolve(route: Route, deadline: Deadline) -> Found:
    """Find the addresses of a host; the value is a list of them."""
    try:
        found = _look_up(route, deadline)
    except (socket.gaierror, UnicodeError) as error:
        if getattr(error, "errno", None) in TEMPORARY:
            raise StageError(
                f"no name server answers for {route.host}", "is this machine online? or use the server's IP address"
            ) from None
        raise StageError(
            f"nobody knows the name {route.host}",
            "correct it, or go where it is known (VPN; a container's name is known to its network only)",
        ) from None
    except Empty:
        raise StageError(
            f"no name server answered for {route.host} within {deadline.seconds:g} s", "is this machine online?"
        ) from None
    addresses = list(dict.fromkeys(Address(family, place) for family, _, _, _, place in found))
    names = [address.place[0] for address in addresses]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    through = f"proxy {route.host}: " if route.is_proxy else ""
    return Found(f"{through}{', '.join(names[:SHOWN])}{more}", addresses)


def _look_up(route: Route, deadline: Deadline) -> list[tuple]:
    """Ask in a thread: nothing else can leave a name server that does not answer."""
    answers: SimpleQueue = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(route.host, route.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    answer = answers.get(timeout=deadline.left())
    if isinstance(answer, Exception):
        raise answer
    return answer


def reach(route: Route, addresses: Sequence[Address], deadline: Deadline) -> Found:
    """Connect to the first address that takes it; the value is that one. Each has its share of the time left."""
    errors = []
    for place, address in enumerate(addresses):
        try:
            connect(address, deadline.left() / (len(addresses) - place)).close()
        except OSError as error:
            errors.append(error)
        else:
            return Found(f"{'proxy ' if route.is_proxy else ''}{address}", address)
    raise _unreachable(route, errors)


def connect(address: Address, seconds: float) -> socket.socket:
    """Open a connection, not longer than so many seconds."""
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(address.place)
    except OSError:
        sock.close()
        raise
    return sock


def _unreachable(route: Route, errors: Sequence[OSError]) -> StageError:
    """Say why nothing could be reached; a refusal tells more than silence."""
    if any(isinstance(error, ConnectionRefusedError) for error in errors):
        return StageError(
            f"{route} refuses the connection: nothing listens there",
            "start it, or correct HTTP_PROXY or HTTPS_PROXY"
            if route.is_proxy
            else "start the server, or correct the port (MLflow's own is 5000)",
        )
    if any(not isinstance(error, TimeoutError) for error in errors):
        reason = next(error.strerror for error in errors if not isinstance(error, TimeoutError))
        return StageError(f"no way to {route}: {reason}", "connect to its network (VPN), or correct the address")
    return StageError(
        f"no answer from {route} in time",
        "a firewall drops it, or the address is wrong: open the port, connect to the VPN, or correct it",
    )
