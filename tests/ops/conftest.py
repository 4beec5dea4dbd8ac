"""What the tests of the mirror, and of what reads Git or MLflow, share: a small repository, and an empty database."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.shared.tracking import BOUNDED, connect
from tests.ops.mirror.git_repository import NOT_OURS
from tests.ops.mirror.small_repository import SmallRepository

if TYPE_CHECKING:
    from mlflow import MlflowClient


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


@pytest.fixture
def apart() -> Iterator[None]:
    """Keep the developer's Git, DVC and MLflow out of the test, and the test out of theirs."""
    with only_ours():
        yield


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> SmallRepository:
    """Make the repository once, with one commit; not to be changed by a test."""
    return SmallRepository.new(tmp_path_factory.mktemp("small") / "first")


@pytest.fixture
def small(first: SmallRepository, tmp_path: Path) -> SmallRepository:
    """Give a copy of the repository."""
    return first.copy_to(tmp_path / "small")


@pytest.fixture
def no_models(small: SmallRepository) -> None:
    """Take the models out of DVC's cache, and put none in, to be quick."""
    shutil.rmtree(small.cache)
    small.keeps = False


def make_tables(database: Path) -> None:
    """Let MLflow make its tables in a database, and nothing in them."""
    with only_ours():
        made = database.with_name("made.db")  # it stays open
        connect(f"sqlite:///{made}")
        copy_database(made, database)


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be in use."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
def new_database(tables: Path) -> Callable[[SmallRepository], str]:
    """Give a function that puts an empty database into a repository and returns its URI."""

    def make(repository: SmallRepository) -> str:
        database = repository.root / ".mlflow/mlflow.db"
        copy_database(tables, database)
        return f"sqlite:///{database}"

    return make


@pytest.fixture
def uri(small: SmallRepository, new_database: Callable[[SmallRepository], str]) -> str:
    """Give the URI of an empty database in the small repository."""
    return new_database(small)


@pytest.fixture
def client(uri: str) -> "MlflowClient":
    """Give a client of that database."""
    return connect(uri)
