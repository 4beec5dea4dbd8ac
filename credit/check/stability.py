"""Checks of whether test applicants are like the training applicants: in the score, and in each feature.

A population stability index is too large if it is above the limit and above what chance alone gives.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from credit.check.psi import CHANCE, Stability, compare_levels, compare_numbers
from credit.check.record import Check, Number, judge, plain_numbers


def score_stable(out_of_fold: np.ndarray, test: np.ndarray, limit: float) -> Check:
    """CR004: PDs of the test applicants are spread like those of the training applicants out of fold, each one once."""
    stability = compare_numbers(out_of_fold, test)
    numbers = [Number("PSI", stability.psi, n=stability.n)]
    numbers += plain_numbers(
        {"by chance": stability.by_chance, "out-of-fold applicants": stability.n_reference, "limit": limit}
    )
    reason = (
        f"PSI {stability.psi:.3f} of {stability.n} test applicants against {stability.n_reference} out of fold; "
        f"chance alone gives up to {stability.by_chance:.3f}; limit {limit:g}"
    )
    return judge("CR004", not _shifted(stability, limit), reason, numbers)


def features_stable(train: pd.DataFrame, test: pd.DataFrame, numeric: Collection[str], limit: float) -> Check:
    """CR005: every feature of the test applicants is spread like that of the training applicants.

    The share of false alarms is kept over all features together (Bonferroni).

    Parameters
    ----------
    train, test : the features, a row an applicant, the same columns.
    numeric : those that are compared in bins; the others are compared by level.
    """
    chance = 1 - (1 - CHANCE) / len(train.columns)
    of_feature = {
        name: compare_numbers(train[name].to_numpy(), test[name].to_numpy(), chance=chance)
        if name in numeric
        else compare_levels(train[name], test[name], chance=chance)
        for name in train.columns
    }
    shifted = [name for name, stability in of_feature.items() if _shifted(stability, limit)]
    largest = max(of_feature, key=lambda name: of_feature[name].psi)
    by_chance = of_feature[largest].by_chance
    named = ", ".join(f"{name} {of_feature[name].psi:.3f}" for name in shifted or [largest])
    numbers = [Number(name, stability.psi, n=stability.n) for name, stability in of_feature.items()]
    counts = {"training applicants": len(train), "limit": limit, "features": len(of_feature)}
    reason = (
        f"largest PSI of {len(of_feature)} features: {named}; {len(test)} test against {len(train)} training "
        f"applicants; chance alone gives {largest} up to {by_chance:.3f}; limit {limit:g}"
    )
    numbers += plain_numbers({**counts, f"by chance, {largest}": by_chance})
    return judge("CR005", not shifted, reason, numbers)


def _shifted(stability: Stability, limit: float) -> bool:
    return stability.psi > max(limit, stability.by_chance)
