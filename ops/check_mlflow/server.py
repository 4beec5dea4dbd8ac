"""The steps of a check of an MLflow server: is it reached, is it MLflow, does it let this client in and read?"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import requests
from packaging.version import InvalidVersion, Version

from ops.check_mlflow.causes import failure
from ops.check_mlflow.client import Client
from ops.check_mlflow.reach import explaining, reach, resolve, secure
from ops.check_mlflow.steps import Check, Code, Step, StepError
from ops.check_mlflow.uri import name_of
from ops.shared.redaction import one_line
from ops.shared.tracking import EXPERIMENT

API = "/api/2.0/mlflow"
SEARCH, BY_NAME, RUNS = f"{API}/experiments/search", f"{API}/experiments/get-by-name", f"{API}/runs/search"
LONGEST = 1_000_000  # bytes of an answer
GUARDED = (401, 403)
WANTS_TLS = re.compile(r"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server", re.IGNORECASE)
INVALID_HOST = "Invalid Host header"  # MLflow's own words (mlflow/server/security_utils.py)
FORBIDDEN = "Permission denied"  # the same (mlflow/server/auth)


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any] | None:
        """The object that the JSON holds; None if there is none."""
        try:
            body = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None

    @property
    def kind(self) -> str:
        return one_line(self.headers.get("Content-Type", "text/plain").partition(";")[0])

    @property
    def said(self) -> str:
        """Quote what MLflow says in its JSON, or a short plain text; a page says nothing in a line."""
        if self.body is None and self.kind != "text/plain":
            return ""
        text = self.text if self.body is None else str(self.body.get("message", ""))
        return f": {one_line(text)}" if text.strip() else ""


def check_server(check: Check, client: Client) -> None:
    """Run all steps up to reading, before the client's deadline."""
    with check.step("DNS") as step:
        places = resolve(client, step)
    with check.step("TCP") as step:
        reach(client, places, step)
    for name, act in STEPS.items():
        with check.step(name) as step:
            act(client, step)


def ask(client: Client, method: str, path: str, *, anonymous: bool = False, body: dict | None = None) -> Answer:
    """Ask for a path below the server's URL, on a new connection and not redirected.

    Raises
    ------
    StepError
        There is no answer in HTTP, or not in time.
    """
    with explaining(client, "request", path):
        return client.deadline.within(_asked, client, method, path, anonymous, body)


def _asked(client: Client, method: str, path: str, anonymous: bool, body: dict | None) -> Answer:
    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if client.credentials and not anonymous:
            request.headers["Authorization"] = client.credentials.header
        return request

    url = client.server.url + path
    workspace = os.environ.get("MLFLOW_WORKSPACE", "").strip()
    headers = {"User-Agent": "credit-check-mlflow", "X-MLFLOW-WORKSPACE": workspace or None}
    asked = requests.Request(
        method, url, headers, json=body, auth=authorize
    )  # requests reads .netrc where auth is None
    with requests.Session() as session:
        settings = session.merge_environment_settings(url, {}, True, client.verify, client.cert)
        prepared = session.prepare_request(asked)
        # Session.send would follow a redirection, or read it to its end
        with session.get_adapter(url).send(prepared, timeout=client.deadline.left(), **settings) as response:
            text = response.raw.read(LONGEST, decode_content=True).decode(errors="replace")
            return Answer(response.status_code, response.headers, text)


def unexpected(client: Client, answer: Answer, path: str) -> StepError:
    """Say what an answer means that is not the one expected."""
    scheme, host, port = _redirected_to(client, answer, path)
    target = one_line(name_of(host, port) or "nowhere")
    since = f" ({client.credentials.expired})" if client.credentials.expired else ""
    said = {"said": answer.said, "kind": answer.kind, "status": answer.status, "target": target, "since": since}
    words = {"answer", str(answer.status), f"{answer.status // 100}xx", *_marks(client, answer)}
    if scheme == "https" and host == client.server.host and not client.server.is_secure:
        words.add("to-https")
    return failure(*words, path=path, **said, **client.facts)


def _marks(client: Client, answer: Answer) -> Iterator[str]:
    """Describe what an answer says beyond its status."""
    sent, offered = client.credentials, answer.headers.get("WWW-Authenticate", "").lower()
    yield "token" if sent.token else "" if sent else "anonymous"
    yield "basic" if offered.startswith("basic") else ""
    if answer.status in GUARDED and sent.token:
        yield "expired" if sent.expired or "expired" in offered else ""
    yield "invalid-host" if INVALID_HOST in answer.text else ""
    yield "of-mlflow" if answer.text.strip() == FORBIDDEN or answer.body is not None else ""
    yield "gateway" if answer.status in (502, 503, 504) and answer.body is None else ""
    yield "speaks-tls" if answer.status == 400 and WANTS_TLS.search(answer.text) else ""


