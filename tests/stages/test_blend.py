"""What a blend is made of; credit/model/test_voting.py has the mean itself."""

import joblib
import numpy as np
import pandas as pd
import pytest

from credit.core.families import family_of
from credit.model.voting import mean_pds
from tests.small_graph import run

pytestmark = pytest.mark.slow
MEMBERS = ["scorecard", "dt", "lr"]


def test_the_outputs_agree_with_one_another_and_with_the_members(project):
    found = run("blend", blend__members=MEMBERS)
    oof = {name: pd.read_parquet(f"data/processed/oof/{name}.parquet") for name in ("blend", *MEMBERS)}
    pd.testing.assert_frame_equal(oof.pop("blend"), mean_pds(oof))
    assert found["picked"] == [{"setting": "members", "value": MEMBERS}]
    assert {estimate["n"] for estimate in found["estimates"]} == {oof["lr"]["line"].nunique()}
    model = joblib.load("models/blend.joblib")
    assert model.threshold == found["cutoff"]
    assert family_of(model) == "blend"
    assert list(model.feature_names_in_) == list(joblib.load("models/lr.joblib").feature_names_in_)


def test_it_is_made_of_the_saved_models_as_they_are(project):
    run("blend", blend__members=MEMBERS)
    table = pd.read_parquet("data/processed/test.parquet")
    blend = joblib.load("models/blend.joblib")
    inside = dict(blend.estimator_.named_estimators_)
    pds = [joblib.load(f"models/{name}.joblib").predict_proba(table)[:, 1] for name in MEMBERS]
    for name, own in zip(MEMBERS, pds, strict=True):
        assert np.array_equal(own, inside[name].predict_proba(table)[:, 1])
    assert blend.predict_proba(table)[:, 1] == pytest.approx(np.mean(pds, axis=0), abs=1e-15)
