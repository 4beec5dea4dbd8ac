"""Population stability: how far one sample's distribution is from another's, and how far chance alone takes it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from credit.core.intervals import LEVEL, divergence

LEAST_EXPECTED = 5  # rows, below which a bin's part of the index is no longer about a squared normal number


class Stability(NamedTuple):
    """A population stability index (PSI) with its sample sizes.

    Attributes
    ----------
    psi : of the samples; 0 where both are spread alike over the bins, without an upper limit.
    bins : in which at least one of the samples stands.
    n_reference, n : rows of the reference and of the other sample.
    thin : share of all rows whose bins were too thin and made one.
    """

    psi: float
    bins: int
    n_reference: int
    n: int
    thin: float = 0.0

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Give the ends of the interval of the populations' index: what chance adds to that of samples is taken off."""
        return divergence(self.psi, self.bins, 1 / self.n_reference + 1 / self.n, level)


def psi(reference: np.ndarray, other: np.ndarray) -> float:
    """Population stability index of two samples: the sum over bins of (q - p) ln(q / p), at least 0.

    p and q are the samples' shares of a bin. A bin in which one of the samples is absent gets half a row more in both,
    before the shares are taken, so that the index is finite and large for samples that do not overlap; a bin in which
    both are absent does not count. (Siddiqi, Credit Risk Scorecards, 2006, ch. 12; it is Jeffreys' divergence, 1946.)

    Parameters
    ----------
    reference, other : rows in each bin, both of shape (bins,), neither without rows.
    """
    reference, other = np.asarray(reference, dtype="float64"), np.asarray(other, dtype="float64")
    one_sided = np.where((reference == 0) != (other == 0), 0.5, 0.0)
    either = (reference > 0) | (other > 0)
    p, q = ((counts + one_sided)[either] for counts in (reference, other))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def compare_numbers(reference: np.ndarray, other: np.ndarray, *, bins: int = 10) -> Stability:
    """Compare samples of a number, such as PDs, in bins of about equal numbers of the reference's rows.

    Of few rows there are fewer bins. Equal values share a bin; a value so frequent that it would fill a bin has one of
    its own; so have missing values.
    """
    bins = max(min(bins, min(len(reference), len(other)) // LEAST_EXPECTED - 1), 2)
    limits = _limits(reference[~np.isnan(reference)], bins)
    positions = [np.where(np.isnan(x), len(limits) + 1, np.searchsorted(limits, x)) for x in (reference, other)]
    return compare_counts(*(np.bincount(position, minlength=len(limits) + 2) for position in positions))


def compare_levels(reference: pd.Series, other: pd.Series) -> Stability:
    """Compare samples of codes or words: a bin a level that either has; missing values are a level of their own."""
    counts = [values.value_counts(dropna=False) for values in (reference, other)]
    aligned = pd.concat(counts, axis=1).fillna(0)
    return compare_counts(aligned.iloc[:, 0].to_numpy(), aligned.iloc[:, 1].to_numpy())


def _limits(values: np.ndarray, bins: int) -> np.ndarray:
    """Give the upper ends of all bins but the last, which has none; a bin holds its upper end."""
    if len(values) == 0:
        return np.array([])
    # Ranks in whole numbers: of 100 values, 0.3 * 100 is a little more than 30 in floats.
    ranks = -(-np.arange(bins + 1) * len(values) // bins)
    quantiles = np.sort(values)[np.maximum(ranks - 1, 0)]
    distinct, times = np.unique(quantiles, return_counts=True)
    frequent = distinct[times > 1]
    return np.unique(np.concatenate([quantiles[1:-1], frequent, np.nextafter(frequent, -np.inf)]))


def compare_counts(reference: np.ndarray, other: np.ndarray) -> Stability:
    """Compare samples by their rows in each bin; thin bins are one, for of them chance makes an index of its own.

    Thin is a bin in which either sample would have fewer than `LEAST_EXPECTED` rows if both were spread alike.
    """
    reference, other = np.asarray(reference), np.asarray(other)
    sizes = int(reference.sum()), int(other.sum())
    thin = (reference + other) * min(sizes) / sum(sizes) < LEAST_EXPECTED
    counts = [np.append(rows[~thin], rows[thin].sum()) for rows in (reference, other)]
    bins = int(np.sum((counts[0] > 0) | (counts[1] > 0)))
    return Stability(psi(*counts), bins, *sizes, float((reference + other)[thin].sum() / sum(sizes)))
