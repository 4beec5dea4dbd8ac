"""Checks of how well the score tells bads from goods: neither like chance nor better than can be."""

import numpy as np
import pandas as pd

from credit.check.record import QUANTILE, Check, Number, judge


def gap_within_noise(performance: pd.DataFrame) -> Check:
    """CR002: the test AUC is one that the out-of-fold AUC lets expect.

    The interval of their difference, from the standard errors of both (test and training applicants are
    different people, so the squares add), holds 0.

    Parameters
    ----------
    performance : a row a sample and metric; columns sample, metric, value, se, low, high and n.
    """
    test, out_of_fold = (_auc(performance, sample) for sample in ("test", "out of fold"))
    reach = QUANTILE * np.hypot(*(_row(performance, sample)["se"] for sample in ("test", "out of fold")))
    gap = test.value - out_of_fold.value
    difference = Number("test less out of fold", gap, float(gap - reach), float(gap + reach))
    reason = f"AUC on test {test}; out of fold {out_of_fold}; difference {difference}"
    return judge("CR002", abs(gap) <= reach, reason, [test, out_of_fold, difference])


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

    One above may tell what was known only after the decision, and is to be looked at.

    Parameters
    ----------
    ranked : a row a feature; columns feature, iv and n.
    """
    strongest = ranked.loc[ranked["iv"].idxmax()]
    above = ranked[ranked["iv"] > limit]
    named = above if len(above) else ranked.loc[[ranked["iv"].idxmax()]]
    numbers = [Number(row.feature, row.iv, n=int(row.n)) for row in named.itertuples()]
    told = ", ".join(f"{number.name} {number.value:.3f}" for number in numbers)
    reason = f"highest information value: {told} (n = {int(strongest['n'])}); to be looked at above {limit:g}"
    return judge("CR013", len(above) == 0, reason, [*numbers, Number("limit", limit)])


def little_overfitting(performance: pd.DataFrame, limit: float) -> Check:
    """CR014: out of fold, at most the share `limit` of the AUC on the fitted applicants themselves is lost."""
    fitted, out_of_fold = (_auc(performance, sample) for sample in ("in-sample", "out of fold"))
    lost = 1 - out_of_fold.value / fitted.value
    reason = (
        f"AUC on the fitted applicants {fitted}; out of fold {out_of_fold}; a share of {lost:.3f} is lost, "
        f"limit {limit:g}"
    )
    return judge("CR014", lost <= limit, reason, [fitted, out_of_fold, Number("lost", lost), Number("limit", limit)])


def _row(performance: pd.DataFrame, sample: str) -> pd.Series:
    return performance[(performance["sample"] == sample) & (performance["metric"] == "auc")].iloc[0]


def _auc(performance: pd.DataFrame, sample: str) -> Number:
    row = _row(performance, sample)
    return Number(f"AUC, {sample}", *(float(row[name]) for name in ("value", "low", "high")), n=int(row["n"]))
