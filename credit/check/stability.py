"""Checks of whether test applicants are like the training applicants: in the score, and in each feature.

A population stability index is too large if it is above the limit and above what chance alone gives.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from credit.check.psi import CHANCE, Stability, compare_levels, compare_numbers
from credit.check.record import Check, Number, judge


def score_stable(out_of_fold: np.ndarray, test: np.ndarray, limit: float) -> Check:
    """CR004: PDs of the test applicants are spread like those of the training applicants out of fold.

    Parameters
    ----------
    out_of_fold, test : PDs, each applicant once.
    """
    found = compare_numbers(out_of_fold, test)
    numbers = [
        Number("PSI", found.psi, n=found.n),
        Number("by chance", found.by_chance),
        Number("out-of-fold applicants", found.n_reference),
        Number("limit", limit),
    ]
    reason = (
        f"PSI {found.psi:.3f} of {found.n} test applicants against {found.n_reference} out of fold; "
        f"chance alone gives up to {found.by_chance:.3f}; limit {limit:g}"
    )
    return judge("CR004", not _shifted(found, limit), reason, numbers)


def features_stable(train: pd.DataFrame, test: pd.DataFrame, numeric: Collection[str], limit: float) -> Check:
    """CR005: every feature of the test applicants is spread like that of the training applicants.

    The share of false alarms is kept over all features together (Bonferroni).

    Parameters
    ----------
    train, test : the features, a row an applicant, the same columns.
    numeric : those that are compared in bins; the others are compared by level.
    """
    chance = 1 - (1 - CHANCE) / len(train.columns)
    found = {
        name: compare_numbers(train[name].to_numpy(), test[name].to_numpy(), chance=chance)
        if name in numeric
        else compare_levels(train[name], test[name], chance=chance)
        for name in train.columns
    }
    shifted = [name for name, stability in found.items() if _shifted(stability, limit)]
    largest = max(found, key=lambda name: found[name].psi)
    told = ", ".join(f"{name} {found[name].psi:.3f}" for name in shifted or [largest])
    sizes = f"{len(test)} test against {len(train)} training applicants"
    numbers = [Number(name, stability.psi, n=stability.n) for name, stability in found.items()]
    numbers += [Number("training applicants", len(train)), Number("limit", limit)]
    numbers += [Number("features", len(found)), Number(f"by chance, {largest}", found[largest].by_chance)]
    reason = (
        f"largest PSI of {len(found)} features: {told}; {sizes}; chance alone gives {largest} up to "
        f"{found[largest].by_chance:.3f}; limit {limit:g}"
    )
    return judge("CR005", not shifted, reason, numbers)


def _shifted(found: Stability, limit: float) -> bool:
    return found.psi > max(limit, found.by_chance)
