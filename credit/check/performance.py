"""Checks of the PDs: they tell bads from goods, not by chance and not too well, and are right as numbers."""

from collections.abc import Mapping
from math import inf, isnan

import numpy as np
import pandas as pd

from credit.check.record import Check, Effect, Number, decide, estimated, plain_numbers, within
from credit.core.intervals import Estimate, wald
from credit.metrics.calibration import calibration_slope, expected_share

FEWEST_FOR_SLOPE = 50  # bads, and goods, of which a slope can be said to be off
FEWEST = 10  # bads, and goods, seen or expected, of which it can be said that they are too many


def little_gap(performance: pd.DataFrame, limit: float) -> Check:
    """CR002: the test AUC is within `limit` of that out of fold.

    The interval of their difference is from the standard errors of both: test and training applicants are different
    people, so the squares add.

    Parameters
    ----------
    performance : a row a sample and metric; columns sample, metric, value, se, low, high and n.
    """
    test, out_of_fold = (_auc(performance, sample) for sample in ("test", "out of fold"))
    se = float(np.hypot(*(_row(performance, sample)["se"] for sample in ("test", "out of fold"))))
    gap = wald(test.value - out_of_fold.value, se)
    difference = estimated("test less out of fold", gap)
    reason = f"AUC on test {test}; out of fold {out_of_fold}; difference {difference}, limit {limit:g}"
    return decide("CR002", [within(gap, limit)], reason, [test, out_of_fold, difference, Number("limit", limit)])


def better_than_chance(performance: pd.DataFrame, limit: float) -> Check:
    """CR011: the test AUC is above `limit`, which is more than the half that chance gives."""
    test = _auc(performance, "test")
    reason = f"AUC on test {test}; at least {limit:g}, chance is 0.5"
    numbers = [test, *plain_numbers({"limit": limit, "chance": 0.5})]
    return decide("CR011", [Effect(-test.high, -test.low, -limit)], reason, numbers)


def not_too_good(performance: pd.DataFrame, limit: float) -> Check:
    """CR012: neither the test AUC nor that out of fold is above `limit`; what is, has often seen the outcome."""
    estimates = [_auc(performance, sample) for sample in ("test", "out of fold")]
    reason = f"AUC on test {estimates[0]}; out of fold {estimates[1]}; suspicious above {limit:g}"
    effects = [Effect(estimate.low, estimate.high, limit) for estimate in estimates]
    return decide("CR012", effects, reason, [*estimates, Number("limit", limit)])


def little_overfitting(performance: pd.DataFrame, limit: float) -> Check:
    """CR014: out of fold, at most the share `limit` of the in-sample AUC is lost; the interval is that out of fold."""
    in_sample, out_of_fold = (_auc(performance, sample) for sample in ("in-sample", "out of fold"))
    lost = Number(
        "lost", *(1 - end / in_sample.value for end in (out_of_fold.value, out_of_fold.high, out_of_fold.low))
    )
    reason = f"in-sample AUC {in_sample}; out of fold {out_of_fold}; a share of {lost} is lost, limit {limit:g}"
    numbers = [in_sample, out_of_fold, lost, Number("limit", limit)]
    return decide("CR014", [Effect(lost.low, lost.high, limit)], reason, numbers)


def calibrated(samples: Mapping[str, tuple[np.ndarray, np.ndarray]], limit: float, slope_limit: float) -> Check:
    """CR003: bads are as many as the PDs say, within the share `limit`, and the calibration slope is near 1.

    Passed by all applicants together, who were all held out; failed by any of the samples, so that a fault of the final
    model is not hidden by those of the folds. Of a sample with hardly any bads, or goods, seen or expected nothing is
    known: intervals of so few are too short.

    Parameters
    ----------
    samples : name -> outcomes, shape (applicants,), and PDs, one row a repeat of the cross-validation (one row where
        there is none), shape (repeats, applicants).
    slope_limit : by which the slope of log-odds(bad) on log-odds(PD) may be off 1; below 1 PDs are too extreme. Where
        there is none, of PDs that are all equal or of few bads or goods, it is not known.
    """
    effects, numbers, words = [], [], []
    for name, (bad, pds) in {**samples, "together": _together(samples)}.items():
        share, slope = expected_share(bad, pds), calibration_slope(bad, pds)
        numbers.append(estimated(f"bads over those expected, {name}", share, len(bad)))
        words.append(f"{name} {numbers[-1]}")
        of_sample = [Effect(-inf, inf, limit) if _few(bad, pds) else within(_less_one(share), limit)]
        if isnan(slope.mean) or min(bad.sum(), (1 - bad).sum()) < FEWEST_FOR_SLOPE:
            of_sample.append(Effect(-inf, inf, slope_limit))
        else:
            numbers.append(estimated(f"slope, {name}", slope))
            words[-1] += f", slope {numbers[-1]}"
            of_sample.append(within(_less_one(slope), slope_limit))
        effects += of_sample if name == "together" else [effect._replace(high=effect.low) for effect in of_sample]
    limits = f"limits: {limit:g} and, of the slope, {slope_limit:g} from 1"
    numbers += plain_numbers({"limit": limit, "limit of the slope": slope_limit, "right": 1})
    return decide("CR003", effects, f"bads over those expected: {'; '.join(words)}; {limits}", numbers)


def _few(bad: np.ndarray, pds: np.ndarray) -> bool:
    seen, expected = bad.sum(), pds.mean(axis=0).sum()
    return min(max(seen, expected), len(bad) - min(seen, expected)) < FEWEST


def _less_one(estimate: Estimate) -> Estimate:
    return estimate._replace(mean=estimate.mean - 1, low=estimate.low - 1, high=estimate.high - 1)


def _together(samples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Put samples side by side; PDs of one row stand in every repeat."""
    repeats = max(len(pds) for _, pds in samples.values())
    bads, pds = zip(*samples.values(), strict=True)
    return np.concatenate(bads), np.concatenate([np.resize(each, (repeats, each.shape[1])) for each in pds], axis=1)


def _row(performance: pd.DataFrame, sample: str) -> pd.Series:
    return performance[(performance["sample"] == sample) & (performance["metric"] == "auc")].iloc[0]


def _auc(performance: pd.DataFrame, sample: str) -> Number:
    row = _row(performance, sample)
    return Number(f"AUC, {sample}", *(float(row[name]) for name in ("value", "low", "high")), n=int(row["n"]))
