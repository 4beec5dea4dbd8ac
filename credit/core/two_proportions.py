"""How two proportions of different applicants differ: their difference and their ratio, with intervals."""

from typing import NamedTuple

import numpy as np

from credit.core.wilson import wilson


class Interval(NamedTuple):
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def proportion(share: float, n: int) -> Interval:
    """Give a proportion with its Wilson interval; NaN where n is 0.

    Parameters
    ----------
    share : in [0, 1]. It may be a mean of applicants' shares (an applicant rejected in one repeat of two counts
        half); the interval is then somewhat too wide, for such a mean varies less than one of yes and no.
    n : applicants.
    """
    if not n:
        return Interval(np.nan, np.nan, np.nan)
    low, high = wilson(share * n, n)
    return Interval(float(share), float(low), float(high))


def difference(first: Interval, second: Interval) -> Interval:
    """Give first - second, of different applicants, with the interval made from those of both.

    With d the difference: d - √((p₁-l₁)² + (u₂-p₂)²) to d + √((u₁-p₁)² + (p₂-l₂)²). Unlike a bootstrap it has a
    width where nobody or everybody is rejected. (Newcombe 1998, method 10, if both intervals are Wilson's.)
    """
    value = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return Interval(value, float(value - below), float(value + above))


def ratio(first: Interval, second: Interval) -> Interval:
    """Give first / second, of different applicants, with the interval made from those of both.

    The ends are the ratios θ at which the interval of p₁ - θp₂, made as `difference` makes it, begins to leave out 0:
    roots of θ²u₂(2p₂-u₂) - 2θp₁p₂ + l₁(2p₁-l₁), and of the same with l₂ and u₁. NaN where the second is 0.
    (MOVER-R: Donner and Zou 2012, if both intervals are Wilson's.)
    """
    if not second.value > 0:
        return Interval(np.nan, np.nan, np.nan)
    product = first.value * second.value
    low = first.low * (2 * first.value - first.low)
    high = first.high * (2 * first.value - first.high)
    widest = second.high * (2 * second.value - second.high)
    narrowest = second.low * (2 * second.value - second.low)
    # As 2c / (b + √...), not as (b - √...) / 2a: `widest` may be 0.
    lower = low / (product + np.sqrt(max(product**2 - low * widest, 0))) if low > 0 else 0.0
    upper = (product + np.sqrt(max(product**2 - high * narrowest, 0))) / narrowest
    return Interval(first.value / second.value, float(lower), float(upper))
