"""Whether MLflow answers, and which version it is."""

from importlib.metadata import PackageNotFoundError, version

from packaging.version import InvalidVersion, Version

from ops.check_mlflow.client import Client
from ops.check_mlflow.refusals import OTHER, unexpected
from ops.check_mlflow.stages import Code, Found, StageError

GUARDED = (401, 403)
PINNED = "ops/mlflow_server/requirements.txt"


def health(client: Client) -> Found:
    """Ask MLflow how it is, without credentials unless something before it wants them."""
    answer = client.ask("GET", "/health", anonymous=True)
    guarded = answer.status in GUARDED and bool(client.credentials)
    if guarded:
        answer = client.ask("GET", "/health")
    if answer.status != 200 or answer.text.strip() != "OK":
        raise unexpected(client, answer, "/health")
    return Found("OK" + (f", behind a guard that lets {client.credentials} pass" if guarded else ""))


def compare_versions(client: Client) -> Found:
    """Compare the server's version with the client's: another major one fails, another minor one is a warning."""
    answer = client.ask("GET", "/version")
    if answer.status in GUARDED:
        return Found("told only to those who are logged in", ok=None)
    if answer.status == 404:
        raise StageError("the server does not tell its version: it is very old, or no MLflow", _update(), Code.VERSION)
    if answer.status != 200:
        raise unexpected(client, answer, "/version")
    try:
        server = Version(answer.text.strip())
    except InvalidVersion:
        raise StageError("no MLflow: /version gave no version", OTHER, Code.SERVER) from None
    return compared(server, client_version())


def client_version() -> Version:
    """Give the version of the client that is installed here."""
    for name in ("mlflow", "mlflow-skinny"):
        try:
            return Version(version(name))
        except PackageNotFoundError:
            continue
    raise StageError("no MLflow client is installed here", "pip install -r requirements.txt", Code.VERSION)


def compared(server: Version, client: Version) -> Found:
    """Judge a pair of versions."""
    both = f"server {server}, client {client}"
    older = "older" if server < client else "newer"
    if server.major != client.major:
        raise StageError(f"{both}: the server is {older} by a major version", _update(), Code.VERSION)
    if server.minor != client.minor:
        lacks = "may lack what the client asks for" if server < client else "may know what the client does not"
        return Found(f"{both}: the server is {older} and {lacks}", warning=True)
    return Found(both if server != client else f"{server}, server and client")


def _update() -> str:
    return f"run the versions of this project: the client of requirements.txt, the server of {PINNED}"
