"""How far an estimate may be off: intervals of cross-validated means, of resampled metrics and of proportions."""

from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chndtrinc, ndtri, stdtrit

LEVEL = 0.95


class Estimate(NamedTuple):
    """A mean, a proportion, or a difference or ratio of two, with its 95 % interval.

    Attributes
    ----------
    se : standard error; NaN where the interval is not made from one, as for proportions.
    """

    mean: float
    se: float
    low: float
    high: float


UNKNOWN = Estimate(np.nan, np.nan, np.nan, np.nan)


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
    metrics : function of (bad, pds), those of the applicants drawn, to named numbers.
    bad : 1 for bad and 0 for good, shape (applicants,).
    pds : shape (applicants,), or (applicants, k) where the metrics take k PDs each.
    """
    generator = np.random.default_rng(seed)
    strata = [np.flatnonzero(bad == 0), np.flatnonzero(bad == 1)]
    drawn = (np.concatenate([generator.choice(rows, len(rows)) for rows in strata]) for _ in range(draws))
    samples = [metrics(bad[rows], pds[rows]) for rows in drawn]
    tails = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    estimates = {}
    for name, value in metrics(bad, pds).items():
        values = np.array([sample[name] for sample in samples])
        low, high = np.quantile(values, tails)
        estimates[name] = Estimate(float(value), float(np.std(values, ddof=1)), float(low), float(high))
    return estimates


def wald(mean: float, se: float) -> Estimate:
    """Give an estimate that is about normal its interval: mean ± z se, z being the normal quantile."""
    reach = float(ndtri((1 + LEVEL) / 2)) * se
    return Estimate(mean, se, mean - reach, mean + reach)


def wilson(count: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Give the Wilson score interval of a proportion such as a bad rate.

    With p = count / n and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    (Wilson 1927; recommended for small n by Brown, Cai and DasGupta 2001.)

    Parameters
    ----------
    count, n : array_like of one shape, 0 <= count <= n and n >= 1.

    Returns
    -------
    The lower and the upper ends, in [0, 1].

    >>> [round(float(end), 3) for end in wilson(3, 30)]
    [0.035, 0.256]
    """
    count, n = np.asarray(count, dtype="float64"), np.asarray(n, dtype="float64")
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = count / n
    centre = share + z**2 / (2 * n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = (centre - reach) / (1 + z**2 / n), (centre + reach) / (1 + z**2 / n)
    return np.where(count == 0, 0.0, low), np.where(count == n, 1.0, high)


def proportion(share: float, n: int) -> Estimate:
    """Give a proportion with its Wilson interval; NaN where n is 0.

    Parameters
    ----------
    share : in [0, 1]. It may be a mean of applicants' shares (an applicant rejected in one repeat of two counts
        half); the interval is then somewhat too wide, for such a mean varies less than one of yes and no.
    n : applicants.
    """
    if not n:
        return UNKNOWN
    low, high = wilson(share * n, n)
    return Estimate(float(share), np.nan, float(low), float(high))


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Give first - second, of different applicants, with the interval made from those of both.

    With d the difference: d - √((p₁-l₁)² + (u₂-p₂)²) to d + √((u₁-p₁)² + (p₂-l₂)²). Unlike a bootstrap it has a
    width where nobody or everybody is rejected. (Newcombe 1998, method 10, if both intervals are Wilson's.)
    """
    gap = first.mean - second.mean
    below = np.hypot(first.mean - first.low, second.high - second.mean)
    above = np.hypot(first.high - first.mean, second.mean - second.low)
    return Estimate(gap, np.nan, float(gap - below), float(gap + above))


def ratio(first: Estimate, second: Estimate) -> Estimate:
    """Give first / second, of different applicants, with the interval made from those of both.

    The ends are the ratios θ at which the interval of p₁ - θp₂, made as `difference` makes it, begins to leave out 0:
    roots of θ²u₂(2p₂-u₂) - 2θp₁p₂ + l₁(2p₁-l₁), and of the same with l₂ and u₁. NaN where the second is 0.
    (MOVER-R: Donner and Zou 2012, if both intervals are Wilson's.)
    """
    if not second.mean > 0:
        return UNKNOWN
    product = first.mean * second.mean
    low = first.low * (2 * first.mean - first.low)
    high = first.high * (2 * first.mean - first.high)
    widest = second.high * (2 * second.mean - second.high)
    narrowest = second.low * (2 * second.mean - second.low)
    # As 2c / (b + √...), not as (b - √...) / 2a: `widest` may be 0.
    lower = low / (product + np.sqrt(max(product**2 - low * widest, 0))) if low > 0 else 0.0
    upper = (product + np.sqrt(max(product**2 - high * narrowest, 0))) / narrowest
    return Estimate(first.mean / second.mean, np.nan, float(lower), float(upper))


def rank_auc(auc: float, goods: int, bads: int) -> Estimate:
    """Give an AUC with the interval that follows from it and from how many goods and bads there are.

    With Q1 = A / (2 - A) and Q2 = 2A² / (1 + A): the standard error is
    √((A(1 - A) + (bads - 1)(Q1 - A²) + (goods - 1)(Q2 - A²)) / (goods · bads)). (Hanley and McNeil 1982.)

    >>> round(rank_auc(0.8, 140, 60).se, 4)
    0.0368
    """
    alike, both = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (bads - 1) * (alike - auc**2) + (goods - 1) * (both - auc**2)
    return wald(auc, float(np.sqrt(spread / goods / bads)))


def divergence(value: float, bins: int, scale: float, level: float = LEVEL) -> tuple[float, float]:
    """Give the interval of the population stability index, or information value, that lies behind an observed one.

    What is observed of two samples of n and m rows is about 1/n + 1/m times a non-central chi-squared number with
    bins - 1 degrees of freedom, whose non-centrality is the true index over that scale. (Yurdakul 2018, for 0.) The
    ends are those of which the observed one is at a tail; the lower one is 0 where chance alone gives as much.

    Parameters
    ----------
    value : what was observed, with what chance adds to it.
    scale : 1/n + 1/m.
    """
    if bins < 2 or value <= 0:
        return 0.0, 0.0
    tails = (1 + level) / 2, (1 - level) / 2
    low, high = (float(chndtrinc(value / scale, bins - 1, share)) * scale for share in tails)
    return low, high
