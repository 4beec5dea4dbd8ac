"""What training a family writes and how its parts agree, and which rows it searches, fits and judges."""

import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from credit.core.families import family_of
from credit.metrics.decision import Cost, Decision, cross_fitted_cutoffs, expected_cost, stable_cutoff
from tests.small_graph import change, outputs, run

pytestmark = pytest.mark.slow
TREE = {"encoding": ["one_hot", "ordinal"], "resampler": "none", "max_depth": [1, 3], "min_samples_leaf": 5}
ONE = {"calibration": "none", "encoding": "ordinal", "max_depth": 2}
TRAIN = "data/processed/train.parquet"
FILES = [Path(path) for path in outputs("train dt") if Path(path).suffix]


@pytest.fixture
def train(project) -> pd.DataFrame:
    """Give the 200 applicants who are trained on."""
    return pd.read_parquet(TRAIN)


def trained(settings: dict, **changes: object) -> dict:
    return run("train dt", train__dt=TREE | settings, **changes)


def by_fold(family: str = "dt") -> pd.DataFrame:
    return pd.read_parquet(f"data/processed/test_by_fold/{family}.parquet")


def oof_of(family: str = "dt") -> pd.DataFrame:
    return pd.read_parquet(f"data/processed/oof/{family}.parquet")


def test_the_outputs_agree_with_one_another(train):
    found = trained({})
    tried, oof, model = pd.read_csv("plots/search/dt.csv"), oof_of(), joblib.load("models/dt.joblib")

    assert (len(tried), set(tried["n"])) == (4, {200})
    (picked,) = tried[tried["picked"]].to_dict("records")
    assert picked["score"] == tried["score"].max() > tried["score"].min()
    assert {pick["setting"]: pick["value"] for pick in found["picked"]} == {name: picked[name] for name in TREE}

    assert list(oof.columns) == ["fold", "line", "bad", "pd"]
    assert sorted(oof["line"]) == sorted([*train["line"]] * 2)
    assert np.array_equal(oof["bad"], train.set_index("line")["bad"][oof["line"]])
    assert oof["pd"].between(0, 1).all()

    cost = Cost(accept_bad=5, reject_good=1)
    assert model.threshold == found["cutoff"] == round(stable_cutoff(oof, cost), 6)
    cutoffs = cross_fitted_cutoffs(oof, Decision(cost=cost))
    costs = [expected_cost(rows["bad"], rows["pd"], cutoffs[fold], cost) for fold, rows in oof.groupby("fold")]
    assert found["oof_cost"] == pytest.approx(np.mean(costs), abs=1e-6)
    for estimate in found["estimates"]:
        assert estimate["mean"] == found[f"oof_{estimate['metric']}"]
        assert estimate["low"] <= estimate["mean"] <= estimate["high"]
        assert estimate["n"] == 200
    assert family_of(model) == "dt"


def test_a_pinned_setting_is_not_searched_and_a_limit_that_is_not_reached_limits_nothing(train, caplog):
    caplog.set_level(logging.INFO)
    found = trained(ONE | {"calibration": None, "max_rows": 1000})
    assert {row["used_to"]: row["n"] for row in found["rows"]} == dict.fromkeys(("search", "fit", "judge"), len(train))
    assert "searched on" not in caplog.text
    (tried,) = pd.read_csv("plots/search/dt.csv").to_dict("records")
    assert (tried["picked"], tried["max_depth"], tried["encoding"]) == (True, 2, "ordinal")
    assert joblib.load("models/dt.joblib").estimator_.calibrated_classifiers_[0].estimator[-1].get_depth() == 2


