"""How strongly columns go together: Spearman's rank correlation and Cramer's V."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from credit.core.levels import Levelled

_PAIRS = ["a", "b", "value", "n"]


def spearman(ranks: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of every pair of columns, over the rows where both are known.

    Parameters
    ----------
    ranks : numbers, or positions in an order; NaN where not known.

    Returns
    -------
    Columns a, b, value in [-1, 1] (NaN where a column does not vary), n.
    """
    values = ranks.corr("spearman").to_numpy()
    observed = ranks.notna().to_numpy(dtype="float64")
    counts = (observed.T @ observed).astype("int64")
    pairs = combinations(range(ranks.shape[1]), 2)
    rows = [(ranks.columns[a], ranks.columns[b], values[a, b], counts[a, b]) for a, b in pairs]
    return pd.DataFrame(rows, columns=_PAIRS)


def cramers_v(levelled: Mapping[str, Levelled]) -> pd.DataFrame:
    """Bias-corrected Cramer's V of every pair of columns; missing values count as a level.

    Returns
    -------
    Columns a, b, value in [0, 1] (NaN where a column does not vary), n.
    """
    return pd.DataFrame(
        [
            (a, b, bias_corrected_v(_cross_table(levelled[a], levelled[b])), len(levelled[a].position))
            for a, b in combinations(levelled, 2)
        ],
        columns=_PAIRS,
    )


def bias_corrected_v(counts: np.ndarray) -> float:
    """Cramer's V with the correction of Bergsma (2013), about 0 for independent columns of any size.

    phi² = max(0, chi²/n - (r-1)(c-1)/(n-1)); r' = r - (r-1)²/(n-1), c' likewise; V = √(phi² / min(r'-1, c'-1)).

    Parameters
    ----------
    counts : of the pairs of levels, shape (rows, columns); empty rows and columns are left out.
    """
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    n = counts.sum()
    rows, columns = counts.shape
    if min(rows, columns) < 2:
        return np.nan
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    chi2 = ((counts - expected) ** 2 / expected).sum()
    phi2 = max(0.0, chi2 / n - (rows - 1) * (columns - 1) / (n - 1))
    narrower = min(size - (size - 1) ** 2 / (n - 1) for size in (rows, columns)) - 1
    return float(min(np.sqrt(phi2 / narrower), 1.0)) if narrower > 0 else np.nan


def _cross_table(a: Levelled, b: Levelled) -> np.ndarray:
    shape = len(a.names), len(b.names)
    return np.bincount(a.position * shape[1] + b.position, minlength=shape[0] * shape[1]).reshape(shape)
