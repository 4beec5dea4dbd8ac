"""The smallest change of what an applicant can change that would have led to an approval."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from math import comb, prod
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from credit.core.column import DIRECTIONS, Column
from credit.core.dictionary import Dictionary
from credit.core.scorer import scorer
from credit.core.value_grid import places_of, value_grid

MOST_ATTRIBUTES = 3  # changed at a time: more is no advice
MOST_VARIANTS = 20_000  # of so many attributes, so that a table with many actionable ones costs no more


class Change(NamedTuple):
    """One attribute's value before and after."""

    attribute: str
    before: Any
    after: Any


class Counterfactual(NamedTuple):
    """Changes that lead to an approval, with the PD after them, and their distance (see `smallest_change`)."""

    changes: tuple[Change, ...]
    pd: float
    distance: float


class SmallestChange(NamedTuple):
    """The nearest counterfactual, if there is any, among how many variants of the applicant."""

    counterfactual: Counterfactual | None
    variants: int


class _Alternatives(NamedTuple):
    """The values an attribute can be given, the present one first, and their distances from it."""

    attribute: str
    values: pd.Series
    distances: np.ndarray

    def at_most(self, most: int) -> "_Alternatives":
        """Keep so many besides the present value, spread evenly from the nearest to the farthest."""
        places = np.unique(np.linspace(1, len(self.values) - 1, min(most, len(self.values) - 1)).round().astype(int))
        kept = np.append(0, places)
        return _Alternatives(self.attribute, self.values.iloc[kept], self.distances[kept])

    def up_to(self, value: Any) -> "_Alternatives":
        """Keep those no farther than one of them."""
        kept = self.distances <= self.distances[self.values.eq(value)]
        return _Alternatives(self.attribute, self.values[kept], self.distances[kept])


def smallest_change(
    model: Any, applicant: pd.DataFrame, training: pd.DataFrame, dictionary: Dictionary
) -> SmallestChange:
    """Look for the smallest change of actionable attributes that brings a rejected applicant's PD below the cutoff.

    Tried are values that training applicants have, all else left as it is; fewer attributes are smaller, then less
    distance, then a lower PD. Of a single attribute every such value is tried; of several at first those that
    `value_grid` picks, then all that are nearer than those found. The distance of two numbers, or of two ordered
    codes, is the share of training applicants between them; that of two unordered codes is 1, as is that from a
    missing value; it is summed over the attributes. (After Gower 1971; Wachter, Mittelstadt and Russell 2017.) No
    change towards what the dictionary expects to be riskier is tried: where a model rewards one, that is a fault of
    the model, no advice.

    Parameters
    ----------
    model : a saved one: `predict_proba`, `threshold`, `feature_names_in_`.
    applicant : one row with the model's columns.
    """
    score, cutoff = scorer(model), float(model.threshold)
    names = [name for name in model.feature_names_in_ if dictionary.columns[name].actionable]
    every, some = (
        _all_alternatives(applicant[names], training, dictionary, values) for values in (_every_value, value_grid)
    )
    variants = 0
    for size in range(1, min(MOST_ATTRIBUTES, len(every)) + 1):
        if comb(len(every), size) > MOST_VARIANTS:
            break
        first = _nearest(score, cutoff, applicant, every if size == 1 else some, size)
        variants += first.variants
        if first.counterfactual:
            changed = {change.attribute: change.after for change in first.counterfactual.changes}
            nearer = [one.up_to(changed[one.attribute]) for one in every if one.attribute in changed]
            second = _nearest(score, cutoff, applicant, nearer, size)
            both = filter(None, (first.counterfactual, second.counterfactual))
            nearest = min(both, key=lambda counterfactual: (round(counterfactual.distance, 9), counterfactual.pd))
            return SmallestChange(nearest, variants + second.variants)
    return SmallestChange(None, variants)


