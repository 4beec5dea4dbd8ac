"""The real command, in processes of its own: two at once, anew after the database was deleted, and the champion."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from tests.ops.mirror.content import aliases, everything
from tests.ops.mirror.small_models import applicants, fit
from tests.ops.mirror.small_repository import SmallRepository, environment

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
REPOSITORY = Path(__file__).resolve().parents[3]


class Mirrored(NamedTuple):
    """What was said and written: first by two mirrors at once, then by one after the database was deleted."""

    repository: SmallRepository
    uri: str
    said: list[tuple[int, str, str]]
    first: dict[str, Any]
    again: dict[str, Any]
    aliases: dict[str, str]


def start(repository: SmallRepository) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "ops.mirror"],
        cwd=repository.root,
        env={**environment(), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def mirrored(first, tmp_path_factory) -> Mirrored:
    """Mirror by two processes to a database that is not there yet, delete it, and mirror once more."""
    repository = first.copy_to(tmp_path_factory.mktemp("processes") / "small")
    repository.experiment("wide", C=3.0)
    both = [start(repository) for _ in range(2)]
    said = [(process.communicate(), process.returncode) for process in both]
    uri = f"sqlite:///{repository.root}/.mlflow/mlflow.db"
    before = everything(MlflowClient(uri, registry_uri=uri))
    shutil.rmtree(repository.root / ".mlflow")
    _, errors = start(repository).communicate()
    assert errors == ""
    uri = f"sqlite:///{repository.root}/.mlflow/./mlflow.db"  # the other spelling is of the file that is gone
    client = MlflowClient(uri, registry_uri=uri)
    told = [(code, out, err) for (out, err), code in said]
    return Mirrored(repository, uri, told, before, everything(client), aliases(client))


def test_of_two_mirrors_at_once_one_writes_and_none_complains(mirrored):
    assert [(code, err) for code, _, err in mirrored.said] == [(0, "")] * 2
    assert sorted(out.split(";")[0].split()[1].strip() for _, out, _ in mirrored.said) == ["new", "nothing"]
    assert len(mirrored.first["runs"]) == 6


def test_after_the_database_was_deleted_everything_is_back(mirrored):
    assert mirrored.again == mirrored.first
    assert mirrored.aliases["champion"] == mirrored.repository.model("best")


def test_the_champion_scores_in_a_clean_process(mirrored, tmp_path):
    """It needs neither this repository nor the cache, and says what the model says that DVC keeps."""
    rows = applicants().features
    rows.to_parquet(tmp_path / "applicants.parquet")
    scored = subprocess.run(
        [sys.executable, "-c", SCORE, str(tmp_path / "applicants.parquet")],
        cwd=tmp_path,
        env={**environment(), "MLFLOW_TRACKING_URI": mirrored.uri},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    generic, native, with_missing, ours = json.loads(scored.splitlines()[-1])
    model = fit("lr", encoding="one_hot", C=1.0)
    assert np.array_equal(generic, model.predict_proba(rows))
    assert generic == native
    missing = rows.assign(duration=np.nan, purpose=pd.Series([None] * len(rows), dtype=object))
    assert np.array_equal(with_missing, model.predict_proba(missing))
    assert ours == []
