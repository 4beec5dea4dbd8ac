"""Tests of the metrics against scikit-learn and SciPy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn import metrics as reference

from credit.metrics.decision import Cost, Decision
from credit.metrics.metrics import (
    HEADLINE,
    auc,
    brier,
    by_fold,
    classification_report,
    headline,
    rejection_rates,
)
from tests.credit.strategies import both_kinds

COST = Cost(accept_bad=5, reject_good=1)


@given(both_kinds(8, 40))
def test_auc_and_brier_score_equal_those_of_scikit_learn(case):
    bad, scores = case
    assert auc(bad, scores) == pytest.approx(reference.roc_auc_score(bad, scores))
    assert brier(bad, scores) == pytest.approx(reference.brier_score_loss(bad, scores))


@given(both_kinds(8, 40), st.floats(0, 1))
@pytest.mark.slow
def test_headline_equals_those_of_the_libraries(case, cutoff):
    bad, scores = case
    found, rejected = headline(bad, scores, cutoff, COST), scores >= cutoff
    assert tuple(found) == HEADLINE
    assert found["auc"] == auc(bad, scores)
    assert found["gini"] == pytest.approx(2 * reference.roc_auc_score(bad, scores) - 1)
    # The goods' distribution function over the bads' is the share of bads rejected over that of goods.
    expected = ks_2samp(scores[bad == 0], scores[bad == 1], alternative="greater", method="asymp").statistic
    assert found["ks"] == pytest.approx(expected, abs=1e-12)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(bad, rejected))
    for name in ("precision", "recall", "f1"):
        function = getattr(reference, f"{name}_score")
        assert found[name] == pytest.approx(function(bad, rejected, zero_division=0))
    (_, rejected_goods), (accepted_bads, _) = reference.confusion_matrix(bad, rejected, labels=[0, 1])
    assert found["cost"] == pytest.approx((5 * accepted_bads + rejected_goods) / len(bad))


@given(both_kinds(8, 40), st.floats(0, 1), st.floats(0, 1))
def test_raising_the_cutoff_never_adds_rejections(case, one, other):
    bad, scores = case
    lower, higher = (headline(bad, scores, cutoff, COST) for cutoff in sorted((one, other)))
    assert higher["recall"] <= lower["recall"]
    lower, higher = (headline(1 - bad, scores, cutoff, COST) for cutoff in sorted((one, other)))
    assert higher["recall"] <= lower["recall"]


def test_a_constant_score_tells_nothing():
    bad, scores = np.array([0, 1, 1, 0, 0]), np.full(5, 0.4)
    found = headline(bad, scores, 0.5, COST)
    assert (found["auc"], found["gini"], found["ks"]) == (0.5, 0.0, 0.0)


def test_a_perfect_and_a_reversed_score():
    bad, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    for outcomes, expected in ((bad, 1.0), (1 - bad, 0.0)):
        found = headline(outcomes, scores, 0.5, COST)
        assert (found["auc"], found["ks"]) == (expected, expected)


@pytest.mark.parametrize("kind", [0, 1])
def test_auc_is_nan_where_all_are_of_one_kind(kind):
    assert np.isnan(auc(np.full(3, kind), np.array([0.1, 0.2, 0.3])))


@given(both_kinds(8, 40))
def test_rejection_rates_rise_from_nobody_to_everybody(case):
    bad, scores = case
    tpr, fpr = rejection_rates(bad, scores)
    assert len(tpr) == len(fpr) == len(np.unique(scores)) + 1
    for rates in (tpr, fpr):
        assert (rates[0], rates[-1]) == (0, 1)
        assert (np.diff(rates) >= 0).all()


def test_by_fold_gives_each_fold_its_own_row_at_a_cutoff_of_the_others():
    oof = pd.DataFrame(
        {
            "fold": [1, 0, 1, 0, 0],
            "line": [2, 3, 4, 5, 6],
            "bad": [1, 0, 0, 1, 0],
            "pd": [0.9, 0.2, 0.1, 0.3, 0.7],
        }
    )
    found = by_fold(oof, Decision(cost=COST))
    assert list(found["auc"]) == [0.5, 1.0]
    # The other applicants give both folds the break-even cutoff, 1/6: all of fold 0 are rejected, two of them good;
    # of fold 1 only the bad one is.
    assert list(found["cost"]) == pytest.approx([2 / 3, 0])


def test_by_fold_goes_by_the_cutoff_that_the_params_ask_for():
    # By Youden's J the others of fold 0 give 0.5 (bad from 0.9, good up to 0.1), those of fold 1 likewise; by cost 1/6.
    oof = pd.DataFrame(
        {
            "fold": [0, 0, 0, 1, 1, 1],
            "line": [2, 3, 4, 5, 6, 7],
            "bad": [1, 0, 0, 1, 0, 0],
            "pd": [0.9, 0.1, 0.3, 0.9, 0.1, 0.1],
        }
    )
    by_cost = by_fold(oof, Decision(cost=COST))
    by_youden = by_fold(oof, Decision(cost=COST, cutoff="youden"))
    assert list(by_cost["cost"]) == pytest.approx([1 / 3, 0])
    assert list(by_youden["cost"]) == [0, 0]


def test_classification_report_by_hand():
    # Of 3 goods 2 are accepted, of 2 bads 1 is rejected.
    found = classification_report(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 0, 1])).set_index("outcome")
    assert list(found.columns) == ["precision", "recall", "f1", "n"]
    assert list(found.loc["good"]) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 3])
    assert list(found.loc["bad"]) == pytest.approx([1 / 2, 1 / 2, 1 / 2, 2])
    assert found.loc["macro avg", "f1"] == pytest.approx(7 / 12)
    assert "accuracy" not in found.index


def test_classification_report_where_nobody_is_rejected():
    found = classification_report(np.array([0, 1]), np.array([0, 0])).set_index("outcome")
    assert found.loc["bad", "precision"] == 0
