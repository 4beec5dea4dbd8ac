"""Tests of the curves: their shape, their ends, and agreement with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import binomtest
from sklearn.metrics import auc as area
from sklearn.metrics import precision_recall_curve, roc_curve

from credit.metrics import curves
from credit.metrics.decision import Cost, best_cutoff, expected_cost
from tests.credit.strategies import both_kinds

COST = Cost(accept_bad=5, reject_good=1)


def rises(values) -> bool:
    return bool((np.diff(values) >= 0).all())


@given(both_kinds(20, 60))
def test_roc_equals_scikit_learn(case):
    found = curves.roc(*case)
    fpr, tpr, _ = roc_curve(*case, drop_intermediate=False)
    assert found["fpr"].to_numpy() == pytest.approx(fpr)
    assert found["tpr"].to_numpy() == pytest.approx(tpr)
    assert tuple(found.iloc[0]) == (0, 0, 0)
    assert tuple(found.iloc[-1][["fpr", "tpr"]]) == (1, 1)
    assert rises(found["fpr"])
    assert rises(found["tpr"])


@given(both_kinds(20, 60))
def test_roc_on_a_grid_equals_roc_where_it_was_observed(case):
    observed = curves.roc(*case).groupby("fpr")["tpr"].max()
    goods = int((case[0] == 0).sum())
    found = curves.roc_on_grid(*case, points=goods + 1)  # every rate that there can be
    assert tuple(found.iloc[0][["fpr", "tpr"]]) == (0, 0)
    assert found["tpr"].iloc[-1] == 1
    assert rises(found["tpr"])
    places = np.rint(observed.index * goods).astype(int)
    later = places > 0
    assert found["tpr"].to_numpy()[places[later]] == pytest.approx(observed.to_numpy()[later])


def test_roc_on_a_fine_grid_has_the_area_of_roc():
    generator = np.random.default_rng(3)
    bad = generator.integers(0, 2, 400)
    pds = np.clip(0.3 + 0.2 * bad + 0.2 * generator.normal(size=400), 0, 1)
    fine, exact = curves.roc_on_grid(bad, pds, 5001), curves.roc(bad, pds)
    assert area(fine["fpr"], fine["tpr"]) == pytest.approx(area(exact["fpr"], exact["tpr"]), abs=1e-3)


@given(both_kinds(20, 60))
def test_precision_recall_equals_scikit_learn(case):
    found = curves.precision_recall(*case)
    # scikit-learn begins with rejecting everyone and ends with an invented point; older ends stop at full recall.
    precision, recall, _ = precision_recall_curve(*case, drop_intermediate=False)
    assert found["precision"].to_numpy()[::-1] == pytest.approx(precision[:-1])
    assert found["recall"].to_numpy()[::-1] == pytest.approx(recall[:-1])
    assert found["precision"].iloc[-1] == pytest.approx(case[0].mean())


@pytest.mark.slow
@given(both_kinds(20, 60))
def test_calibration_loses_nobody_and_keeps_ties_together(case):
    bad, pds = case
    found = curves.calibration(bad, pds)
    assert found["n"].sum() == len(pds)
    assert (found["n"] * found["predicted"]).sum() == pytest.approx(pds.sum())
    assert (found["n"] * found["observed"]).sum() == pytest.approx(bad.sum())
    assert len(found) <= min(10, len(np.unique(pds)))
    assert rises(found["predicted"])
    for row in found.itertuples():
        interval = binomtest(round(row.n * row.observed), row.n).proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_calibration_in_tenths():
    pds = np.arange(100) / 100
    found = curves.calibration((pds >= 0.5).astype(int), pds)
    assert list(found["n"]) == [10] * 10
    assert list(found["observed"]) == [0] * 5 + [1] * 5


def test_calibration_of_a_constant_score_is_one_bin():
    found = curves.calibration(np.array([0, 1, 1, 0]), np.full(4, 0.3))
    assert found[["n", "predicted", "observed"]].to_numpy().tolist() == [[4, pytest.approx(0.3), 0.5]]


@given(both_kinds(20, 60))
def test_gain_ends_at_everyone(case):
    found = curves.gain(*case)
    assert found.iloc[-1][["applicants", "bads", "lift"]].to_list() == pytest.approx([1, 1, 1])
    assert rises(found["applicants"])
    assert rises(found["bads"])
    assert found["lift"].to_numpy() == pytest.approx(found["bads"] / found["applicants"])


def test_gain_by_hand():
    found = curves.gain(np.array([1, 0, 1, 0]), np.array([0.9, 0.7, 0.7, 0.1]))
    assert found[["applicants", "bads", "lift"]].to_numpy() == pytest.approx(
        np.array([[0.25, 0.5, 2], [0.75, 1, 4 / 3], [1, 1, 1]])
    )


@given(both_kinds(20, 60))
def test_cost_runs_from_rejecting_to_accepting_everyone(case):
    bad, pds = case
    found = curves.cost(bad, pds, COST)
    assert found[["cutoff", "approved"]].iloc[0].to_list() == [0, 0]
    assert found["approved"].iloc[-1] == 1
    assert found["cutoff"].between(0, 1).all()
    assert rises(found["approved"])
    assert found["cost"].iloc[0] == pytest.approx(1 - bad.mean())
    assert found["cost"].iloc[-1] == pytest.approx(5 * bad.mean())
    assert found["cost"].min() == pytest.approx(expected_cost(bad, pds, best_cutoff(bad, pds, COST), COST))