def _nearest(
    score: Callable[[pd.DataFrame], np.ndarray],
    cutoff: float,
    applicant: pd.DataFrame,
    alternatives: Sequence[_Alternatives],
    size: int,
) -> SmallestChange:
    """Try changes of `size` attributes; the nearest that leads to an approval, if any does."""
    thinned = _thinned(alternatives, size)
    choices = _choices([len(one.values) for one in thinned], size)
    pds = score(_variants(applicant, thinned, choices))
    distances = sum(one.distances[choices[:, place]] for place, one in enumerate(thinned))
    approved = np.flatnonzero(pds < cutoff)
    if not len(approved):
        return SmallestChange(None, len(choices))
    best = approved[np.lexsort((pds[approved], distances[approved].round(9)))[0]]
    changes = tuple(
        Change(one.attribute, one.values.iloc[0], one.values.iloc[place])
        for one, place in zip(thinned, choices[best], strict=True)
        if place
    )
    return SmallestChange(Counterfactual(changes, float(pds[best]), float(distances[best])), len(choices))


def _all_alternatives(
    applicant: pd.DataFrame,
    training: pd.DataFrame,
    dictionary: Dictionary,
    values: Callable[[pd.Series, Column], list],
) -> list[_Alternatives]:
    """Give the alternatives of each attribute that has any, among those that `values` picks of its column."""
    columns = {name: dictionary.columns[name] for name in applicant}
    of_each = [
        _alternatives(applicant[name], training[name], column, values(training[name], column))
        for name, column in columns.items()
    ]
    return [alternatives for alternatives in of_each if len(alternatives.values) > 1]


def _alternatives(now: pd.Series, seen: pd.Series, column: Column, candidates: Sequence) -> _Alternatives:
    """Give the present value and those `candidates` that it can be changed to, the nearest first."""
    present = now.iloc[0]
    values = [value for value in candidates if value != present]
    places = places_of([present, *values], column)
    if column.monotonicity is not None and not pd.isna(present):
        worse = DIRECTIONS[column.monotonicity]
        values = [value for value, place in zip(values, places[1:], strict=True) if worse * (place - places[0]) < 0]
        places = places_of([present, *values], column)
    if column.role == "nominal" or pd.isna(present) or not values:
        distances = np.append(0.0, np.ones(len(values)))
    else:
        ranks = _ranks(places, places_of(seen.dropna(), column))
        distances = np.abs(ranks - ranks[0])
    nearest = np.append(0, 1 + np.argsort(distances[1:], kind="stable"))
    return _Alternatives(now.name, pd.Series([present, *values], dtype=now.dtype).iloc[nearest], distances[nearest])


def _every_value(seen: pd.Series, column: Column) -> list:
    return sorted(set(seen.dropna())) if column.role == "numeric" else value_grid(seen, column)


def _ranks(places: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Give the shares of seen values below each place, those at it half."""
    ordered = np.sort(seen)
    below, up_to = (np.searchsorted(ordered, places, side=side) for side in ("left", "right"))
    return (below + up_to) / (2 * len(ordered))


def _thinned(alternatives: Sequence[_Alternatives], size: int) -> list[_Alternatives]:
    """Keep so few alternatives of each attribute that all variants of `size` attributes can be tried."""
    lengths = [len(one.values) - 1 for one in alternatives]
    most = max(lengths)
    while most > 1 and sum(map(prod, combinations(np.minimum(lengths, most).tolist(), size))) > MOST_VARIANTS:
        most -= 1
    return [one.at_most(most) for one in alternatives]


def _choices(lengths: Sequence[int], size: int) -> np.ndarray:
    """List every way to change `size` attributes: which alternative of each, 0 the present one; a row a variant."""
    rows = []
    for subset in combinations(range(len(lengths)), size):
        picked = np.array(list(product(*(range(1, lengths[place]) for place in subset))))
        block = np.zeros((len(picked), len(lengths)), dtype=int)
        block[:, subset] = picked
        rows.append(block)
    return np.concatenate(rows)


def _variants(applicant: pd.DataFrame, alternatives: Sequence[_Alternatives], choices: np.ndarray) -> pd.DataFrame:
    table = {name: applicant[name].array.take(np.zeros(len(choices), dtype=int)) for name in applicant}
    for place, one in enumerate(alternatives):
        table[one.attribute] = one.values.array.take(choices[:, place])
    return pd.DataFrame(table)
