"""Checks of the cutoff, of the family, and of how the PD moves."""

import numpy as np
import pandas as pd
import pytest

from credit.check.decisions import cutoff_cheaper, family_not_behind, moves_as_expected
from credit.core.intervals import wilson
from credit.metrics.decision import Cost
from tests.credit.check.reasons import unrecorded, value

COST = Cost(accept_bad=5.0, reject_good=1.0)
BAD = np.repeat([1, 0], [30, 70])


def test_a_cutoff_that_decides_well_passes_and_saves_against_the_cheaper_of_both():
    rejected = np.concatenate([np.repeat([1, 0], [27, 3]), np.repeat([1, 0], [20, 50])])
    found = cutoff_cheaper(BAD, rejected, COST)
    assert found.result == "passed"
    assert value(found, "cost at the cutoff") == pytest.approx((3 * 5 + 20) / 100)
    assert value(found, "cost of approving everyone") == pytest.approx(1.5)
    assert value(found, "cost of rejecting everyone") == pytest.approx(0.7)
    # 50 goods approved save 1 each, 3 bads approved cost 5 each; at Wilson's ends of 3 in 53 bads they would save less
    (saving,) = [number for number in found.numbers if number.name == "saved per applicant"]
    low, high = (53 / 100 * (1 - 6 * end) for end in wilson(3, 53)[::-1])
    assert (saving.value, saving.low, saving.high, saving.n) == pytest.approx((0.35, low, high, 100))
    assert "saved against rejecting" in found.reason
    assert not unrecorded(found)


@pytest.mark.parametrize("rejected", [np.ones(500), np.zeros(500), 1 - np.tile(BAD, 5)])
def test_a_cutoff_that_surely_saves_nothing_fails(rejected):
    assert cutoff_cheaper(np.tile(BAD, 5), rejected, COST).result == "failed"


def test_of_few_applicants_of_whom_none_is_decided_otherwise_it_is_not_known_whether_some_ever_are():
    assert cutoff_cheaper(BAD, np.ones(100), COST).result == "not decided"


def test_a_saving_within_noise_is_not_decided():
    found = cutoff_cheaper(BAD, np.repeat([0, 1, 0], [10, 20, 70]), COST)  # 70 goods approved, and 10 bads
    assert value(found, "saved per applicant") == pytest.approx(0.2)
    assert found.result == "not decided"


def test_approving_everyone_may_be_the_cheaper():
    found = cutoff_cheaper(np.repeat([1, 0], [5, 95]), np.repeat([1, 0], [5, 95]), COST)
    assert "saved against approving 0.250" in found.reason


def ranking(behind: float, reach: float = 0.005) -> pd.DataFrame:
    rows = [("rf", 0.0, 0.0, 0.0, False), ("lr", -behind, -behind - reach, -behind + reach, behind > reach)]
    columns = ["family", "difference", "difference_low", "difference_high", "more_than_noise"]
    return pd.DataFrame(rows, columns=columns).assign(metric="auc", n=80, mean=[0.8, 0.8 - behind])


@pytest.mark.parametrize(
    ("behind", "reach", "result"),
    [
        (0.01, 0.005, "passed"),  # more than noise, and too little to matter: the limit is 0.02 of 0.8
        (0.05, 0.02, "failed"),
        (0.02, 0.02, "not decided"),
    ],
)
def test_a_family_far_behind_fails_cr016_and_the_leader_never_does(behind, reach, result):
    rows = ranking(behind, reach)
    assert family_not_behind(rows, "lr", 0.02).result == result
    assert family_not_behind(rows, "rf", 0.02).result == "passed"


def test_cr016_says_who_is_how_far_behind_whom():
    found = family_not_behind(ranking(0.05, 0.02), "lr", 0.02)
    assert found.reason == (
        "random forest leads logistic regression, by more than noise; "
        "logistic regression is 0.050 [0.030, 0.070], n = 80 behind in AUC; limit 0.016, 0.02 of the leader's"
    )
    near = family_not_behind(ranking(0.01, 0.02), "rf", 0.02)
    assert "by no more than noise; the second is 0.010 [-0.010, 0.030]" in near.reason
    assert not unrecorded(found)


def test_a_family_alone_is_behind_nobody():
    found = family_not_behind(ranking(0.05).head(1), "rf", 0.02)
    assert (found.result, found.reason) == ("not applicable", "random forest is the only family that could be fitted")


def move(attribute: str, average: float, low: float | None, family: str = "rf") -> dict:
    high = None if low is None else 2 * average - low
    named = {"attribute": attribute, "family": family, "expected": "increasing", "start": "small", "end": "large"}
    return {**named, "n": 60, "average": average, "average_low": low, "average_high": high}


def test_a_move_clearly_against_expectation_fails_cr020_and_is_named():
    rows = [move("amount", 0.06, 0.05), move("age", 0.06, 0.005), move("job", 0.5, 0.4, "lr")]
    failed, undecided = moves_as_expected(rows, "rf", 0.01), moves_as_expected(rows[1:], "rf", 0.01)
    assert (failed.result, undecided.result) == ("failed", "not decided")
    assert moves_as_expected([move("age", 0.004, 0.0)], "rf", 0.01).result == "passed"
    assert "along 1 of 2 features" in failed.reason
    assert "amount (expected increasing), by 0.060 [0.050, 0.070], n = 60, from small to large" in failed.reason
    assert "age (" not in failed.reason
    assert "along 0 of 1 features" in undecided.reason
    assert not unrecorded(failed)


def test_moves_without_an_interval_or_an_expectation_are_not_judged():
    assert moves_as_expected([move("amount", 0.06, None)], "rf", 0.01).result == "not decided"
    still = moves_as_expected([move("amount", 0.0, 0.0)], "rf", 0.01)
    assert "amount (expected increasing), by 0.000 [0.000" in still.reason
    assert " from " not in still.reason
    assert moves_as_expected([move("job", 0.5, 0.4, "lr")], "rf", 0.01).result == "not applicable"
