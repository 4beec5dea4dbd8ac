"""What the exploration of the training applicants decided about each column; every model follows it.

The plan never uses the target. It is made once, on the training rows, and travels inside every saved
model, so that a new applicant is treated as those were.
"""

import numpy as np
import pandas as pd

from credit.checked import Record
from credit.dictionary import Code, Dictionary


class Caps(Record):
    """Limits beyond which a number is taken to be the limit; in the column's unit."""

    lower: float
    upper: float


class Levels(Record):
    """The levels a model tells apart; `rare` ones, and those never seen, are one further level."""

    kept: tuple[Code, ...]
    rare: tuple[Code, ...] = ()


class FeaturePlan(Record):
    """How each feature is to be treated, by its name; `dropped` gives the reason for leaving one out."""

    numeric: dict[str, Caps]
    nominal: dict[str, Levels]
    ordinal: dict[str, Levels]
    dropped: dict[str, str]

    @property
    def features(self) -> list[str]:
        """The columns a model needs."""
        return [*self.numeric, *self.nominal, *self.ordinal]


def make_plan(applicants: pd.DataFrame, dictionary: Dictionary, rare_share: float, outlier_iqr: float) -> FeaturePlan:
    """Decide from training applicants how each feature is treated.

    Parameters
    ----------
    applicants : one row an applicant, the dictionary's features as prepared.
    rare_share : a nominal level seen in a smaller share of the rows is rare.
    outlier_iqr : numbers are capped this many interquartile ranges beyond the quartiles (Tukey's fences).
    """
    dropped = {name: reason for name in dictionary.features if (reason := _useless(applicants[name]))}
    used = [name for name in dictionary.features if name not in dropped]

    def of_role(role: str) -> list[str]:
        return [name for name in used if dictionary.columns[name].role == role]

    return FeaturePlan(
        numeric={name: _caps(applicants[name], outlier_iqr) for name in of_role("numeric")},
        nominal={name: _nominal_levels(applicants[name], dictionary, rare_share) for name in of_role("nominal")},
        ordinal={name: Levels(kept=tuple(dictionary.columns[name].codes)) for name in of_role("ordinal")},
        dropped=dropped,
    )


def _useless(values: pd.Series) -> str:
    distinct = values.nunique()
    if distinct == 0:
        return "no value observed"
    return "constant" if distinct == 1 and values.notna().all() else ""


def _caps(values: pd.Series, outlier_iqr: float) -> Caps:
    lower, upper = np.nanquantile(values, [0.25, 0.75])
    reach = outlier_iqr * (upper - lower)
    observed = values.min(), values.max()
    if reach == 0:  # more than half the values are equal: the quartiles say nothing about the others
        return Caps(lower=observed[0], upper=observed[1])
    return Caps(lower=max(lower - reach, observed[0]), upper=min(upper + reach, observed[1]))


def _nominal_levels(values: pd.Series, dictionary: Dictionary, rare_share: float) -> Levels:
    column = dictionary.columns[values.name]
    shares = values.value_counts(normalize=True)
    levels = list(column.codes) if column.codes else sorted(shares.index)
    rare = tuple(level for level in levels if shares.get(level, 0.0) < rare_share)
    kept = tuple(level for level in levels if level not in rare)
    return Levels(kept=kept, rare=rare) if kept else Levels(kept=rare)
