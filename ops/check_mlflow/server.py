"""The steps of a check of an MLflow server: is it reached, is it MLflow, does it let this client in and read?"""

import socket
import ssl
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from packaging.version import InvalidVersion, Version

from ops.check_mlflow.causes import StepError, failure
from ops.check_mlflow.client import Client
from ops.check_mlflow.steps import Step, Steps
from ops.check_mlflow.uri import name_of, shown
from ops.shared.redaction import SEARCHED, one_line
from ops.shared.tracking import EXPERIMENT

NAMES = ("URI", "DNS", "TCP", "TLS", "health", "version", "authentication", "read")
API = "/api/2.0/mlflow"
SEARCH, BY_NAME, RUNS = f"{API}/experiments/search", f"{API}/experiments/get-by-name", f"{API}/runs/search"
SOON = 14 * 24 * 3600  # seconds to the end of a certificate
GUARDED = (401, 403)


def check_server(check: Steps, uri: str, source: str, seconds: float) -> Iterator[Step]:
    """Ask a server step by step, as MLflow's client would and before one deadline."""
    client = Client(uri, seconds)
    check.hide(*client.secrets)
    through = f", through {client.way}" if client.proxy else ""
    yield Step(f"{shown(client.base)}{source}, {client.login}{through}")
    proxy = "proxy " if client.proxy else ""
    with client.explained("DNS"):
        resolved = client.deadline.within(socket.getaddrinfo, *client.place, 0, socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(place[0] for *_, place in resolved))
    yield Step(proxy + ", ".join(addresses))
    with client.explained("TCP"):
        share = client.deadline.left() / len(addresses)
        with client.deadline.within(socket.create_connection, client.place, share) as connection:
            place = name_of(*connection.getpeername()[:2])
    yield Step(proxy + place)
    yield secure(client)
    yield ask_health(client)
    yield compare_versions(client)
    yield authenticate(client)
    yield read(client)


def secure(client: Client) -> Step:
    """Shake hands."""
    if client.url.scheme == "http":
        where = "on this machine" if client.is_local else "which others on the way can read and change"
        return Step(f"none: plain http {where}", warning=not client.is_local)
    with client.explained("TLS"):
        spoken, certificate = client.deadline.within(client.shake_hands, client.base, client.verify)
    if not certificate:
        return Step(f"{spoken}, certificate not verified, as the environment says", warning=True)
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    until = time.strftime("%Y-%m-%d", time.gmtime(ends))
    return Step(f"{spoken}, certificate valid until {until}", warning=ends < time.time() + SOON)


def ask_health(client: Client) -> Step:
    """Ask MLflow how it is, without credentials unless something before it wants them."""
    answer, detail = client.ask("GET", "/health", anonymous=True), "OK"
    if answer.status_code in GUARDED and client.header:
        answer = client.ask("GET", "/health")
        detail = f"OK, behind a guard that lets {client.login} pass"
    if answer.status_code != 200 or answer.text.strip() != "OK":
        raise unexpected(client, "health", answer)
    return Step(detail)


def compare_versions(client: Client) -> Step:
    """Compare the server's version with the client's: another major one fails, another minor one is a warning."""
    answer = client.ask("GET", "/version")
    if answer.status_code in GUARDED:
        return Step("told only to those who are logged in", ok=None)
    try:
        theirs, ours = Version(answer.text.strip()), Version(version("mlflow-skinny"))
    except InvalidVersion:
        raise unexpected(client, "version", answer) from None
    both, older = f"server {theirs}, client {ours}", "older" if theirs < ours else "newer"
    if theirs.major != ours.major:
        raise failure("version", reason=f"{both}: the server is {older} by a major version")
    if theirs.minor != ours.minor:
        lacks = "may lack what the client asks for" if theirs < ours else "may know what the client does not"
        return Step(f"{both}: the server is {older} and {lacks}", warning=True)
    return Step(both if theirs != ours else f"{ours}, server and client")


def authenticate(client: Client) -> Step:
    """Ask for an experiment with the credentials; where there are some, ask without them too."""
    asked = {"max_results": 1}
    body_of(client, "authentication", client.ask("POST", SEARCH, asked))
    if not client.header:
        return Step("the server asks for none")
    if client.ask("POST", SEARCH, asked, anonymous=True).status_code == 200:
        return Step(f"{client.login}, but the server answers without credentials too", warning=True)
    return Step(client.login)


def read(client: Client) -> Step:
    """Read this project's experiment and a run of it, where it is there."""
    answer = client.ask("GET", f"{BY_NAME}?experiment_name={quote(EXPERIMENT)}")
    if answer.status_code == 404 and parsed(answer).get("error_code") == "RESOURCE_DOES_NOT_EXIST":
        return Step(f"experiment {EXPERIMENT} is not there yet: the first mirror makes it")
    try:
        experiment = body_of(client, "read", answer)["experiment"]["experiment_id"]
    except (KeyError, TypeError):
        raise unexpected(client, "read", answer) from None
    answer = client.ask("POST", RUNS, {"experiment_ids": [experiment], "max_results": 1})
    runs = body_of(client, "read", answer).get("runs")
    return Step(f"experiment {EXPERIMENT}, {'with runs' if runs else 'no runs in it yet'}")


def parsed(answer: requests.Response) -> dict[str, Any]:
    """Give the object that the JSON of an answer holds; an empty one if there is none."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def body_of(client: Client, step: str, answer: requests.Response) -> dict[str, Any]:
    """Give what an answer holds; raises StepError where it is not MLflow's."""
    body = parsed(answer)
    if answer.status_code != 200 or not (body or answer.text.strip() == "{}"):
        raise unexpected(client, step, answer)
    return body


def unexpected(client: Client, step: str, answer: requests.Response) -> StepError:
    """Say what an answer means that is not the one expected."""
    kind = one_line(answer.headers.get("Content-Type", "text/plain").partition(";")[0])
    text = str(parsed(answer).get("message", "")) if parsed(answer) else answer.text
    says = text.strip() and (parsed(answer) or kind == "text/plain")  # a page says nothing in a line
    return failure(
        f"{step} answered {answer.status_code} {kind} {text[:1000]}",
        at=client,
        path=answer.request.path_url,
        status=answer.status_code,
        kind=kind,
        said=f": {one_line(text, longest=SEARCHED)}" if says else "",
        target=redirect_target(answer),
        asks=one_line(answer.headers.get("WWW-Authenticate", "credentials"), longest=SEARCHED),
        reason=answer.status_code,
    )


def redirect_target(answer: requests.Response) -> str:
    """Say where an answer sends on to, without the query, which may hold a token."""
    try:
        target = urlsplit(urljoin(answer.url, answer.headers.get("Location", "")))
    except ValueError:
        return "a malformed address"
    return one_line(f"{target.scheme}://{target.netloc}")