def _redirected_to(client: Client, answer: Answer, path: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port of a redirection: its query may hold a token."""
    try:
        parts = urlsplit(urljoin(client.server.url + path, answer.headers.get("Location", "")))
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def health(client: Client, step: Step) -> None:
    """Ask MLflow how it is, without credentials unless something before it wants them."""
    answer = ask(client, "GET", "/health", anonymous=True)
    step.detail = "OK"
    if answer.status in GUARDED and client.credentials:
        answer = ask(client, "GET", "/health")
        step.detail = f"OK, behind a guard that lets {client.credentials} pass"
    if answer.status != 200 or answer.text.strip() != "OK":
        raise unexpected(client, answer, "/health")


def compare_versions(client: Client, step: Step) -> None:
    """Compare the server's version with the client's."""
    answer = ask(client, "GET", "/version")
    if answer.status in GUARDED:
        step.ok, step.detail = None, "told only to those who are logged in"
        return
    if answer.status == 404:
        raise failure("version", "absent")
    if answer.status != 200:
        raise unexpected(client, answer, "/version")
    try:
        server = Version(answer.text.strip())
    except InvalidVersion:
        raise failure("version", "InvalidVersion") from None
    step.detail, step.warning = compared(server, client_version())


def client_version() -> Version:
    """Give the version of the client that is installed here."""
    for name in ("mlflow", "mlflow-skinny"):
        with suppress(PackageNotFoundError):
            return Version(version(name))
    raise failure("no-client")


def compared(server: Version, client: Version) -> tuple[str, bool]:
    """Judge a pair of versions: another major one fails, another minor one is a warning."""
    both = f"server {server}, client {client}"
    older = "older" if server < client else "newer"
    if server.major != client.major:
        raise failure("version", "major", both=both, older=older)
    if server.minor != client.minor:
        lacks = "may lack what the client asks for" if server < client else "may know what the client does not"
        return f"{both}: the server is {older} and {lacks}", True
    return both if server != client else f"{server}, server and client", False


def authenticate(client: Client, step: Step) -> None:
    """Ask for an experiment with the credentials; where there are some, ask without them too."""
    answer = ask(client, "POST", SEARCH, body={"max_results": 1})
    if answer.status != 200 or answer.body is None:
        raise unexpected(client, answer, SEARCH)
    step.detail = str(client.credentials) if client.credentials else "the server asks for none"
    if client.credentials and ask(client, "POST", SEARCH, anonymous=True, body={"max_results": 1}).status == 200:
        step.warning, step.detail = True, f"{client.credentials}, but the server answers without credentials too"


def read(client: Client, step: Step) -> None:
    """Read this project's experiment and a run of it, where it is there."""
    answer = ask(client, "GET", f"{BY_NAME}?experiment_name={quote(EXPERIMENT)}")
    if answer.status == 404 and answer.body and answer.body.get("error_code") == "RESOURCE_DOES_NOT_EXIST":
        step.detail = f"experiment {EXPERIMENT} is not there yet: the first mirror makes it"
        return
    experiment = _body(client, answer, BY_NAME).get("experiment", {}).get("experiment_id")
    if not isinstance(experiment, str):
        raise failure("read", "no-experiment", path=BY_NAME)
    answer = ask(client, "POST", RUNS, body={"experiment_ids": [experiment], "max_results": 1})
    runs = _body(client, answer, RUNS).get("runs", [])
    step.detail = f"experiment {EXPERIMENT}, {'with runs' if runs else 'no runs in it yet'}"


def _body(client: Client, answer: Answer, path: str) -> dict[str, Any]:
    if answer.status == 200 and answer.body is not None:
        return answer.body
    meant = unexpected(client, answer, path)
    code = Code.READ if meant.code == Code.SERVER else meant.code  # MLflow is there, it has answered before
    raise StepError(f"experiment {EXPERIMENT}: {meant}", meant.remedy, code)


STEPS = {
    "TLS": secure,
    "health": health,
    "version": compare_versions,
    "authentication": authenticate,
    "read": read,
}
NAMES = ("URI", "DNS", "TCP", *STEPS)
