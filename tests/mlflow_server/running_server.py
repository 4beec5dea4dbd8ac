"""The real entry point as a process of its own, on loopback, with a real PostgreSQL behind it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import requests

from tests.mlflow_server.postgres import Postgres

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 180  # on two busy cores and without bytecode it takes up to 60
SECONDS_TO_STOP = 40
SECONDS_TO_ANSWER = 30
API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


class Login(NamedTuple):
    """What a person types."""

    username: str
    password: str


class Kept(NamedTuple):
    """What a user keeps on the server."""

    owner: Login
    experiment: str
    run: str
    model: str

    @property
    def folder(self) -> str:
        return f"{self.experiment}/{self.run}/artifacts"


class RunningServer:
    """`python -m ops.mlflow_server`; use it as a context manager.

    `admin` is the login of its administrator, `environment` what it was told, `artifacts` the folder of its artifacts
    and `log` what it has said.
    """

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.postgres = postgres
        self.admin = Login("admin", secrets.token_urlsafe(16))
        self.artifacts = folder / "artifacts"
        self.log = folder / "server.log"
        self.port = free_port()
        self.environment = {
            **without_mlflow(os.environ),
            "TMPDIR": str(folder),
            "MLFLOW_BACKEND_STORE_URI": postgres.uri(),
            "MLFLOW_ARTIFACTS_DESTINATION": str(self.artifacts),
            "MLFLOW_AUTH_ADMIN_PASSWORD": self.admin.password,
            "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(32),
            "MLFLOW_PORT": str(self.port),
        }

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RunningServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it and everything that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ops.mlflow_server"],
                cwd=REPOSITORY,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            eventually(self._answers, SECONDS_TO_START)
        except BaseException:
            self.__exit__()
            raise

    def stop(self) -> int:
        """Ask it to end, as `docker stop` does, and give its exit code once none of its processes is left."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(SECONDS_TO_STOP)
        eventually(self._is_gone, SECONDS_TO_STOP)  # Python's tracker of resources ends last, by itself
        return code

    def _is_gone(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _answers(self) -> bool:
        assert self._process.poll() is None, f"expected a server:\n{self.log.read_text(encoding='utf-8')[-3000:]}"
        # Requests wait in the socket until a process is ready for them.
        with suppress(requests.RequestException):
            return self.ask("GET", "/health").ok
        return False

    def ask(self, method: str, path: str, login: Login | None = None, **options: Any) -> requests.Response:
        """Send one request, once."""
        # A session that trusts no environment: the user's own netrc and proxies stay out of it.
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.uri + path, auth=login, timeout=SECONDS_TO_ANSWER, **options)

    def post(self, path: str, login: Login | None, **body: Any) -> dict:
        """Send one request that must succeed, and give its answer."""
        answer = self.ask("POST", path, login, json=body)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def new_user(self) -> Login:
        """Make a user who has no permission on anything."""
        login = Login(f"user-{secrets.token_hex(4)}", secrets.token_urlsafe(16))
        self.post(f"{API}/users/create", self.admin, **login._asdict())
        return login

    def grant(self, login: Login, kind: str, identifier: str, permission: str) -> None:
        """Let a user READ, EDIT or MANAGE an `experiment` or a `registered_model`."""
        self.post(
            "/api/3.0/mlflow/users/permissions/grant",
            self.admin,
            username=login.username,
            resource_type=kind,
            resource_id=identifier,
            permission=permission,
        )

    def client_environment(self) -> dict[str, str]:
        """Give the environment of the administrator's client, which does not try for minutes."""
        return {
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_HTTP_REQUEST_TIMEOUT": str(SECONDS_TO_ANSWER),
            "MLFLOW_TRACKING_URI": self.uri,
            "MLFLOW_TRACKING_USERNAME": self.admin.username,
            "MLFLOW_TRACKING_PASSWORD": self.admin.password,
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }


def eventually(is_true: Callable[[], bool], seconds: float) -> None:
    """Wait for something that takes an unknown time, and fail if it takes longer than this."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"expected it within {seconds} s: {is_true.__name__}"
        time.sleep(0.1)


def free_port() -> int:
    """Give a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def without_mlflow(environment: Mapping[str, str]) -> dict[str, str]:
    """Give an environment without the developer's own MLflow settings."""
    return {name: value for name, value in environment.items() if not name.lstrip("_").startswith("MLFLOW_")}
