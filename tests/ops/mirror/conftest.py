"""What the tests of the mirror share: a small repository, and an empty database beside it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.mirror.mirror import mirror_to
from ops.shared.tracking import connect
from tests.ops.mirror.databases import copy_database, make_tables, only_ours
from tests.ops.mirror.small_repository import SmallRepository

if TYPE_CHECKING:
    from mlflow import MlflowClient


@pytest.fixture(autouse=True)
def apart() -> Iterator[None]:
    """Keep the developer's Git, DVC and MLflow out of the test, and the test out of theirs."""
    with only_ours():
        yield


@pytest.fixture(autouse=True)
def known_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare DVC's start, which takes longer than most tests; `test_cache` asks it."""
    monkeypatch.setattr("ops.mirror.mirror.read_cache_folder", lambda repository: repository / ".dvc/cache")


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


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log models' files as they are, without a look into them, to be quick."""

    def save(content: bytes, _: object, folder: Path) -> str:
        folder.mkdir()
        (folder / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        (folder / "model.skops").write_bytes(content)
        return "skops"

    monkeypatch.setattr("ops.mirror.model_format.load_model", lambda content, _: content)
    monkeypatch.setattr("ops.mirror.model_format.save_for_mlflow", save)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database with MLflow's tables and nothing in them."""
    with only_ours():
        return make_tables(tmp_path_factory.mktemp("tables"))


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


@pytest.fixture
def mirror(small: SmallRepository, uri: str) -> Callable[[], str]:
    """Give a function that mirrors the small repository and returns what it says."""
    return lambda: mirror_to(uri, small.root)
