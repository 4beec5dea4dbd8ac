"""The application that each of the server's processes serves: MLflow with its logins, behind the middleware."""

import os
from functools import wraps
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from ops.mlflow_server.environment import ARTIFACT, BODY, THREADS
from ops.mlflow_server.middleware import AccessMiddleware

MEGABYTE = 10**6


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


def keep_artifacts_in_place() -> None:
    """Make this process's tracking store refuse a place that a client names: an experiment's folder guards it.

    MLflow 3.17.2 lets whoever may log in choose another place for an experiment of their own. The server then writes
    and reads there with its own rights: in any folder or bucket it can reach, and in other people's experiments.
    """
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from mlflow.utils.mlflow_tags import MLFLOW_ARTIFACT_LOCATION

    create_experiment, set_trace_tag = SqlAlchemyStore.create_experiment, SqlAlchemyStore.set_trace_tag

    @wraps(create_experiment)
    def create_in_place(self: Any, name: str, artifact_location: str | None = None, tags: Any = None) -> str:
        if artifact_location:
            raise _refusal("artifact_location", artifact_location)
        return create_experiment(self, name, None, tags)

    @wraps(set_trace_tag)
    def set_harmless_tag(self: Any, trace_id: str, key: str, value: str) -> None:
        if key == MLFLOW_ARTIFACT_LOCATION:
            raise _refusal(key, value)
        set_trace_tag(self, trace_id, key, value)

    SqlAlchemyStore.create_experiment, SqlAlchemyStore.set_trace_tag = create_in_place, set_harmless_tag


def _refusal(name: str, value: str) -> Exception:
    from mlflow.exceptions import MlflowException

    return MlflowException.invalid_parameter_value(
        f"{name}: expected none, because the server decides where artifacts are kept, got {value!r}"
    )
