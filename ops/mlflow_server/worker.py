"""The application that each of the server's processes serves, and the configuration of its logins."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from ops.mlflow_server.artifact_location import keep_artifacts_in_place
from ops.mlflow_server.database import with_schema_of_logins
from ops.mlflow_server.environment import ARTIFACT, BODY, THREADS
from ops.mlflow_server.middleware import AccessMiddleware
from ops.mlflow_server.settings import Settings

MEGABYTE = 10**6
SECONDS_A_LOGIN_IS_REMEMBERED = 60  # checking a password takes 0.8 s of CPU


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


def create_app() -> ASGIApp:
    """Give MLflow with its logins behind the middleware; uvicorn calls this in each of its processes."""
    from anyio.to_thread import current_default_thread_limiter
    from mlflow.server.auth import create_app as mlflow_with_logins

    keep_artifacts_in_place()
    body, artifact = (int(os.environ[name]) * MEGABYTE for name in (BODY, ARTIFACT))
    app = AccessMiddleware(mlflow_with_logins(), body=body, artifact=artifact)

    async def with_few_threads(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # there is an event loop, which the threads belong to
            current_default_thread_limiter().total_tokens = THREADS
        await app(scope, receive, send)

    return with_few_threads
