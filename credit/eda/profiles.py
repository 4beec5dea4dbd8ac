"""What a look at the applicants shows: profiles of numbers, missing values, bad rates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from credit.core.intervals import wilson
from credit.core.levels import Levelled
from credit.core.wording import and_more, shortened
from credit.features.plan import Caps

HISTOGRAM_BINS = 30
BEYOND_SHOWN = 300
LEVELS_NAMED = 30
_RATES = ["column", "level", "label", "n", "bad", "bad_rate", "low", "high"]


def numeric_profile(numbers: pd.DataFrame, caps: Mapping[str, Caps]) -> pd.DataFrame:
    """Describe numeric columns, one record each, in the column's unit.

    Parameters
    ----------
    numbers : one row an applicant, numeric columns only.
    caps : limits of the columns by name; a column may be without.

    Returns
    -------
    Columns feature, n (observed values), missing, mean, sd (ddof 1), min, q1, median, q3, max, skew
    (adjusted Fisher-Pearson), lower_cap, upper_cap and beyond_caps (values outside the caps).
    """
    return pd.DataFrame([_profile(numbers[name], caps.get(name)) for name in numbers], columns=_PROFILE)


_PROFILE = [
    *("feature", "n", "missing", "mean", "sd", "min", "q1", "median", "q3", "max", "skew"),
    *("lower_cap", "upper_cap", "beyond_caps"),
]


def _profile(values: pd.Series, caps: Caps | None) -> dict[str, object]:
    lower, upper = (caps.lower, caps.upper) if caps else (np.nan, np.nan)
    q1, median, q3 = values.quantile([0.25, 0.5, 0.75])
    return {
        "feature": values.name,
        "n": int(values.count()),
        "missing": int(values.isna().sum()),
        "mean": values.mean(),
        "sd": values.std(),
        "min": values.min(),
        "q1": q1,
        "median": median,
        "q3": q3,
        "max": values.max(),
        "skew": values.skew(),
        "lower_cap": lower,
        "upper_cap": upper,
        "beyond_caps": int(_beyond(values, lower, upper).sum()),
    }


def _beyond(values: pd.Series, lower: float, upper: float) -> pd.Series:
    return (values < lower) | (values > upper)


def histograms(numbers: pd.DataFrame, bad: pd.Series, profile: pd.DataFrame) -> pd.DataFrame:
    """Count goods and bads in equal-width intervals of each numeric column.

    The intervals span the observed values, but reach at most a tenth of the distance between the caps
    beyond these, so that a few wild values do not squeeze all others into one bar.

    Returns
    -------
    Columns feature, left, right, good, bad: the counts of an interval. Columns without two distinct
    values have no rows.
    """
    parts = [_histogram(numbers[row.feature], bad, row) for row in profile.itertuples() if row.min < row.max]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_HISTOGRAM)


_HISTOGRAM = ["feature", "left", "right", "good", "bad"]


def _histogram(values: pd.Series, bad: pd.Series, profile: tuple) -> pd.DataFrame:
    margin = (profile.upper_cap - profile.lower_cap) / 10
    lowest, highest = max(profile.min, profile.lower_cap - margin), min(profile.max, profile.upper_cap + margin)
    observed = values.notna()
    edges = _histogram_edges(lowest, highest, whole=bool((values[observed] % 1 == 0).all()))
    good_counts, _ = np.histogram(values[observed & (bad == 0)], bins=edges)
    bad_counts, _ = np.histogram(values[observed & (bad == 1)], bins=edges)
    columns = (values.name, edges[:-1], edges[1:], good_counts, bad_counts)
    return pd.DataFrame(dict(zip(_HISTOGRAM, columns, strict=True)))


def _histogram_edges(lowest: float, highest: float, whole: bool) -> np.ndarray:
    """Cut a span into about 30 intervals; for whole numbers each holds equally many of them."""
    if not whole:
        return np.linspace(lowest, highest, HISTOGRAM_BINS + 1)
    lowest, highest = np.ceil(lowest), np.floor(highest)
    width = np.ceil((highest - lowest + 1) / HISTOGRAM_BINS)
    count = np.ceil((highest - lowest + 1) / width)
    return lowest - 0.5 + width * np.arange(count + 1)


def values_beyond_caps(numbers: pd.DataFrame, profile: pd.DataFrame) -> dict[str, np.ndarray]:
    """Give the distinct values outside each column's caps; of many, 300 evenly picked from lowest to highest."""
    beyond = {}
    for row in profile.itertuples():
        values = numbers[row.feature]
        distinct = np.unique(values[_beyond(values, row.lower_cap, row.upper_cap)])
        places = np.linspace(0, len(distinct) - 1, min(len(distinct), BEYOND_SHOWN)).round().astype(int)
        beyond[row.feature] = distinct[places]
    return beyond


def missing_values(applicants: pd.DataFrame) -> pd.DataFrame:
    """Count the missing values of each column: feature, n (rows), missing, missing_share."""
    missing = applicants.isna().sum()
    rows = len(applicants)
    columns = {"feature": missing.index, "n": rows, "missing": missing.to_numpy()}
    return pd.DataFrame(columns).assign(missing_share=missing.to_numpy() / rows)


def bad_rate_by_level(levelled: Mapping[str, Levelled], bad: pd.Series) -> pd.DataFrame:
    """Give the bad rate of every level that occurs, with its 95 % Wilson interval.

    Parameters
    ----------
    levelled : levels of each column by its name.
    bad : 1 for bad and 0 for good, shape (rows,).

    Returns
    -------
    Columns column, level, label, n, bad, bad_rate, low, high; levels in their own order.
    """
    parts = [_counts(name, levels, bad.to_numpy()) for name, levels in levelled.items()]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["n"] > 0].reset_index(drop=True)
    low, high = wilson(table["bad"], table["n"])
    return table.assign(bad_rate=table["bad"] / table["n"], low=low, high=high)


def most_frequent(rates: pd.DataFrame, most: int = LEVELS_NAMED) -> pd.DataFrame:
    """Name the most frequent levels of each column, in their own order, and let the others be one, `and 4,752 more`.

    Parameters
    ----------
    rates : table of `bad_rate_by_level`, of which those columns are given.
    """
    rates = rates[_RATES].assign(level=rates["level"].map(shortened), label=rates["label"].map(shortened))
    is_named = rates.groupby("column")["n"].rank(method="first", ascending=False) <= most
    by_column = rates[~is_named].groupby("column", sort=False)
    others = by_column.agg(level=("level", "size"), n=("n", "sum"), bad=("bad", "sum")).reset_index()
    others["level"] = others["label"] = others["level"].map(and_more)
    low, high = wilson(others["bad"], others["n"])
    others = others.assign(bad_rate=others["bad"] / others["n"], low=low, high=high)
    named = rates[is_named]
    parts = [table[table["column"] == name] for name in named["column"].unique() for table in (named, others)]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _counts(name: str, levels: Levelled, bad: np.ndarray) -> pd.DataFrame:
    kinds = len(levels.names)
    n = np.bincount(levels.position, minlength=kinds)
    bads = np.bincount(levels.position[bad == 1], minlength=kinds)
    return pd.DataFrame({"column": name, "level": levels.names, "label": levels.labels, "n": n, "bad": bads})
