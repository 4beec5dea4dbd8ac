"""Artifacts stay where the server puts them: below the folder of their experiment, which its permissions guard.

MLflow 3.17.2 lets whoever may log in choose another place for an experiment of their own. The server then writes and
reads there with its own rights: in any folder or bucket it can reach, and in other people's experiments.
"""

from functools import wraps
from typing import Any

# Where a registered model may come from; MLflow checks that the run or the model is one that the caller may read.
# The last two are what it writes for prompts.
SOURCES = r"^(mlflow-artifacts|runs|models):/|^(dummy-source|prompt-template)$"


def keep_artifacts_in_place() -> None:
    """Make this process's tracking store refuse a place that a client names."""
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
