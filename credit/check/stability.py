"""Checks of whether test applicants are like the training applicants: in the score, and in each feature."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from credit.check.psi import Stability, compare_levels, compare_numbers
from credit.check.record import Check, Effect, Number, decide, plain_numbers
from credit.core.intervals import LEVEL

MOST_THIN = 0.5  # share of the rows


def score_stable(training: np.ndarray, test: np.ndarray, limit: float) -> Check:
    """CR004: the PDs of the test applicants are spread like those of the training applicants.

    Parameters
    ----------
    training : PDs out of fold, each applicant once.
    test : PDs of the same models, so that only the applicants differ: each is of the model of one of the folds.
    """
    stability = compare_numbers(training, test)
    index = Number("PSI", stability.psi, *stability.interval(), n=stability.n)
    reason = (
        f"PSI {index}, against n = {stability.n_reference} training applicants, by the same models; limit {limit:g}"
    )
    numbers = [index, *plain_numbers({"training applicants": stability.n_reference, "limit": limit})]
    return decide("CR004", [size_of_move(stability, limit)], reason, numbers)


def features_stable(train: pd.DataFrame, test: pd.DataFrame, numeric: Collection[str], limit: float) -> Check:
    """CR005: every feature of the test applicants is spread like that of the training applicants.

    The share of false alarms is kept over all features together (Bonferroni).

    Parameters
    ----------
    train, test : the features, a row an applicant, the same columns.
    numeric : those that are compared in bins; the others are compared by level.
    """
    of_feature = {
        name: compare_numbers(train[name].to_numpy(), test[name].to_numpy())
        if name in numeric
        else compare_levels(train[name], test[name])
        for name in train.columns
    }
    level = 1 - (1 - LEVEL) / len(of_feature)
    effects = {name: size_of_move(stability, limit, level) for name, stability in of_feature.items()}
    numbers = {name: Number(name, each.psi, *each.interval(), n=each.n) for name, each in of_feature.items()}
    moved = [name for name, effect in effects.items() if effect.is_large]
    largest = max(numbers, key=lambda name: numbers[name].high)
    named = "; ".join(f"{name} {numbers[name]}" for name in moved or [largest])
    counts = {"training applicants": len(train), "limit": limit, "features": len(of_feature)}
    reason = (
        f"PSI of {len(of_feature)} features, test against {len(train)} training applicants; "
        f"{'moved' if moved else 'largest'}: {named}; limit {limit:g}"
    )
    return decide("CR005", list(effects.values()), reason, [*numbers.values(), *plain_numbers(counts)])


def size_of_move(stability: Stability, limit: float, level: float = LEVEL) -> Effect:
    """Give the size of a move: too large by an interval of that level, small by one of 95 %.

    Where most rows are in bins that were too thin to compare, how far they moved is not known.
    """
    return Effect(
        stability.interval(level)[0], np.inf if stability.thin > MOST_THIN else stability.interval()[1], limit
    )
