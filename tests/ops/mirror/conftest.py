"""What the tests of the mirror share: a mirror, and models that are quick to log."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.mirror.mirror import mirror_to
from tests.ops.mirror.small_repository import SmallRepository


@pytest.fixture(autouse=True)
def always_apart(apart: None) -> None:
    """See nothing of the developer's Git, DVC and MLflow in any test here."""


@pytest.fixture(autouse=True)
def known_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare DVC's start, which takes longer than most tests; `test_cache` asks it."""
    monkeypatch.setattr("ops.mirror.models.read_cache_folder", lambda repository: repository / ".dvc/cache")


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


@pytest.fixture
def mirror(small: SmallRepository, uri: str) -> Callable[[], str]:
    """Give a function that mirrors the small repository and returns what it says."""
    return lambda: mirror_to(uri, small.root)
