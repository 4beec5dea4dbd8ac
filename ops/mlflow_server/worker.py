"""What the server's processes find in their environment, and the application that each of them serves."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ops.mlflow_server.guard import App, Guard, Message, Receive, Send
from ops.mlflow_server.places import SOURCES, keep_artifacts_in_place
from ops.mlflow_server.settings import MEGABYTE, Settings
from ops.mlflow_server.sources import without_mlflow

BODY, ARTIFACT = "MLFLOW_SERVER_MAX_BODY_MB", "MLFLOW_SERVER_MAX_ARTIFACT_MB"
SECONDS_A_LOGIN_IS_REMEMBERED = 60  # checking a password takes 0.8 s of CPU
THREADS = 8  # requests under way at once in each process
# MLflow 3.17.2 holds one connection while it asks for another (log_batch). If all have been given out to requests that
# wait for their second, none goes on; with its own settings, 40 threads and 15 connections, that takes 15 at once.
# Two for every thread and one to spare; those beyond the first two are closed after use.
POOL = {"MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "2", "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": str(2 * THREADS - 1)}


def environment(settings: Settings, logins: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the processes that serve; `logins` is the configuration of basic-auth.

    The names that begin with an underscore are those by which `mlflow server` speaks to its processes (3.17.2).
    """
    hosts = [pattern for host in settings.hosts for pattern in (host, f"{host.replace('[', '[[]')}:*")]
    return {
        **without_mlflow(base),
        **POOL,
        "_MLFLOW_SERVER_FILE_STORE": settings.database.uri,
        "_MLFLOW_SERVER_REGISTRY_STORE": settings.database.uri,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": settings.artifacts,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED": "true",
        "MLFLOW_AUTH_CONFIG_PATH": str(logins),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": settings.secret_key.get_secret_value(),
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(hosts),
        "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "true",
        "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX": SOURCES,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_ENABLE_AI_GATEWAY": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        BODY: str(settings.body_megabytes),
        ARTIFACT: str(settings.artifact_megabytes),
    }


@contextmanager
def configuration_of_logins(settings: Settings) -> Iterator[Path]:
    """Write the configuration of basic-auth where only this user can read it, and remove it afterwards."""
    lines = {
        "default_permission": "NO_PERMISSIONS",
        "database_uri": settings.database.uri_of_logins,
        "admin_username": settings.admin_username,
        "authorization_function": "mlflow.server.auth:authenticate_request_basic_auth",
        "grant_default_workspace_access": "false",
        "auth_cache_ttl_seconds": str(SECONDS_A_LOGIN_IS_REMEMBERED),
    }
    with tempfile.TemporaryDirectory(prefix="mlflow-server-") as folder:  # mode 0700
        path = Path(folder) / "basic_auth.ini"
        path.touch(mode=0o600)
        text = "".join(f"{name} = {value.replace('%', '%%')}\n" for name, value in lines.items())
        path.write_text(f"[mlflow]\n{text}", encoding="utf-8")
        yield path


def create_app() -> App:
    """Give MLflow with its logins behind the guard; uvicorn calls this in each of its processes."""
    from mlflow.server.auth import create_app as mlflow_with_logins

    keep_artifacts_in_place()
    guarded = Guard(
        mlflow_with_logins(),
        body=int(os.environ[BODY]) * MEGABYTE,
        artifact=int(os.environ[ARTIFACT]) * MEGABYTE,
    )
    return _with_few_threads(guarded)


def _with_few_threads(app: App) -> App:
    """Bound the threads of the event loop, which there is only once the application has started."""
    from anyio.to_thread import current_default_thread_limiter

    async def bounded(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            current_default_thread_limiter().total_tokens = THREADS
        await app(scope, receive, send)

    return bounded
