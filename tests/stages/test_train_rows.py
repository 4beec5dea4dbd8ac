"""Which rows a family is searched on, fitted to and judged on, and what it sees of them."""

import json
import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from tests.stages.small_training import OUTPUTS, PLAN, SMALL, applicants, change, report, run, write_inputs

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def inputs(workspace):
    """Work where the inputs of the stage are."""
    write_inputs()


def rows_used(family: int | None, search: int | None, judge: int | None) -> dict[str, int]:
    """Train on 240 applicants with these limits; give what the metrics file says they were used for."""
    applicants(240).to_parquet("data/processed/train.parquet")
    limits = {"search": {**SMALL["search"], "max_rows": search}}
    change(dt={"max_rows": family}, **limits, out_of_fold={**SMALL["out_of_fold"], "max_rows": judge})
    run()
    return {used["used_to"]: used["n"] for used in report()["rows"]}


@pytest.mark.parametrize(
    ("family", "search", "judge"),
    [(110, 130, None), (None, None, 239), (120, 130, 140)],
)
def test_a_large_table_is_searched_fitted_and_judged_by_samples(family, search, judge, caplog):
    caplog.set_level(logging.INFO)
    used = {"search": search or 240, "fit": family or 240, "judge": judge or 240}
    assert rows_used(family, search, judge) == used
    said = "searched on {search} applicants, fitted to {fit}, judged on {judge}"
    assert said.format_map(used) in caplog.messages
    assert set(pd.read_csv("plots/search/dt.csv")["n"]) == {used["search"]}
    assert len(joblib.load("models/dt.joblib").estimator.cv.test_fold) == used["fit"]
    # Those that are judged are judged twice as ever, and every estimate says how many they are.
    oof = pd.read_parquet("data/processed/oof/dt.parquet")
    assert set(oof["line"].value_counts()) == {2}
    assert set(oof["line"]) <= set(range(2, 242))
    assert oof["line"].nunique() == used["judge"]
    assert {estimate["n"] for estimate in report()["estimates"]} == {used["judge"]}


def test_a_judged_sample_has_bads_in_proportion_and_their_own_outcomes():
    rows_used(None, None, 120)
    oof, outcome = pd.read_parquet("data/processed/oof/dt.parquet"), applicants(240).set_index("line")["bad"]
    assert np.array_equal(oof["bad"], outcome[oof["line"]])
    assert oof["bad"].mean() == pytest.approx(outcome.mean(), abs=1 / 120)


def test_all_families_are_judged_on_the_same_sample_and_folds():
    rows_used(150, 130, 120)
    run("lr")
    dt, lr = (pd.read_parquet(f"data/processed/oof/{family}.parquet") for family in ("dt", "lr"))
    assert dt.drop(columns="pd").equals(lr.drop(columns="pd"))
    assert not dt["pd"].equals(lr["pd"])


def test_limits_that_are_not_reached_change_nothing(caplog):
    caplog.set_level(logging.INFO)
    everything = {"search": 240, "fit": 240, "judge": 240}
    assert rows_used(None, None, None) == everything
    before = {path: Path(path).read_bytes() for path in OUTPUTS}
    assert rows_used(1000, 240, 240) == everything
    assert {path: Path(path).read_bytes() for path in OUTPUTS} == before
    assert not any(message.startswith("searched on") for message in caplog.messages)


def write_plan(**changes) -> None:
    Path("data/processed/feature_plan.json").write_text(json.dumps({**PLAN, **changes}), encoding="utf-8")


def folds_of(path: str = "data/processed/oof/dt.parquet") -> pd.DataFrame:
    return pd.read_parquet(path)[["fold", "line", "bad"]]


def test_an_excluded_column_is_not_needed_and_no_fold_changes():
    change(dt={"max_depth": 3, "encoding": "ordinal"})
    table = applicants()
    # Rows that differ by what is excluded alone are different applicants still.
    table.loc[60:, ["purpose", "savings"]] = table.loc[:29, ["purpose", "savings"]].to_numpy()
    table.to_parquet("data/processed/train.parquet")
    run()
    before = folds_of()
    write_plan(numeric={}, dropped={**PLAN["dropped"], "duration": "excluded by features.exclude"})
    run()
    assert folds_of().equals(before)
    model = joblib.load("models/dt.joblib")
    assert list(model.feature_names_in_) == ["purpose", "savings"]
    assert len(model.predict_proba(table[["purpose", "savings"]])) == 90


def test_a_derived_feature_is_computed_inside_the_model_and_no_fold_changes(caplog):
    caplog.set_level(logging.INFO)
    change(dt={"max_depth": 3, "encoding": "ordinal"})
    run()
    before = folds_of()
    numeric = {**PLAN["numeric"], "strain": {"lower": 0, "upper": 40}}
    write_plan(numeric=numeric, derived={"strain": "duration / savings"})
    run()
    assert folds_of().equals(before)
    assert "90 applicants, 4 features, 1 candidates" in caplog.messages
    model = joblib.load("models/dt.joblib")
    assert list(model.feature_names_in_) == ["duration", "purpose", "savings"]
    assert model.estimator_.calibrated_classifiers_[0].estimator[-1].n_features_in_ == 4


@pytest.mark.parametrize(
    ("own", "calibrators"), [(None, "_SigmoidCalibration"), ("isotonic", "IsotonicRegression"), ("none", None)]
)
def test_a_family_may_have_a_calibration_of_its_own(own, calibrators):
    change(dt={"max_depth": 2, "encoding": "ordinal", "calibration": own})
    run()
    model = joblib.load("models/dt.joblib").estimator_
    if calibrators is None:
        assert type(model).__name__ == "Pipeline"
    else:
        (calibrated,) = model.calibrated_classifiers_
        assert [type(curve).__name__ for curve in calibrated.calibrators] == [calibrators]
    assert "calibration" not in {pick["setting"] for pick in report()["picked"]}


def test_of_many_rows_one_fold_calibrates():
    applicants(240).to_parquet("data/processed/train.parquet")
    change(dt={"max_depth": 2, "encoding": "ordinal"}, calibration={**SMALL["calibration"], "max_cross_fitted": 200})
    run()
    assert set(joblib.load("models/dt.joblib").estimator.cv.test_fold) == {-1, 0}
