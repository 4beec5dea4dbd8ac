"""What the server's processes find in their environment: of MLflow's own variables only those that are set here."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ops.mlflow_server.database import with_schema_of_logins
from ops.mlflow_server.settings import SECRETS, VARIABLES, Settings

# What MLflow's storage clients read themselves.
PASSED_ON = ("MLFLOW_S3_", "MLFLOW_BOTO_", "MLFLOW_GCS_")
# Some of these would take the locks off; the last one makes MLflow write and serve Prometheus metrics.
OF_MLFLOW = ("MLFLOW_", "_MLFLOW_", "prometheus_multiproc_dir")
BODY, ARTIFACT = "MLFLOW_SERVER_MAX_BODY_MB", "MLFLOW_SERVER_MAX_ARTIFACT_MB"
SECONDS_A_LOGIN_IS_REMEMBERED = 60  # checking a password takes 0.8 s of CPU
# Where a registered model may come from; MLflow checks that the run or the model is one that the caller may read.
# The last two are what it writes for prompts.
SOURCES = r"^(mlflow-artifacts|runs|models):/|^(dummy-source|prompt-template)$"
THREADS = 8  # requests under way at once in each process


def ignored(environment: Mapping[str, str]) -> list[str]:
    """Name MLflow's variables that are set and have no effect."""
    heeded = VARIABLES | {f"{name}_FILE" for name in SECRETS}
    return sorted(name for name in environment if _is_of_mlflow(name) and name not in heeded)


def of_processes(settings: Settings, logins: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the processes that serve; `logins` is the configuration of basic-auth.

    The names that begin with an underscore are those by which `mlflow server` speaks to its processes (3.17.2).
    """
    database = settings.database.render_as_string(hide_password=False)
    hosts = [pattern for host in settings.hosts for pattern in (host, f"{host.replace('[', '[[]')}:*")]
    return {
        **{name: value for name, value in base.items() if not _is_of_mlflow(name)},
        "_MLFLOW_SERVER_FILE_STORE": database,
        "_MLFLOW_SERVER_REGISTRY_STORE": database,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": settings.artifacts_destination,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED": "true",
        "MLFLOW_AUTH_CONFIG_PATH": str(logins),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": settings.flask_server_secret_key.get_secret_value(),
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(hosts),
        "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "true",
        "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX": SOURCES,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_ENABLE_AI_GATEWAY": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        # MLflow 3.17.2 holds one connection while it asks for another (log_batch). If all have been given out to
        # requests that wait for their second, none goes on; with its own settings, 40 threads and 15 connections, that
        # takes 15 at once. Two for every thread and one to spare; those beyond the first two are closed after use.
        "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "2",
        "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": str(2 * THREADS - 1),
        BODY: str(settings.server_max_body_mb),
        ARTIFACT: str(settings.server_max_artifact_mb),
    }


@contextmanager
def configuration_of_logins(settings: Settings) -> Iterator[Path]:
    """Write the configuration of basic-auth where only this user can read it, and remove it afterwards."""
    lines = {
        "default_permission": "NO_PERMISSIONS",
        "database_uri": with_schema_of_logins(settings.database).render_as_string(hide_password=False),
        "admin_username": settings.auth_admin_username,
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


def _is_of_mlflow(name: str) -> bool:
    return name.startswith(OF_MLFLOW) and not name.startswith(PASSED_ON)
