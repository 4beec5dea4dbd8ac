"""A logistic regression on weights of evidence as a table of whole points that can be added up by hand."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.intervals import wilson
from credit.features.plan import FeaturePlan
from credit.features.woe import bin_numbers, binning_of
from credit.scorecard.bins import bins_of, title_of
from credit.scorecard.scale import APPROVE, REJECT, Scale

START = "everyone starts with"


class LogOdds(NamedTuple):
    """ln(odds of good to bad) of a model: an intercept, and a slope for the weight of evidence of each feature."""

    intercept: float
    slopes: dict[str, float]


def log_odds_of(model: Any) -> LogOdds:
    """Read the log-odds of a fitted logistic regression on weights of evidence, uncalibrated or with a sigmoid.

    With f the regression's own log-odds of bad, a sigmoid makes PD = 1 / (1 + exp(a f + b)) of it, which leaves the
    log-odds linear in the weights; without calibration a is -1 and b is 0. (Platt 1999.)

    Raises
    ------
    InputError
        Another calibration bends them, or the features are not coded by their weights.
    """
    a, b, pipeline = -1.0, 0.0, model
    if isinstance(model, CalibratedClassifierCV):
        (calibrated,) = model.calibrated_classifiers_
        (curve,) = calibrated.calibrators
        if not hasattr(curve, "a_"):
            raise InputError(
                "points add up for a scorecard whose calibration is none or sigmoid, got a calibration by another "
                "curve; set 'train.scorecard.calibration' in params.yaml"
            )
        a, b, pipeline = float(curve.a_), float(curve.b_), calibrated.estimator
    regression = pipeline
    while hasattr(regression, "steps"):  # resampling nests a pipeline
        regression = regression.steps[-1][1]
    slopes = a * regression.coef_[0]
    names = binning_of(pipeline).variable_names
    return LogOdds(a * float(regression.intercept_[0]) + b, dict(zip(names, slopes.tolist(), strict=True)))


def left_out(log_odds: LogOdds) -> list[str]:
    """Name the features that the regression gives no weight (an L1 penalty does)."""
    return [name for name, slope in log_odds.slopes.items() if slope == 0]


def against_their_evidence(log_odds: LogOdds) -> list[str]:
    """Name the features whose safer answers get fewer points, which happens where features say much the same."""
    return [name for name, slope in log_odds.slopes.items() if slope < 0]


def points_table(
    model: Any, scale: Scale, plan: FeaturePlan, dictionary: Dictionary, applicants: pd.DataFrame, bad: np.ndarray
) -> pd.DataFrame:
    """Make the table of points: what everyone starts with, then every answer of every feature that counts.

    The worst answer to each question gets 0 points and everyone starts with the rest, so that nothing is subtracted.
    Points are rounded to whole ones; the start makes up for what the others lose or gain by it on average.

    Parameters
    ----------
    model : fitted, as `log_odds_of` takes it.
    applicants : those it was fitted to, features as prepared; they are counted.
    bad : their outcomes, 1 = bad, of shape (applicants,).

    Returns
    -------
    order, feature, title, answer (in words), points (whole), exact (before rounding), n, bad, bad_rate with its 95 %
    Wilson interval low to high (NaN where n is 0), woe, and number (of optbinning's bin). The first row, of no
    feature, is the start.
    """
    log_odds, binning, numbers = log_odds_of(model), binning_of(model), bin_numbers(model, applicants)
    counted = [*dictionary.features, *plan.derived]
    rows, start = [], scale.offset + scale.factor * log_odds.intercept
    for name in (name for name in counted if log_odds.slopes.get(name)):
        whole = name in plan.numeric and name not in plan.derived and _is_whole(applicants[name])
        bins = bins_of(name, binning.get_binned_variable(name), plan, dictionary, whole=whole)
        points = scale.factor * log_odds.slopes[name] * np.array([line.woe for line in bins])
        start += points.min()
        for line, exact in zip(bins, points - points.min(), strict=True):
            inside = (numbers[name] == line.number).to_numpy()
            words = {"feature": name, "title": title_of(name, plan, dictionary), "answer": line.words}
            rows.append(words | {"exact": exact, "n": inside.sum(), "bad": bad[inside].sum(), **line._asdict()})
    first = {
        "feature": "",
        "title": START,
        "answer": "",
        "exact": start,
        "n": len(bad),
        "bad": bad.sum(),
        "woe": 0.0,
        "number": np.nan,
    }
    return _in_whole_points(_with_rates(pd.DataFrame([first | {"woe": 0.0, "number": np.nan}, *rows])), numbers)


def _is_whole(values: pd.Series) -> bool:
    numbers = values.dropna()
    return bool((numbers == numbers.round()).all())


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Add each row's place, its bad rate and the interval."""
    rows.insert(0, "order", range(len(rows)))
    seen = rows["n"].where(rows["n"] > 0)
    rows["bad_rate"] = rows["bad"] / seen
    rows["low"], rows["high"] = wilson(rows["bad"].where(rows["n"] > 0), seen)
    return rows


def _in_whole_points(rows: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Round the points, the start's so that sums are right on average."""
    rows["points"] = rows["exact"].round().where(rows["feature"] != "", 0.0)
    rows.loc[0, "points"] = np.round(np.mean(add_up(rows, numbers, "exact") - add_up(rows, numbers)))
    names = "order feature title answer points exact n bad bad_rate low high woe number"
    return rows.astype({"points": int})[names.split()]


def lines_of(table: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Find each applicant's row of the table (its `order`), a column a feature.

    Parameters
    ----------
    table : from `points_table`.
    numbers : of the applicants' bins, from `credit.features.woe.bin_numbers`.
    """
    orders = {}
    for name, rows in table[table["feature"] != ""].groupby("feature", sort=False):
        by_number = rows.set_index("number")["order"]
        orders[name] = numbers[name].map(by_number)
    return pd.DataFrame(orders, index=numbers.index).astype(int)


def add_up(table: pd.DataFrame, numbers: pd.DataFrame, column: str = "points") -> np.ndarray:
    """Add up the points of applicants, or what another column has for them; of shape (applicants,)."""
    values = table[column].to_numpy()
    return values[0] + values[lines_of(table, numbers).to_numpy(dtype=int)].sum(axis=1)


def rounding(points: np.ndarray, pds: np.ndarray, scale: Scale, cutoff: float) -> dict[str, float]:
    """Say how far sums of whole points are from the exact scores, and how many decisions that turns.

    Parameters
    ----------
    points, pds : sums of whole points, and the model's PDs, both of shape (applicants,).

    Returns
    -------
    n, mean_difference and largest_difference (absolute, in points), largest_pd_difference (absolute), and
    decisions_that_differ with the share of them and its 95 % Wilson interval low to high.
    """
    off = np.abs(points - scale.score(pds))
    differ = int(np.sum((points < scale.lowest_approved(cutoff)) != (pds >= cutoff)))
    low, high = wilson(differ, len(pds))
    return {
        "n": len(pds),
        "mean_difference": float(off.mean()),
        "largest_difference": float(off.max()),
        "largest_pd_difference": float(np.abs(scale.pd_at(points) - pds).max()),
        "decisions_that_differ": differ,
        "share": differ / len(pds),
        "low": float(low),
        "high": float(high),
    }


def worked_by_hand(table: pd.DataFrame, applicant: pd.Series, lines: pd.Series, dictionary: Dictionary) -> pd.DataFrame:
    """Add up one applicant's points line by line.

    Parameters
    ----------
    applicant : prepared values, by their names; derived features are not among them.
    lines : the applicant's rows of the table, by feature, from `lines_of`.

    Returns
    -------
    title, given (the value in words), answer (the line of the table it falls in), points, sum (up to there).
    """
    rows = table[table["order"].isin([0, *lines])]
    values = [dictionary.in_words(name, applicant[name]) if name in applicant else "" for name in rows["feature"]]
    return rows.assign(given=values, sum=rows["points"].cumsum())[["title", "given", "answer", "points", "sum"]]


def decision_at(points: float, lowest: float) -> str:
    """Decide by points: at or above the lowest approved score an applicant is approved."""
    return APPROVE if points >= lowest else REJECT