def test_test_applicants_are_scored_once_each_by_models_of_folds_and_change_nothing(project):
    trained(ONE)
    test, found, oof = pd.read_parquet("data/processed/test.parquet"), by_fold(), oof_of()
    assert list(found.columns) == ["fold", "line", "pd"]
    assert sorted(found["line"]) == sorted(test["line"])
    assert found["pd"].between(0, 1).all()
    assert set(found["fold"]) == set(range(oof["fold"].nunique() // 2))  # of the first repeat of two
    before = [Path(path).read_bytes() for path in ("models/dt.joblib", "data/processed/oof/dt.parquet")]
    test.iloc[::-1].assign(bad=1).to_parquet("data/processed/test.parquet")
    trained(ONE)
    assert [Path(path).read_bytes() for path in ("models/dt.joblib", "data/processed/oof/dt.parquet")] == before
    assert sorted(by_fold()["line"]) == sorted(test["line"])


def test_settings_and_folds_follow_the_number_of_applicants(project):
    by_rows = [{"from_rows": 150, "max_depth": 4}, {"from_rows": 201, "max_depth": 5}]
    changes = {
        "search__by_rows": [{"from_rows": 200, "folds": 4}],
        "out_of_fold__by_rows": [{"from_rows": 9, "repeats": 1}],
    }
    found = trained(ONE | {"by_rows": by_rows}, **changes)
    assert {pick["setting"]: pick["value"] for pick in found["picked"]}["max_depth"] == 4
    assert oof_of()["line"].is_unique


def test_rows_alike_are_held_out_together(train):
    pd.concat([train, train.head(30).assign(line=range(5000, 5030))]).to_parquet(TRAIN)
    trained(ONE)
    folds = oof_of().groupby("line")["fold"].agg(set)
    assert all(folds[own] == folds[again] for own, again in zip(train["line"].head(30), range(5000, 5030), strict=True))


def test_a_fault_met_in_a_worker_process_ends_the_process_with_one_line(run_stage, project):
    change({"train.dt": TREE | {"encoding": "one_hot", "max_depth": -1}})
    for path in FILES:
        path.unlink()
    found = run_stage("train", "dt")
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("train dt: 'train.dt' cannot be fitted with encoding=one_hot")
    assert "Traceback" not in found.stderr
    assert not any(path.exists() for path in FILES)


def sampled(family: int | None, search: int | None, judge: int | None) -> dict:
    """Train with these limits of rows."""
    return trained(
        {**ONE, "calibration": None, "max_rows": family}, **{"search__max_rows": search, "out_of_fold__max_rows": judge}
    )  # fmt: skip


@pytest.mark.parametrize(("family", "search", "judge"), [(130, 110, None), (None, None, 199), (110, 130, None)])
def test_a_large_table_is_searched_fitted_and_judged_by_samples(family, search, judge, train, caplog):
    caplog.set_level(logging.INFO)
    used = {"search": min(search or 200, family or 200), "fit": family or 200, "judge": judge or 200}
    found = sampled(family, search, judge)
    assert {row["used_to"]: row["n"] for row in found["rows"]} == used
    said = "searched on {search} applicants, fitted to {fit}, judged on {judge}"
    assert said.format_map(used) in caplog.messages
    assert set(pd.read_csv("plots/search/dt.csv")["n"]) == {used["search"]}
    assert len(joblib.load("models/dt.joblib").estimator.cv.test_fold) == used["fit"]
    # Those that are judged are judged twice as ever, and every estimate says how many they are.
    oof = oof_of()
    assert set(oof["line"].value_counts()) == {2}
    assert np.array_equal(oof["bad"], train.set_index("line")["bad"][oof["line"]])
    assert oof["line"].nunique() == used["judge"]
    assert {estimate["n"] for estimate in found["estimates"]} == {used["judge"]}


def test_all_families_are_judged_on_the_same_sample_and_folds(project):
    sampled(150, 130, 120)
    run("train lr")
    dt, lr = oof_of("dt"), oof_of("lr")
    assert dt.drop(columns="pd").equals(lr.drop(columns="pd"))
    assert not dt["pd"].equals(lr["pd"])


@pytest.mark.parametrize(
    ("own", "calibrators"), [(None, "_SigmoidCalibration"), ("isotonic", "IsotonicRegression"), ("none", None)]
)
def test_a_family_may_have_a_calibration_of_its_own(own, calibrators, project):
    found = trained(ONE | {"calibration": own})
    model = joblib.load("models/dt.joblib").estimator_
    if calibrators is None:
        assert type(model).__name__ == "Pipeline"
    else:
        (calibrated,) = model.calibrated_classifiers_
        assert [type(curve).__name__ for curve in calibrated.calibrators] == [calibrators]
    assert "calibration" not in {pick["setting"] for pick in found["picked"]}
