"""A registered model is loaded only if it is the file that was registered, and scores where nothing of ours is."""

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import skops.io

from credit.core.errors import InputError
from ops.mirror.champion import load_registered
from ops.mirror.registry import CHALLENGER
from tests.ops.mirror.git_repository import environment
from tests.ops.mirror.small_models import applicants, fit

pytestmark = pytest.mark.slow

SCORE = """
import json, sys
import mlflow, mlflow.pyfunc, mlflow.sklearn
import pandas as pd
rows = pd.read_parquet(sys.argv[1])
model = "models:/credit-risk@champion"
missing = rows.astype({"purpose": object}).assign(duration=float("nan"), purpose=None)
print(json.dumps([
    mlflow.pyfunc.load_model(model).predict(rows).tolist(),
    mlflow.sklearn.load_model(model).predict_proba(rows).tolist(),
    mlflow.pyfunc.load_model(model).predict(missing).tolist(),
    [module for module in sys.modules if module.split(".")[0] in ("credit", "ops", "stages", "tests")],
]))
"""


def pds(model, rows: pd.DataFrame | None = None) -> np.ndarray:
    return model.predict_proba(applicants().features if rows is None else rows)


@pytest.fixture
def files(small, mirror) -> dict[str, Path]:
    """Mirror a champion in skops and a challenger in a pickle; give their files."""
    small.experiment("tree", model="dt")
    mirror()
    return {path.suffix: path for path in (small.root / ".mlflow/artifacts").rglob("model.*")}


def test_champion_and_challenger_say_what_the_models_say_that_dvc_keeps(files, client, monkeypatch, tmp_path):
    """The client says where models are, not the process."""
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/other.db")
    champion, challenger = load_registered(client), load_registered(client, CHALLENGER)
    assert np.array_equal(pds(champion), pds(fit("lr", encoding="one_hot", C=1.0)))
    assert np.array_equal(pds(challenger), pds(fit("dt", encoding="binary", max_depth=2)))
    assert champion.threshold == 0.2
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(("alias", "kind"), [("champion", ".skops"), ("challenger", ".pkl")])
def test_a_file_that_was_changed_or_is_gone_is_not_loaded(files, client, monkeypatch, alias, kind):
    for module, name in ((skops.io, "load"), (pickle, "loads")):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("loaded"))
    files[kind].write_bytes(files[kind].read_bytes() + b" ")
    with pytest.raises(InputError, match=rf"^credit-risk@{alias}, version \d: expected model{kind} .*; it is not loa"):
        load_registered(client, alias)
    files[kind].unlink()
    with pytest.raises(InputError, match=r"^expected a model.skops or model.pkl, found neither$"):
        load_registered(client, alias)


def test_the_champion_scores_in_a_clean_process(files, small, uri, tmp_path):
    """It needs neither this repository nor the cache, and says what the model says that DVC keeps."""
    rows = applicants().features
    rows.to_parquet(tmp_path / "applicants.parquet")
    shutil.rmtree(small.cache)
    scored = subprocess.run(
        [sys.executable, "-c", SCORE, str(tmp_path / "applicants.parquet")],
        cwd=tmp_path,
        env={**environment(), "MLFLOW_TRACKING_URI": uri},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    generic, native, with_missing, ours = json.loads(scored.splitlines()[-1])
    model = fit("lr", encoding="one_hot", C=1.0)
    assert np.array_equal(generic, pds(model))
    assert generic == native
    missing = rows.assign(duration=np.nan, purpose=pd.Series([None] * len(rows), dtype=object))
    assert np.array_equal(with_missing, pds(model, missing))
    assert ours == []
