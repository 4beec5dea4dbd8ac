"""Intervals of proportions."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike


def wilson(count: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Give the Wilson score interval of a proportion such as a bad rate.

    With p = count / n and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    (Wilson 1927; recommended for small n by Brown, Cai and DasGupta 2001.)

    Parameters
    ----------
    count, n : array_like of one shape, 0 <= count <= n and n >= 1.

    Returns
    -------
    The lower and the upper ends, in [0, 1].
    """
    count, n = np.asarray(count, dtype="float64"), np.asarray(n, dtype="float64")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / n
    centre = share + z**2 / (2 * n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = (centre - reach) / (1 + z**2 / n), (centre + reach) / (1 + z**2 / n)
    return np.where(count == 0, 0.0, low), np.where(count == n, 1.0, high)
