"""Checks of the PDs: they tell bads from goods, not by chance and not too well, and are right as numbers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from credit.check.record import QUANTILE, Check, Number, estimated, judge, not_applicable, plain_numbers
from credit.core.intervals import wald
from credit.core.wording import decimal_text
from credit.metrics.calibration import calibration_in_the_large


def gap_within_noise(performance: pd.DataFrame) -> Check:
    """CR002: the test AUC is one that the out-of-fold AUC lets expect.

    The interval of their difference, from the standard errors of both (test and training applicants are
    different people, so the squares add), holds 0.

    Parameters
    ----------
    performance : a row a sample and metric; columns sample, metric, value, se, low, high and n.
    """
    test, out_of_fold = (_auc(performance, sample) for sample in ("test", "out of fold"))
    se = float(np.hypot(*(_row(performance, sample)["se"] for sample in ("test", "out of fold"))))
    difference = estimated("test less out of fold", wald(test.value - out_of_fold.value, se))
    reason = f"AUC on test {test}; out of fold {out_of_fold}; difference {difference}"
    return judge("CR002", difference.low <= 0 <= difference.high, reason, [test, out_of_fold, difference])


def better_than_chance(performance: pd.DataFrame) -> Check:
    """CR011: the interval of the test AUC lies above a half."""
    test, chance = _auc(performance, "test"), Number("chance", 0.5)
    reason = f"AUC on test {test}; chance is {chance.value:g}"
    return judge("CR011", test.low > chance.value, reason, [test, chance])


def not_too_good(performance: pd.DataFrame, limit: float) -> Check:
    """CR012: neither the test AUC nor that out of fold is above `limit`; what is, has often seen the outcome."""
    estimates = [_auc(performance, sample) for sample in ("test", "out of fold")]
    reason = f"AUC on test {estimates[0]}; out of fold {estimates[1]}; suspicious above {limit:g}"
    passed = all(estimate.value <= limit for estimate in estimates)
    return judge("CR012", passed, reason, [*estimates, Number("limit", limit)])


def no_feature_tells_too_much(ranked: pd.DataFrame, limit: float) -> Check:
    """CR013: no feature's information value on the training applicants is above `limit`.

    One above may tell what was known only after the decision, and is to be looked at. `ranked` has a row a feature:
    feature, iv and n.
    """
    above, strongest = ranked[ranked["iv"] > limit], ranked.loc[[ranked["iv"].idxmax()]]
    named = strongest if above.empty else above
    numbers = [Number(row.feature, row.iv, n=int(row.n)) for row in named.itertuples()]
    values = ", ".join(f"{number.name} {number.value:.3f}" for number in numbers)
    n = int(strongest["n"].iloc[0])
    reason = f"highest information value: {values} (n = {n}); to be looked at above {limit:g}"
    return judge("CR013", above.empty, reason, [*numbers, Number("limit", limit)])


def little_overfitting(performance: pd.DataFrame, limit: float) -> Check:
    """CR014: out of fold, at most the share `limit` of the in-sample AUC is lost."""
    in_sample, out_of_fold = (_auc(performance, sample) for sample in ("in-sample", "out of fold"))
    lost = 1 - out_of_fold.value / in_sample.value
    reason = f"in-sample AUC {in_sample}; out of fold {out_of_fold}; a share of {lost:.3f} is lost, limit {limit:g}"
    numbers = [in_sample, out_of_fold, *plain_numbers({"lost": lost, "limit": limit})]
    return judge("CR014", lost <= limit, reason, numbers)


def _row(performance: pd.DataFrame, sample: str) -> pd.Series:
    return performance[(performance["sample"] == sample) & (performance["metric"] == "auc")].iloc[0]


def _auc(performance: pd.DataFrame, sample: str) -> Number:
    row = _row(performance, sample)
    return Number(f"AUC, {sample}", *(float(row[name]) for name in ("value", "low", "high")), n=int(row["n"]))


def calibrated(samples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Check:
    """CR003: in every sample the interval of mean PD less bad rate holds 0, and Spiegelhalter's z is near it too.

    Each of the intervals is at 95 %: with two samples, PDs that are right fail somewhere about once in six times.

    Parameters
    ----------
    samples : name -> outcomes, shape (applicants,), and PDs, one row a repeat of the cross-validation (one row where
        there is none), shape (repeats, applicants). z is the mean over the repeats, which varies less than any of
        them, so the check is rather too lenient there.
    """
    numbers, results, passed = [], [], True
    for sample, (bad, pds) in samples.items():
        z = float(np.mean([spiegelhalter(bad, of_repeat) for of_repeat in pds]))
        if np.isnan(z):
            return not_applicable("CR003", f"{sample}: PDs are 0, a half or 1 only, so there is no spread to judge")
        difference = estimated(f"mean PD less bad rate, {sample}", calibration_in_the_large(bad, pds), len(bad))
        numbers += [difference, Number(f"z, {sample}", z, n=len(bad))]
        results.append(f"{sample}: mean PD less bad rate {difference}, Spiegelhalter's z {decimal_text(z, 2)}")
        passed &= difference.low <= 0 <= difference.high and abs(z) <= QUANTILE
    reason = f"{'; '.join(results)} (z within {QUANTILE:.2f} of 0)"
    return judge("CR003", passed, reason, [*numbers, Number("limit of z", QUANTILE)])


def spiegelhalter(bad: np.ndarray, pds: np.ndarray) -> float:
    """Spiegelhalter's z: about standard normal if the PDs are right, whatever their spread; it needs no bins.

    sum((y - p)(1 - 2p)) / sqrt(sum((1 - 2p)^2 p (1 - p))); positive where PDs are too extreme. NaN where every PD is
    0, a half or 1. (Spiegelhalter 1986. Hosmer and Lemeshow's test is not used: its verdict hangs on its bins.)

    Parameters
    ----------
    bad, pds : 1 for bad and 0 for good, and the probability of it, both of shape (applicants,).
    """
    weights = 1 - 2 * pds
    variance = np.sum(weights**2 * pds * (1 - pds))
    return float(np.sum((bad - pds) * weights) / np.sqrt(variance)) if variance > 0 else float("nan")
