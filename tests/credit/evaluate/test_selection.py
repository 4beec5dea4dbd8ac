"""Tests of ranking families and of choosing one."""

import numpy as np
import pandas as pd
import pytest

from credit.core.intervals import cross_validated
from credit.evaluate.selection import HIGHER_IS_BETTER, compare, simplest_within_one_se

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
def test_the_simplest_within_one_standard_error_is_chosen(order, chosen):
    assert simplest_within_one_se(compare(FOLDS, "auc", 0.25, 100), order) == chosen


def test_one_standard_error_is_the_limit():
    ranking = pd.DataFrame(
        {"family": ["xgb", "rf", "lr"], "difference": [0, -0.010, -0.011], "difference_se": [0, 0.010, 0.010]}
    )
    assert simplest_within_one_se(ranking, ("lr", "rf", "xgb")) == "rf"
