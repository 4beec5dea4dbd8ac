"""The least that the server starts with, and its settings read from some variables alone."""

import os
from collections.abc import Mapping

import pytest

from ops.mlflow_server import settings

PASSWORD, KEY = "Correct-9-horse", "0123456789abcdef" * 4
LEAST = {
    "MLFLOW_BACKEND_STORE_URI": f"postgresql://mlflow:{PASSWORD}@db/mlflow",
    "MLFLOW_ARTIFACTS_DESTINATION": "gs://bucket",
    "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
    "MLFLOW_FLASK_SERVER_SECRET_KEY": KEY,
}
PARTS = {"MLFLOW_DATABASE_HOST": "db"} | {name: LEAST[name] for name in LEAST if name != "MLFLOW_BACKEND_STORE_URI"}


def read(variables: Mapping[str, str]) -> settings.Settings:
    """Read the settings in an environment of these variables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", dict(variables))
        return settings.read()
