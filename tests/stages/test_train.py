"""What training a family writes, and how its parts agree, with few applicants and few candidates."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from credit.core.families import family_of
from credit.metrics.decision import Cost, Decision, cross_fitted_cutoffs, expected_cost, stable_cutoff
from tests.stages.small_training import OUTPUTS, TREE, applicants, change, report, run, write_inputs

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def inputs(workspace):
    """Work where the inputs of the stage are."""
    write_inputs()


def test_the_outputs_agree_with_one_another():
    run()
    found = report()
    tried = pd.read_csv("plots/search/dt.csv")
    oof = pd.read_parquet("data/processed/oof/dt.parquet")
    model = joblib.load("models/dt.joblib")

    assert (len(tried), set(tried["n"])) == (4, {90})
    (picked,) = tried[tried["picked"]].to_dict("records")
    assert picked["score"] == tried["score"].max() > tried["score"].min()
    assert {pick["setting"]: pick["value"] for pick in found["picked"]} == {name: picked[name] for name in TREE}

    assert list(oof.columns) == ["fold", "line", "bad", "pd"]
    assert sorted(oof["line"]) == sorted([*range(2, 92)] * 2)
    outcome = applicants().set_index("line")["bad"]
    assert np.array_equal(oof["bad"], outcome[oof["line"]])
    assert oof["pd"].between(0, 1).all()

    cost = Cost(accept_bad=5, reject_good=1)
    assert model.threshold == found["cutoff"] == round(stable_cutoff(oof, cost), 6)
    cutoffs = cross_fitted_cutoffs(oof, Decision(cost=cost))
    costs = [expected_cost(rows["bad"], rows["pd"], cutoffs[fold], cost) for fold, rows in oof.groupby("fold")]
    assert found["oof_cost"] == pytest.approx(np.mean(costs), abs=1e-6)
    for estimate in found["estimates"]:
        assert estimate["mean"] == found[f"oof_{estimate['metric']}"]
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert estimate["n"] == 90
    assert family_of(model) == "dt"
    assert list(model.feature_names_in_) == ["duration", "purpose", "savings"]


def test_a_pinned_setting_is_not_searched():
    change(dt={"max_depth": 2, "encoding": "ordinal"})
    run()
    (tried,) = pd.read_csv("plots/search/dt.csv").to_dict("records")
    assert (tried["picked"], tried["max_depth"], tried["encoding"]) == (True, 2, "ordinal")
    assert joblib.load("models/dt.joblib").estimator_.calibrated_classifiers_[0].estimator[-1].get_depth() == 2


def test_rows_alike_are_held_out_together():
    table = applicants()
    pd.concat([table, table.head(30).assign(line=range(92, 122))]).to_parquet("data/processed/train.parquet")
    run()
    folds = pd.read_parquet("data/processed/oof/dt.parquet").groupby("line")["fold"].agg(set)
    assert all(folds[line] == folds[line + 90] for line in range(2, 32))


def test_a_fault_met_in_a_worker_process_ends_the_process_with_one_line(run_stage):
    change(dt={"encoding": "one_hot", "max_depth": -1})
    found = run_stage("train", "dt")
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("train dt: 'train.dt' cannot be fitted with encoding=one_hot")
    assert "Traceback" not in found.stderr
    assert not any(Path(path).exists() for path in OUTPUTS)
