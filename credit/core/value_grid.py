"""The values of an attribute that training applicants have: those worth trying, and their order."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from credit.core.column import Column


def value_grid(values: pd.Series, column: Column, most: int = 20) -> list:
    """Pick values of a column that were seen, in their order, at most `most` of them.

    Numbers: the distinct values at evenly spaced quantiles, the smallest and the largest among them. Codes: those
    seen, in the dictionary's order. Text without codes: the most frequent.

    Parameters
    ----------
    values : of the training applicants; missing ones are left out.
    """
    seen = values.dropna()
    if column.role == "numeric":
        levels = [step / (most - 1) for step in range(most)]
        return sorted(set(seen.quantile(levels, interpolation="nearest").dropna()))
    distinct = set(seen)
    if column.codes:
        return [code for code in column.codes if code in distinct]
    counts = seen.value_counts().rename_axis("level").reset_index()
    return list(counts.sort_values(["count", "level"], ascending=[False, True])["level"][:most])


def places_of(values: Sequence | pd.Series, column: Column) -> np.ndarray:
    """Give numbers as they are, and codes as their places in the dictionary's order; NaN for what has none."""
    if column.role == "numeric":
        return np.asarray(values, dtype="float64")
    order = {code: place for place, code in enumerate(column.codes or ())}
    return np.array([order.get(value, np.nan) for value in values], dtype="float64")
