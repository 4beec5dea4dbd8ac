"""A registered model is loaded only if it is the file that was registered."""

import pickle
from pathlib import Path

import mlflow
import numpy as np
import pytest
import skops.io

from credit.core.errors import InputError
from ops.mirror.champion import load_registered
from ops.mirror.registry import CHALLENGER
from tests.ops.mirror.small_models import applicants, fit

pytestmark = pytest.mark.slow


def pds(model) -> np.ndarray:
    return model.predict_proba(applicants().features)


@pytest.fixture
def files(small, mirror) -> dict[str, Path]:
    """Mirror a champion in skops and a challenger in a pickle; give their files."""
    small.experiment("tree", model="dt")
    mirror()
    return {path.suffix: path for path in (small.root / ".mlflow/artifacts").rglob("model.*")}


def test_champion_and_challenger_say_what_the_models_say_that_dvc_keeps(files, client):
    champion, challenger = load_registered(client), load_registered(client, CHALLENGER)
    assert np.array_equal(pds(champion), pds(fit("lr", encoding="one_hot", C=1.0)))
    assert np.array_equal(pds(challenger), pds(fit("dt", encoding="binary", max_depth=2)))
    assert champion.threshold == 0.2


@pytest.mark.parametrize(("alias", "kind"), [("champion", ".skops"), ("challenger", ".pkl")])
def test_a_file_that_was_changed_is_not_loaded(files, client, monkeypatch, alias, kind):
    for module, name in ((skops.io, "load"), (pickle, "loads")):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("loaded"))
    files[kind].write_bytes(files[kind].read_bytes() + b" ")
    with pytest.raises(
        InputError, match=rf"^credit-risk@{alias}, version \d: expected model{kind} .*; it is not loaded$"
    ):
        load_registered(client, alias)


def test_a_model_that_is_gone_is_told(files, client):
    files[".skops"].unlink()
    with pytest.raises(InputError, match=r"^expected a model.skops or model.pkl, found neither$"):
        load_registered(client)


def test_the_client_says_where_models_are_not_the_process(files, client, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/other.db")
    assert load_registered(client).threshold == 0.2
    assert not (tmp_path / "other.db").exists()
