"""What the tests of the connection check share."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.ops.check_mlflow.checked import Checked, clear_environment, run_check
from tests.ops.check_mlflow.stubs import FakeMlflow, Stub


@pytest.fixture(autouse=True)
def own_environment(tmp_path, monkeypatch):
    with patch.dict(os.environ):  # writing sets what MLflow's client goes by
        clear_environment(monkeypatch, tmp_path)
        yield


@pytest.fixture
def check(capfd) -> Callable[..., Checked]:
    """Run the check as the command line does."""
    return lambda *arguments: run_check(capfd, *arguments)


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """Let MLflow make a database, once."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("made") / "mlflow.db"
    with warnings.catch_warnings(action="ignore"):  # of MLflow's own
        MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def mlflow() -> Iterator[FakeMlflow]:
    """Give a fake MLflow server; its address is `mlflow.url`, its port `mlflow.port`."""
    fake = FakeMlflow()
    with Stub(fake) as stub:
        fake.url, fake.port = stub.url, stub.port
        yield fake


@pytest.fixture
def login(monkeypatch):
    """Set user name and password, or a token."""

    def set_login(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)

    return set_login
