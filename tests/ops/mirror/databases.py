"""Databases with MLflow's tables, which take seconds to make, so they are made once and copied."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ops.shared.tracking import BOUNDED, connect
from tests.ops.mirror.small_repository import NOT_OURS


def make_tables(folder: Path) -> Path:
    """Make an empty database to copy."""
    made, copy = folder / "made.db", folder / "copy.db"
    connect(f"sqlite:///{made}")
    copy_database(made, copy)
    return copy


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be in use."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@contextmanager
def only_ours() -> Iterator[None]:
    """Keep the caller's Git, DVC and MLflow out, and what is set in the environment within the block."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith(NOT_OURS)]:
            patched.delenv(name)
        patched.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        for name in (*BOUNDED, "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
            patched.setenv(name, "")  # so that it is taken back, whatever MLflow makes of it
            patched.delenv(name)
        yield
