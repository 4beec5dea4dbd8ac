"""Checks of the PDs: they tell bads from goods, and are right as numbers."""

import numpy as np
import pandas as pd
import pytest

from credit.check.performance import better_than_chance, calibrated, little_gap, little_overfitting, not_too_good
from tests.credit.check.reasons import unrecorded, value

PDS = np.linspace(0.02, 0.9, 3000)


def drawn(pds: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(pds)) < pds).astype(int)


def performance(
    test: float = 0.79, out_of_fold: float = 0.78, in_sample: float = 0.82, reach: float = 0.06
) -> pd.DataFrame:
    """Give AUCs with a standard error of half their reach; another metric of the same samples stands before them."""
    auc = {"test": test, "out of fold": out_of_fold, "in-sample": in_sample}
    rows = [
        {"sample": sample, "metric": metric, "value": found, "low": found - reach, "high": found + reach}
        for metric, values in {"brier": dict.fromkeys(auc, 0.2), "auc": auc}.items()
        for sample, found in values.items()
    ]
    return pd.DataFrame(rows).assign(se=reach / 2, n=90)


# 1.959964 * sqrt(0.01^2 + 0.01^2) = 0.027718
@pytest.mark.parametrize(
    ("test", "result"),
    [(0.78, "passed"), (0.80, "passed"), (0.81, "not decided"), (0.86, "failed"), (0.76, "passed"), (0.70, "failed")],
)
def test_a_gap_to_either_side_surely_beyond_the_limit_fails_cr002(test, result):
    found = little_gap(performance(test=test, reach=0.02), 0.05)
    assert found.result == result
    (difference,) = [number for number in found.numbers if number.name == "test less out of fold"]
    assert difference.value == pytest.approx(test - 0.78)
    assert difference.high - difference.value == pytest.approx(0.027718, abs=1e-6)
    assert not unrecorded(found)


@pytest.mark.parametrize(("test", "result"), [(0.62, "passed"), (0.6, "not decided"), (0.48, "failed")])
def test_cr011_wants_an_auc_surely_above_that_of_chance(test, result):
    found = better_than_chance(performance(test=test), 0.55)
    assert found.result == result
    assert not unrecorded(found)


@pytest.mark.parametrize(
    ("test", "out_of_fold", "result"),
    [(0.88, 0.88, "passed"), (0.92, 0.7, "not decided"), (1.02, 0.7, "failed"), (0.7, 1.02, "failed")],
)
def test_an_auc_surely_above_the_limit_fails_cr012(test, out_of_fold, result):
    found = not_too_good(performance(test, out_of_fold), 0.95)
    assert found.result == result
    assert not unrecorded(found)


@pytest.mark.parametrize(("out_of_fold", "result"), [(0.79, "passed"), (0.72, "not decided"), (0.65, "failed")])
def test_surely_losing_more_than_the_share_of_the_auc_fails_cr014(out_of_fold, result):
    found = little_overfitting(performance(out_of_fold=out_of_fold, in_sample=0.8), 0.1)
    assert found.result == result
    assert value(found, "lost") == pytest.approx(1 - out_of_fold / 0.8)
    assert not unrecorded(found)


LIMITS = (0.1, 0.25)


def right() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {"out of fold": (drawn(PDS), np.array([PDS, PDS])), "test": (drawn(PDS, 2), PDS[None])}


def test_right_pds_pass_and_the_bads_over_those_expected_are_told():
    found = calibrated(right(), *LIMITS)
    assert found.result == "passed"
    assert value(found, "bads over those expected, test") == pytest.approx(drawn(PDS, 2).sum() / PDS.sum())
    bads = drawn(PDS).sum() + drawn(PDS, 2).sum()
    assert value(found, "bads over those expected, together") == pytest.approx(bads / (2 * PDS.sum()))
    assert not unrecorded(found)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pds: pds * 1.25,  # too high on the whole
        lambda pds: pds * 0.8,  # too low
        lambda pds: np.where(pds > pds.mean(), 0.97, 0.03),  # too extreme, and right on the whole
        lambda pds: pds.mean() + 0.3 * (pds - pds.mean()),  # too near to the bad rate
    ],
)
@pytest.mark.parametrize("sample", ["out of fold", "test"])
def test_wrong_pds_in_either_sample_fail(wrong, sample):
    samples = right()
    found = calibrated(samples | {sample: (samples[sample][0], np.minimum(wrong(PDS), 0.99)[None])}, *LIMITS)
    assert found.result == "failed"
    assert not unrecorded(found)


def test_of_few_applicants_calibration_is_not_decided():
    few = np.arange(0, 3000, 40)
    found = calibrated({name: (bad[few], pds[:, few]) for name, (bad, pds) in right().items()}, *LIMITS)
    assert found.result == "not decided"


@pytest.mark.parametrize(("pd_of_all", "result"), [(0.5, "not decided"), (0.9, "failed"), (0.2, "failed")])
def test_pds_that_are_all_equal_have_no_slope_and_fail_where_they_are_wrong(pd_of_all, result):
    bad = np.tile([0, 1], 500)
    found = calibrated({"test": (bad, np.full((1, 1000), pd_of_all))}, *LIMITS)
    assert found.result == result
    assert "slope 1" not in found.reason


@pytest.mark.parametrize(
    "check",
    [
        lambda rows: little_gap(rows, 0.05),
        lambda rows: better_than_chance(rows, 0.55),
        lambda rows: not_too_good(rows, 0.9),
    ],
)
def test_a_test_sample_of_one_kind_has_no_auc_and_its_checks_do_not_apply(check):
    found = check(performance(test=float("nan")))
    assert found.result == "not applicable"
    assert "AUC, test" in found.reason
    assert not found.numbers
