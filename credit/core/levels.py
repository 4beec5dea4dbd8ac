"""Levels of a column: its codes, or quantile bins of a number. Missing values are a level of their own."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from credit.core.column import Column
from credit.core.wording import number_text

BINS = 10
MISSING = "missing"


class Levelled(NamedTuple):
    """A column as levels.

    Attributes
    ----------
    position : of each row's level in `names`, shape (rows,).
    names : codes as text; the last is `missing`.
    labels : what people call them, as many as `names`.
    """

    position: np.ndarray
    names: tuple[str, ...]
    labels: tuple[str, ...]


def levels_of(values: pd.Series, column: Column, bins: int = BINS) -> Levelled:
    """Divide a column's values into levels; the target plays no part.

    Parameters
    ----------
    values : as prepared, shape (rows,).
    bins : at most so many quantile bins of a numeric column, each closed below and open above.
    """
    if column.role == "numeric":
        return _binned(values, column.unit, bins)
    codes = list(column.codes) if column.codes else sorted(values.dropna().unique())
    position = pd.Categorical(values, categories=codes).codes.astype("int64")
    names = (*map(str, codes), MISSING)
    labels = (*(column.codes or {}).values(), MISSING) if column.codes else names
    return Levelled(np.where(position < 0, len(codes), position), names, labels)


def inner_edges(values: pd.Series, bins: int) -> np.ndarray:
    """Observed values that cut a numeric column into at most `bins` parts of about equal size, ascending.

    Where that many applicants share the lowest value (no late payment, say), they are a part of their own.
    """
    observed = np.sort(values.dropna().to_numpy())
    if not len(observed):
        return np.array([])
    quantiles = np.quantile(observed, np.arange(1, bins) / bins, method="higher")
    above = observed[observed > observed[0]]
    heaped = above[:1] if quantiles[0] == observed[0] else above[:0]
    return np.unique([*quantiles[quantiles > observed[0]], *heaped])


def _binned(values: pd.Series, unit: str, bins: int) -> Levelled:
    edges = inner_edges(values, bins)
    position = np.searchsorted(edges, values.to_numpy(dtype="float64"), side="right")
    position[values.isna().to_numpy()] = len(edges) + 1
    labels = (*_bin_labels(edges, unit), MISSING)
    return Levelled(position, labels, labels)


def _bin_labels(edges: np.ndarray, unit: str) -> list[str]:
    texts = [number_text(edge) for edge in edges]
    if not texts:
        return ["any value"]
    between = [f"{lower} to < {upper}" for lower, upper in pairwise(texts)]
    return [f"{text} {unit}".rstrip() for text in (f"< {texts[0]}", *between, f">= {texts[-1]}")]
