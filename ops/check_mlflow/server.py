"""The stages of a check of an MLflow server, in their order."""

from ops.check_mlflow.authentication import authenticate
from ops.check_mlflow.client import Client
from ops.check_mlflow.credentials import Credentials, read_credentials
from ops.check_mlflow.deadline import Deadline
from ops.check_mlflow.health import compare_versions, health
from ops.check_mlflow.line import Line
from ops.check_mlflow.network import reach, resolve
from ops.check_mlflow.read import read
from ops.check_mlflow.route import Route, route_to
from ops.check_mlflow.stages import Code, StageError, Stages
from ops.check_mlflow.tls import secure
from ops.check_mlflow.uri import Server

NAMES = ("URI", "DNS", "TCP", "TLS", "health", "version", "authentication", "read")


def approach(server: Server) -> tuple[Route, Credentials]:
    """Find the way to a server and the credentials for it.

    Raises
    ------
    StageError
        Either cannot be read, or the credentials would travel where others can read them.
    """
    route, credentials = route_to(server), read_credentials(server.url)
    if credentials and not server.is_secure and not route.is_local:
        raise StageError(
            f"{credentials} would go over plain http to {route}, for all on the way to read",
            "use https, or an SSH tunnel and its end on localhost",
        )
    return route, credentials


def check_server(stages: Stages, route: Route, credentials: Credentials, seconds: float) -> None:
    """Run all stages up to reading within so many seconds."""
    deadline = Deadline(seconds)
    addresses = stages.run("DNS", Code.NETWORK, resolve, route, deadline)
    address = stages.run("TCP", Code.NETWORK, reach, route, addresses, deadline)
    line = stages.run("TLS", Code.TLS, secure, Line(route, address, deadline))
    client = Client(line, credentials)
    stages.run("health", Code.SERVER, health, client)
    stages.run("version", Code.VERSION, compare_versions, client)
    stages.run("authentication", Code.REFUSED, authenticate, client)
    stages.run("read", Code.READ, read, client)
