"""Checks of the PDs: they tell bads from goods, and are right as numbers."""

import numpy as np
import pandas as pd
import pytest

from credit.check.performance import (
    better_than_chance,
    calibrated,
    gap_within_noise,
    little_overfitting,
    no_feature_tells_too_much,
    not_too_good,
    spiegelhalter,
)
from tests.credit.check.reasons import unrecorded, value

PDS = np.linspace(0.02, 0.9, 600)


def drawn(pds: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(pds)) < pds).astype(int)


def performance(test: float = 0.79, out_of_fold: float = 0.78, in_sample: float = 0.82) -> pd.DataFrame:
    """Give AUCs with a standard error of 0.03; another metric of the same samples stands before them."""
    auc = {"test": test, "out of fold": out_of_fold, "in-sample": in_sample}
    rows = [
        {"sample": sample, "metric": metric, "value": found, "low": found - 0.06, "high": found + 0.06}
        for metric, values in {"brier": dict.fromkeys(auc, 0.2), "auc": auc}.items()
        for sample, found in values.items()
    ]
    return pd.DataFrame(rows).assign(se=0.03, n=90)


# 1.959964 * sqrt(0.03^2 + 0.03^2) = 0.083155
@pytest.mark.parametrize(
    ("test", "result"), [(0.78, "passed"), (0.863, "passed"), (0.864, "failed"), (0.697, "passed"), (0.696, "failed")]
)
def test_a_gap_to_either_side_beyond_both_standard_errors_fails_cr002(test, result):
    found = gap_within_noise(performance(test=test))
    assert found.result == result
    (difference,) = [number for number in found.numbers if number.name == "test less out of fold"]
    assert difference.value == pytest.approx(test - 0.78)
    assert difference.high - difference.value == pytest.approx(0.083155, abs=1e-6)
    assert not unrecorded(found)


@pytest.mark.parametrize(("test", "result"), [(0.57, "passed"), (0.56, "failed"), (0.3, "failed")])
def test_an_interval_that_reaches_a_half_fails_cr011(test, result):
    found = better_than_chance(performance(test=test))
    assert found.result == result
    assert not unrecorded(found)


@pytest.mark.parametrize(
    ("test", "out_of_fold", "result"), [(0.95, 0.95, "passed"), (0.96, 0.7, "failed"), (0.7, 0.96, "failed")]
)
def test_an_auc_above_the_limit_fails_cr012(test, out_of_fold, result):
    found = not_too_good(performance(test, out_of_fold), 0.95)
    assert found.result == result
    assert not unrecorded(found)


def test_features_above_the_limit_fail_cr013_and_are_named():
    ranked = pd.DataFrame({"feature": ["age", "status", "job"], "iv": [0.6, 0.7, 0.1], "n": 80})
    passed, failed = no_feature_tells_too_much(ranked, 0.7), no_feature_tells_too_much(ranked, 0.5)
    assert (passed.result, failed.result) == ("passed", "failed")
    assert passed.reason == "highest information value: status 0.700 (n = 80); to be looked at above 0.7"
    assert "age 0.600, status 0.700 (n = 80)" in failed.reason
    assert "job" not in failed.reason
    assert not unrecorded(failed)


@pytest.mark.parametrize(("out_of_fold", "result"), [(0.72, "passed"), (0.71, "failed"), (0.9, "passed")])
def test_losing_more_than_the_share_of_the_auc_fails_cr014(out_of_fold, result):
    found = little_overfitting(performance(out_of_fold=out_of_fold, in_sample=0.8), 0.1 + 1e-9)
    assert found.result == result
    assert value(found, "lost") == pytest.approx(1 - out_of_fold / 0.8)
    assert not unrecorded(found)


def test_z_is_that_of_a_hand_computation():
    # y - p = 0.8, -0.4; 1 - 2p = 0.6, 0.2: (0.48 - 0.08) / sqrt(0.36 * 0.16 + 0.04 * 0.24) = 0.4 / 0.259230
    assert spiegelhalter(np.array([1, 0]), np.array([0.2, 0.4])) == pytest.approx(1.543034, abs=1e-6)


def test_z_is_about_standard_normal_for_pds_that_are_right():
    found = [spiegelhalter(drawn(PDS, seed), PDS) for seed in range(500)]
    assert abs(np.mean(found)) < 0.15
    assert 0.9 < np.std(found) < 1.1


def test_right_pds_pass_in_both_samples():
    found = calibrated({"out of fold": (drawn(PDS), np.array([PDS, PDS])), "test": (drawn(PDS, 2), PDS[None])})
    assert found.result == "passed"
    assert value(found, "z, out of fold") == pytest.approx(spiegelhalter(drawn(PDS), PDS))
    assert [number.n for number in found.numbers][:4] == [600] * 4
    assert not unrecorded(found)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pds: pds + 0.08,  # too high on the whole
        lambda pds: pds - 0.02 - 0.08 * pds,  # too low
        lambda pds: np.where(pds > pds.mean(), 0.97, 0.03),  # too extreme, and right on the whole
        lambda pds: pds.mean() + 0.3 * (pds - pds.mean()),  # too near to the bad rate
    ],
)
@pytest.mark.parametrize("sample", ["out of fold", "test"])
def test_wrong_pds_in_either_sample_fail(wrong, sample):
    right = {"out of fold": (drawn(PDS), PDS[None]), "test": (drawn(PDS, 2), PDS[None])}
    found = calibrated(right | {sample: (right[sample][0], wrong(PDS)[None])})
    assert found.result == "failed"
    assert not unrecorded(found)


def test_pds_without_a_spread_to_judge_are_not_judged():
    bad = np.array([0, 1, 1, 0])
    found = calibrated({"test": (bad, np.array([[0.0, 1.0, 0.5, 0.5]]))})
    assert (found.result, found.reason[:4]) == ("not applicable", "test")


@pytest.mark.parametrize("check", [gap_within_noise, better_than_chance, lambda rows: not_too_good(rows, 0.9)])
def test_a_test_sample_of_one_kind_has_no_auc_and_its_checks_do_not_apply(check):
    found = check(performance(test=float("nan")))
    assert found.result == "not applicable"
    assert "AUC, test" in found.reason
    assert not found.numbers
