"""How far an estimate may be off: intervals for cross-validated means, differences and resampled metrics."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95


class Estimate(NamedTuple):
    """A mean with its standard error and interval."""

    mean: float
    se: float
    low: float
    high: float


def cross_validated(scores: np.ndarray, held_out_share: float) -> Estimate:
    """Mean of scores, or of paired differences, over the folds of a repeated cross-validation.

    The folds share rows, so the variance is corrected: (1/J + held out / fitted) times the sample variance, and
    Student's t with J - 1 degrees of freedom. (Nadeau and Bengio 2003; Bouckaert and Frank 2004.)

    Parameters
    ----------
    scores : one a fold, shape (J,), J >= 2.
    held_out_share : rows held out over all rows in one fold, in (0, 1).
    """
    count = len(scores)
    mean = float(np.mean(scores))
    se = float(np.sqrt((1 / count + held_out_share / (1 - held_out_share)) * np.var(scores, ddof=1)))
    reach = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * se
    return Estimate(mean, se, mean - reach, mean + reach)


def bootstrap(
    metrics: Callable[[np.ndarray, np.ndarray], Mapping[str, float]],
    bad: np.ndarray,
    pds: np.ndarray,
    *,
    draws: int,
    seed: int,
) -> dict[str, Estimate]:
    """Percentile bootstrap intervals of metrics, drawing applicants within goods and within bads.

    Parameters
    ----------
    metrics : function of (bad, pd), both (applicants,), to named numbers.
    bad : 1 for bad and 0 for good, shape (applicants,).
    pds : one row of PDs a repeat of the cross-validation (one row where there is none), shape
        (repeats, applicants); a metric is its mean over the repeats.
    """

    def averaged(rows: np.ndarray) -> dict[str, float]:
        repeats = [metrics(bad[rows], pds[rows]) for pds in pds]
        return {name: float(np.mean([repeat[name] for repeat in repeats])) for name in repeats[0]}

    generator = np.random.default_rng(seed)
    kinds = [np.flatnonzero(bad == 0), np.flatnonzero(bad == 1)]
    samples = [averaged(np.concatenate([generator.choice(kind, len(kind)) for kind in kinds])) for _ in range(draws)]
    tails = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    estimates = {}
    for name, value in averaged(np.arange(len(bad))).items():
        drawn = np.array([sample[name] for sample in samples])
        low, high = np.quantile(drawn, tails)
        estimates[name] = Estimate(value, float(np.std(drawn, ddof=1)), float(low), float(high))
    return estimates
