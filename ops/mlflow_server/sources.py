"""The variables of the environment that the server heeds, and secrets that stand in files."""

from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "MLFLOW_BACKEND_STORE_URI",
    "MLFLOW_DATABASE_PASSWORD",
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "MLFLOW_FLASK_SERVER_SECRET_KEY",
)
# What MLflow's storage clients read themselves.
PASSED_ON = ("MLFLOW_S3_", "MLFLOW_BOTO_", "MLFLOW_GCS_")


class SettingsError(ValueError):
    """A variable of the environment is not as it must be; one line, never with a secret in it."""


def collect(environment: Mapping[str, str], known: set[str]) -> dict[str, str]:
    """Give the known variables that are set, with secrets from the files that `NAME_FILE` names.

    Raises
    ------
    SettingsError
        A variable is set and empty, a secret comes from two places, or its file cannot be read.
    """
    values = {name: environment[name] for name in sorted(known & environment.keys())}
    for name in SECRETS:
        if f"{name}_FILE" in environment:
            if name in values:
                raise SettingsError(f"{name}: expected it from one place, got both {name} and {name}_FILE")
            values[name] = _content(f"{name}_FILE", environment[f"{name}_FILE"])
    for name, value in values.items():
        if not value.strip():
            raise SettingsError(f"{name}: expected a value, got an empty one")
    return values


def without_mlflow(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment less MLflow's own variables: some of them would take the locks off."""
    return {name: value for name, value in environment.items() if not _of_mlflow(name)}


def ignored(environment: Mapping[str, str], known: set[str]) -> list[str]:
    """Name MLflow's variables that are set and have no effect."""
    heeded = known | {f"{name}_FILE" for name in SECRETS}
    return sorted(name for name in environment if _of_mlflow(name) and name not in heeded)


def _of_mlflow(name: str) -> bool:
    # The last one makes MLflow write and serve Prometheus metrics.
    return name.startswith(("MLFLOW_", "_MLFLOW_", "prometheus_multiproc_dir")) and not name.startswith(PASSED_ON)


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(f"{name}: expected a file that can be read, got {path!r} ({reason})") from None
