"""Whether a PD moves along an attribute as it should: longer, larger and poorer should not be safer."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from credit.core.intervals import LEVEL
from credit.core.wilson import wilson
from credit.explain.reasons import Score


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


def check_direction(pds: np.ndarray, expected_pd: str, tolerance: float) -> dict[str, float]:
    """Measure how far PDs move against the direction that is expected of them.

    An applicant's violation is the largest move of the PD against it from any value to any later one, 0 where there
    is none.

    Parameters
    ----------
    pds : of `conditional_pds`, the values in their order.
    expected_pd : rising or falling.
    tolerance : a violation up to it, in PD, is let pass.

    Returns
    -------
    n; share of the applicants with a violation above the tolerance, low, high (95 %, Wilson); median and largest
    violation; average, the violation of the average curve, with average_low and average_high (95 %, from the
    applicants' differences between the two values, whose places are start and end). These two were picked for
    their difference, so it is rather too large.
    """
    n = len(pds)
    against = pds if expected_pd == "rising" else -pds
    violations = _largest_falls(against)
    beyond = int((violations > tolerance).sum())
    low, high = wilson(beyond, n)
    start, end = _largest_fall(against.mean(axis=0))
    falls = against[:, start] - against[:, end]
    average = float(falls.mean())
    reach = float(ndtri((1 + LEVEL) / 2) * falls.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return {
        "n": n,
        "share": beyond / n,
        "low": float(low),
        "high": float(high),
        "median": float(np.median(violations)),
        "largest": float(violations.max()),
        "average": average,
        "average_low": average - reach,
        "average_high": average + reach,
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
