"""The steps of a check of an MLflow server: is it reached, is it MLflow, does it let this client in and read?"""

import os
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

import requests
from packaging.version import InvalidVersion, Version

from ops.check_mlflow.causes import OTHER, Answer, Failure, explained
from ops.check_mlflow.client import Client
from ops.check_mlflow.reach import explaining, reach, resolve, secure
from ops.check_mlflow.steps import Check, Code, Step, StepError
from ops.shared.tracking import EXPERIMENT

API = "/api/2.0/mlflow"
SEARCH, BY_NAME, RUNS = f"{API}/experiments/search", f"{API}/experiments/get-by-name", f"{API}/runs/search"
LONGEST = 1_000_000  # bytes of an answer
GUARDED = (401, 403)
UPDATE = (
    "run the versions of this project: the client of requirements.txt, the server of ops/mlflow_server/requirements.txt"
)


def check_server(check: Check, client: Client) -> None:
    """Run all steps up to reading, before the client's deadline."""
    with check.step("DNS", Code.NETWORK) as step:
        places = resolve(client, step)
    with check.step("TCP", Code.NETWORK) as step:
        reach(client, places, step)
    for name, code, act in STEPS:
        with check.step(name, code) as step:
            act(client, step)


def ask(client: Client, method: str, path: str, *, anonymous: bool = False, body: dict | None = None) -> Answer:
    """Ask for a path below the server's URL, on a new connection and not redirected.

    Raises
    ------
    StepError
        There is no answer in HTTP, or not in time.
    """
    with explaining(client, path):
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
        # Session.send would follow a redirection, or read it to its end
        response = session.get_adapter(url).send(
            session.prepare_request(asked), timeout=client.deadline.left(), **settings
        )
        with response:
            text = response.raw.read(LONGEST, decode_content=True).decode(errors="replace")
            return Answer(response.status_code, response.headers, text)


def health(client: Client, step: Step) -> None:
    """Ask MLflow how it is, without credentials unless something before it wants them."""
    answer = ask(client, "GET", "/health", anonymous=True)
    step.detail = "OK"
    if answer.status in GUARDED and client.credentials:
        answer = ask(client, "GET", "/health")
        step.detail = f"OK, behind a guard that lets {client.credentials} pass"
    if answer.status != 200 or answer.text.strip() != "OK":
        raise explained(Failure(client, "/health", answer=answer))


def compare_versions(client: Client, step: Step) -> None:
    """Compare the server's version with the client's."""
    answer = ask(client, "GET", "/version")
    if answer.status in GUARDED:
        step.ok, step.detail = None, "told only to those who are logged in"
        return
    if answer.status == 404:
        raise StepError("the server does not tell its version: it is very old, or no MLflow", UPDATE)
    if answer.status != 200:
        raise explained(Failure(client, "/version", answer=answer))
    try:
        server = Version(answer.text.strip())
    except InvalidVersion:
        raise StepError("no MLflow: /version gave no version", OTHER, Code.SERVER) from None
    step.detail, step.warning = compared(server, client_version())


def client_version() -> Version:
    """Give the version of the client that is installed here."""
    for name in ("mlflow", "mlflow-skinny"):
        with suppress(PackageNotFoundError):
            return Version(version(name))
    raise StepError("no MLflow client is installed here", "pip install -r requirements.txt")


def compared(server: Version, client: Version) -> tuple[str, bool]:
    """Judge a pair of versions: another major one fails, another minor one is a warning."""
    both = f"server {server}, client {client}"
    older = "older" if server < client else "newer"
    if server.major != client.major:
        raise StepError(f"{both}: the server is {older} by a major version", UPDATE)
    if server.minor != client.minor:
        lacks = "may lack what the client asks for" if server < client else "may know what the client does not"
        return f"{both}: the server is {older} and {lacks}", True
    return both if server != client else f"{server}, server and client", False


def authenticate(client: Client, step: Step) -> None:
    """Ask for an experiment with the credentials; where there are some, ask without them too."""
    answer = ask(client, "POST", SEARCH, body={"max_results": 1})
    if answer.status != 200:
        raise explained(Failure(client, SEARCH, answer=answer))
    if not answer.is_object:
        raise StepError(f"no MLflow: {SEARCH} gave no JSON", "correct the path of the URI", Code.SERVER)
    step.detail = str(client.credentials) if client.credentials else "the server asks for none"
    if client.credentials and ask(client, "POST", SEARCH, anonymous=True, body={"max_results": 1}).status == 200:
        step.warning, step.detail = True, f"{client.credentials}, but the server answers without credentials too"


def read(client: Client, step: Step) -> None:
    """Read this project's experiment and a run of it, where it is there."""
    answer = ask(client, "GET", f"{BY_NAME}?experiment_name={quote(EXPERIMENT)}")
    if answer.status == 404 and answer.is_object and answer.body.get("error_code") == "RESOURCE_DOES_NOT_EXIST":
        step.detail = f"experiment {EXPERIMENT} is not there yet: the first mirror makes it"
        return
    experiment = _body(client, answer, BY_NAME).get("experiment", {}).get("experiment_id")
    if not isinstance(experiment, str):
        raise StepError(f"no experiment in what {BY_NAME} gave", "look at the server's log")
    answer = ask(client, "POST", RUNS, body={"experiment_ids": [experiment], "max_results": 1})
    runs = _body(client, answer, RUNS).get("runs", [])
    step.detail = f"experiment {EXPERIMENT}, {'with runs' if runs else 'no runs in it yet'}"


def _body(client: Client, answer: Answer, path: str) -> dict[str, Any]:
    if answer.status == 200 and answer.is_object:
        return answer.body
    failure = explained(Failure(client, path, answer=answer))
    code = Code.READ if failure.code == Code.SERVER else failure.code  # MLflow is there, it has answered before
    raise StepError(f"experiment {EXPERIMENT}: {failure}", failure.remedy, code)


STEPS = (
    ("TLS", Code.TLS, secure),
    ("health", Code.SERVER, health),
    ("version", Code.VERSION, compare_versions),
    ("authentication", Code.REFUSED, authenticate),
    ("read", Code.READ, read),
)
NAMES = ("URI", "DNS", "TCP", *(name for name, _, _ in STEPS))
