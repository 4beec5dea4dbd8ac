"""Whether a PD moves along an attribute as it should: longer, larger and poorer should not be safer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from credit.core.column import DIRECTIONS, Monotonicity
from credit.core.dictionary import Dictionary
from credit.core.intervals import wald, wilson
from credit.core.scorer import Score, scorer
from credit.core.value_grid import value_grid

COLUMNS = (
    "attribute title expected family checked n share low high median largest average average_low average_high start end"
).split()


def monotonicity(
    models: Mapping[str, Any], test: pd.DataFrame, train: pd.DataFrame, dictionary: Dictionary, tolerance: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Move the test applicants along every attribute whose direction is expected, in every family.

    Returns
    -------
    checks : a row an attribute and family, with what `check_direction` finds.
    curves : a row an attribute, family and value, with the average PD of all if they had that value.
    """
    checks, curves = [], []
    for name, column in dictionary.columns.items():
        values = value_grid(train[name], column) if column.monotonicity else []
        words = [dictionary.in_words(name, value) for value in values]
        for family, model in models.items() if len(values) > 1 else ():
            if name not in model.feature_names_in_:
                continue
            pds = conditional_pds(scorer(model), test, name, values)
            about = {"attribute": name, "title": dictionary.title(name), "expected": column.monotonicity}
            violations = check_direction(pds, column.monotonicity, tolerance)
            where = {end: words[violations[end]] if violations["average"] > 0 else "" for end in ("start", "end")}
            checks.append({**about, "family": family, "checked": f"{name}, {family}", **violations, **where})
            points = {"order": range(len(values)), "value": values, "words": words, "pd": pds.mean(axis=0)}
            scale = {"coded": bool(column.codes), "unit": column.unit}
            curves.append(pd.DataFrame({**about, **scale, "family": family, **points, "n": len(test)}))
    return pd.DataFrame(checks, columns=COLUMNS), pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()


def conditional_pds(score: Score, applicants: pd.DataFrame, attribute: str, values: list) -> np.ndarray:
    """Give each applicant's PD at each of some values of an attribute, all else as it is.

    (Individual conditional expectation: Goldstein, Kapelner, Bleich and Pitkin 2015; the mean over the applicants is
    the partial dependence of Friedman 2001.)

    Returns
    -------
    PDs of shape (applicants, values).
    """
    rows = applicants.iloc[np.repeat(np.arange(len(applicants)), len(values))].reset_index(drop=True)
    rows[attribute] = pd.Series(values * len(applicants), dtype=applicants[attribute].dtype)
    return score(rows).reshape(len(applicants), len(values))


def check_direction(pds: np.ndarray, monotonicity: Monotonicity, tolerance: float) -> dict[str, float]:
    """Measure how far PDs move against the direction that is expected of them.

    An applicant's violation is the largest move of the PD against it from any value to any later one, 0 where there
    is none.

    Parameters
    ----------
    pds : of `conditional_pds`, the values in their order.
    monotonicity : increasing or decreasing.
    tolerance : a violation up to it, in PD, is let pass.

    Returns
    -------
    n; share of the applicants with a violation above the tolerance, low, high (95 %, Wilson); median and largest
    violation; average, the violation of the average curve, with average_low and average_high (95 %, from the
    applicants' differences between the two values, whose places are start and end). These two were picked for
    their difference, so it is rather too large.
    """
    n = len(pds)
    against = DIRECTIONS[monotonicity] * pds
    violations = _largest_falls(against)
    beyond = int((violations > tolerance).sum())
    low, high = wilson(beyond, n)
    start, end = _largest_fall(against.mean(axis=0))
    falls = against[:, start] - against[:, end]
    average = wald(float(falls.mean()), float(falls.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan)
    return {
        "n": n,
        "share": beyond / n,
        "low": float(low),
        "high": float(high),
        "median": float(np.median(violations)),
        "largest": float(violations.max()),
        "average": average.mean,
        "average_low": average.low,
        "average_high": average.high,
        "start": start,
        "end": end,
    }


def _largest_falls(curves: np.ndarray) -> np.ndarray:
    """Give the largest fall of each curve, shape (curves, values), from any value to a later one."""
    return (np.maximum.accumulate(curves, axis=1) - curves).max(axis=1)


def _largest_fall(curve: np.ndarray) -> tuple[int, int]:
    """Find from where to where a curve falls most; from a place to itself where it never does."""
    end = int(np.argmax(np.maximum.accumulate(curve) - curve))
    return int(np.argmax(curve[: end + 1])), end
