"""Damage told from data by distance: how far numbers reach before a wide gap with few cells beyond it.

Everywhere, `values` maps each number to its cells, from the lowest number to the highest.
"""

import numpy as np
import pandas as pd

from ops.draft_dictionary.cells import MANY

FEW = 0.03  # of the present cells, which may be damage


def frequent(counts: pd.Series) -> pd.Series:
    """Leave out values of one or two cells, or of less than half a percent; in a small table, none."""
    cells = counts.sum()
    return counts[counts > max(2, cells / 200)] if cells >= MANY else counts


def widened(values: pd.Series, low: float, high: float, gap: float | None = None) -> tuple[float, float]:
    """Walk outwards from `low` to `high` until a wide gap with few cells beyond it.

    Without a `gap`, one is wide that is wider than all that was walked over.
    """
    high = _walked_up(values, low, high, gap)
    mirrored = pd.Series(values.to_numpy()[::-1], index=-values.index.to_numpy()[::-1])
    return -_walked_up(mirrored, -high, -low, gap), high


def _walked_up(values: pd.Series, low: float, high: float, gap: float | None) -> float:
    above = values.loc[high:]
    numbers, cells, total = above.index.to_numpy(dtype="float64"), above.to_numpy(), values.sum()
    beyond = cells[::-1].cumsum()[::-1][1:]
    wide = numbers[:-1] - low if gap is None else gap
    few = FEW * total if total >= MANY else 0
    stops = np.flatnonzero((np.diff(numbers) > wide) & (beyond <= few))
    return numbers[stops[0]] if len(stops) else numbers[-1]


def whole(values: pd.Series) -> bool:
    """Whether all numbers are whole, and none so large that neighbours cannot be told apart."""
    numbers = values.index.to_numpy(dtype="float64")
    return bool((numbers == numbers.round()).all() and (np.abs(numbers) < 2**53).all())
