"""What the exploration of the training applicants decided about each column; every model follows it.

The plan never uses the target. It is made once, on the training rows, and travels inside every saved
model, so that a new applicant is treated as those were.
"""

from collections.abc import Collection, Mapping
from itertools import chain

import numpy as np
import pandas as pd
from pydantic import Field

from credit.core.column import DIRECTIONS, Code, Column, Monotonicity
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import Record
from credit.features.derived import check_derived, derive

MOST = 0.5  # of the applicants: where more have a rare level, levels cannot be told apart one by one
ALL_DIFFERENT = 0.5  # levels for each applicant, from which on hardly two have the same


class Caps(Record):
    """Limits beyond which a number is taken to be the limit; in the column's unit."""

    lower: float
    upper: float


class Levels(Record):
    """The levels a model tells apart; `rare` ones, and with them those never seen, are one further level."""

    kept: tuple[Code, ...]
    rare: tuple[Code, ...] = ()


class FeaturePlan(Record):
    """How each feature is to be treated, by its name; `dropped` gives the reason for leaving one out.

    Attributes
    ----------
    many_levels : nominal features whose levels are so many that most applicants have a rare one, and how many they are.
    gaps : features that so many training applicants have no value of that it may say something of them.
    derived : of the numeric features those that are computed from others, with their expressions.
    monotonicity : of the numeric and ordinal features those along which the PD should move one way, and which.
    """

    numeric: dict[str, Caps]
    nominal: dict[str, Levels]
    ordinal: dict[str, Levels]
    dropped: dict[str, str]
    many_levels: dict[str, int] = Field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    derived: dict[str, str] = Field(default_factory=dict)
    monotonicity: dict[str, Monotonicity] = Field(default_factory=dict)

    @property
    def all_features(self) -> list[str]:
        """What a model sees: numbers, names, orders, many levels; of each but the last those without gaps first."""
        ordered = (sorted(part, key=self.has_gaps) for part in (self.numeric, self.nominal, self.ordinal))
        return [*chain.from_iterable(ordered), *self.many_levels]

    def has_gaps(self, name: str) -> bool:
        return name in self.gaps

    @property
    def features(self) -> list[str]:
        """The columns a model needs: what it sees, but for what it derives itself."""
        return [name for name in self.all_features if name not in self.derived]

    @property
    def directions(self) -> list[int]:
        """Which way the PD should move along each of `all_features`: 1 up, -1 down, 0 either."""
        return [DIRECTIONS.get(self.monotonicity.get(name), 0) for name in self.all_features]


class Features(Record):
    exclude: tuple[str, ...]
    derived: dict[str, str]


def check_excluded(exclude: tuple[str, ...], dictionary: Dictionary) -> None:
    """Refuse to leave out what is no feature."""
    if unknown := sorted(set(exclude) - set(dictionary.features)):
        features = ", ".join(dictionary.features)
        raise InputError(f"params.yaml: 'features.exclude' must name some of {features}, got {', '.join(unknown)}")


def make_plan(
    applicants: pd.DataFrame,
    dictionary: Dictionary,
    rare_share: float,
    outlier_iqr: float,
    *,
    exclude: Collection[str] = (),
    derived: Mapping[str, str] | None = None,
) -> FeaturePlan:
    """Decide from training applicants how each feature is treated.

    Parameters
    ----------
    applicants : one row an applicant, the dictionary's features as prepared.
    rare_share : a nominal level seen in a smaller share of the rows is rare, and so are missing values. Where most rows
        have rare ones, the feature is one of many levels.
    outlier_iqr : numbers are capped this many interquartile ranges beyond the quartiles (Tukey's fences).
    exclude : features that no model is to see.
    derived : features to compute from numeric ones, name -> expression.

    Raises
    ------
    InputError
        A derived feature cannot be computed, or no feature is left.
    """
    derived = derived or {}
    dropped = {
        name: reason for name in dictionary.features if (reason := _useless(applicants[name], dictionary.columns[name]))
    }
    dropped |= dict.fromkeys(exclude, "excluded by features.exclude")
    used = [name for name in dictionary.features if name not in dropped]
    if not used:
        reasons = ", ".join(f"{name} ({reason})" for name, reason in dropped.items())
        raise InputError(f"expected a feature that a model can see, got none; left out are {reasons}")

    def of_role(role: str) -> list[str]:
        return [name for name in used if dictionary.columns[name].role == role]

    numbers = of_role("numeric")
    check_derived(derived, numbers, dictionary.columns)
    applicants = derive(applicants, derived)
    nominal = {
        name: _nominal_levels(applicants[name], dictionary.columns[name], rare_share) for name in of_role("nominal")
    }
    many = {name: applicants[name].nunique() for name, levels in nominal.items() if levels is None}
    missing = applicants[[*used, *derived]].drop(columns=list(many)).isna().mean()
    return FeaturePlan(
        numeric={name: _caps(applicants[name], outlier_iqr) for name in [*numbers, *derived]},
        nominal={name: levels for name, levels in nominal.items() if levels is not None},
        ordinal={name: Levels(kept=tuple(dictionary.columns[name].codes)) for name in of_role("ordinal")},
        dropped=dropped,
        many_levels=many,
        gaps=tuple(missing.index[(missing > 0) & (missing >= rare_share)]),
        derived=derived,
        monotonicity={name: way for name in used if (way := dictionary.columns[name].monotonicity)},
    )


def _useless(values: pd.Series, column: Column) -> str:
    distinct, observed = values.nunique(), values.count()
    if distinct == 0:
        return "no value observed"
    if distinct == 1 and observed == len(values):
        return "constant"
    if column.role == "nominal" and distinct > observed * ALL_DIFFERENT:
        return f"{distinct} levels among {observed} applicants"
    return ""


def _caps(values: pd.Series, outlier_iqr: float) -> Caps:
    lower, upper = np.nanquantile(values, [0.25, 0.75])
    reach = outlier_iqr * (upper - lower)
    observed = values.min(), values.max()
    if reach == 0:  # more than half the values are equal: the quartiles say nothing about the others
        return Caps(lower=observed[0], upper=observed[1])
    return Caps(lower=max(lower - reach, observed[0]), upper=min(upper + reach, observed[1]))


def _nominal_levels(values: pd.Series, column: Column, rare_share: float) -> Levels | None:
    """Give the levels, or None if most applicants have a rare one."""
    shares = values.value_counts(normalize=True)
    levels = list(column.codes) if column.codes else sorted(shares.index)
    rare = tuple(level for level in levels if shares.get(level, 0.0) < rare_share)
    seen = sum(shares.get(level, 0.0) for level in rare)
    if seen > MOST:
        return None
    return Levels(kept=tuple(level for level in levels if level not in rare), rare=rare if seen else ())
