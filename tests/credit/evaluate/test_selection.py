"""Tests of ranking families and of choosing one."""

import numpy as np
import pandas as pd
import pytest

from credit.core.intervals import cross_validated
from credit.core.records import check
from credit.evaluate.selection import (
    HIGHER_IS_BETTER,
    LEADER,
    ONE_STANDARD_ERROR,
    SelectBest,
    choose,
    compare,
    lead,
    other_than,
)

AUCS = {"lr": [0.70, 0.72, 0.74, 0.71], "rf": [0.80, 0.78, 0.81, 0.79], "xgb": [0.81, 0.77, 0.83, 0.79]}
FOLDS = {family: pd.DataFrame({"auc": aucs, "brier": 1 - np.array(aucs)}) for family, aucs in AUCS.items()}


@pytest.mark.parametrize("metric", ["auc", "brier"])
def test_the_leader_comes_first_and_differs_from_itself_by_nothing(metric):
    ranking = compare(FOLDS, metric, 0.25, 100)
    assert list(ranking["family"]) == ["xgb", "rf", "lr"]
    leader = ranking.iloc[0]
    assert list(leader[["difference", "difference_se", "difference_low", "difference_high"]]) == [0, 0, 0, 0]
    assert not leader["more_than_noise"]
    assert (ranking["difference"] <= 0).all()
    assert (ranking["n"] == 100).all()


def test_the_ranking_follows_the_means_in_the_metrics_direction():
    up, down = compare(FOLDS, "auc", 0.25, 100), compare(FOLDS, "brier", 0.25, 100)
    assert up["mean"].is_monotonic_decreasing
    assert down["mean"].is_monotonic_increasing
    # One minus the AUC, lower being better: the same distances behind the leader.
    assert down["difference"].to_numpy() == pytest.approx(up["difference"].to_numpy())
    assert set(HIGHER_IS_BETTER) == {"auc", "brier", "cost"}


def test_differences_are_paired_fold_by_fold():
    ranking = compare(FOLDS, "auc", 0.25, 100).set_index("family")
    paired = cross_validated(np.subtract(AUCS["rf"], AUCS["xgb"]), 0.25)
    own = cross_validated(np.array(AUCS["rf"]), 0.25)
    found = ranking.loc["rf", ["difference", "difference_se", "difference_low", "difference_high"]]
    assert list(found) == pytest.approx(list(paired))
    assert list(ranking.loc["rf", ["mean", "se", "low", "high"]]) == pytest.approx(list(own))


def test_only_a_difference_whose_interval_leaves_out_zero_is_more_than_noise():
    ranking = compare(FOLDS, "auc", 0.25, 100).set_index("family")
    assert not ranking.loc["rf", "more_than_noise"]  # -0.005 with a standard error of 0.013
    assert ranking.loc["lr", "more_than_noise"]  # -0.0825 with a standard error of 0.019, t = 3.18


@pytest.mark.parametrize(
    ("order", "chosen"),
    [
        (("lr", "rf", "xgb"), "rf"),  # lr is too far behind
        (("lr", "xgb", "rf"), "xgb"),
        (("rf", "lr", "xgb"), "rf"),
    ],
)
def test_the_preferred_one_within_one_standard_error_is_chosen_or_the_leader(order, chosen):
    ranking = compare(FOLDS, "auc", 0.25, 100)
    assert choose(ranking, ONE_STANDARD_ERROR, order) == chosen
    assert choose(ranking, LEADER, order) == "xgb"


def test_one_standard_error_is_the_limit():
    ranking = pd.DataFrame(
        {"family": ["xgb", "rf", "lr"], "difference": [0, -0.010, -0.011], "difference_se": [0, 0.010, 0.010]}
    )
    assert choose(ranking, ONE_STANDARD_ERROR, ("lr", "rf", "xgb")) == "rf"


@pytest.mark.parametrize(("metric", "sign"), [("auc", 1), ("brier", -1)])
def test_a_lead_is_positive_for_the_better_one_whatever_the_metric(metric, sign):
    found = lead(FOLDS["rf"], FOLDS["lr"], metric, 0.25)
    assert found == pytest.approx(cross_validated(np.subtract(AUCS["rf"], AUCS["lr"]), 0.25))
    assert 0 < found.mean == pytest.approx(sign * (FOLDS["rf"][metric].mean() - FOLDS["lr"][metric].mean()))


def test_the_order_of_preference_is_read_by_its_old_name_with_one_line(caplog):
    values = {"metric": "auc", "simplest_first": ["lr", "dt"]}
    found = check(SelectBest, values, "params.yaml")
    assert found == SelectBest(metric="auc", rule=ONE_STANDARD_ERROR, preference=("lr", "dt"))
    said = "params.yaml: 'select_best.simplest_first' is still read, and is now called preference"
    assert [record.message for record in caplog.records] == [said]
    assert "simplest_first" in values


def test_there_are_two_rules():
    assert [other_than(rule) for rule in (LEADER, ONE_STANDARD_ERROR)] == [ONE_STANDARD_ERROR, LEADER]
