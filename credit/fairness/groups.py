"""The groups of a protected column, and how large they have to be for something to be said of them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field, model_validator

from credit.core.column import Column
from credit.core.levels import MISSING, levels_of
from credit.core.records import Record, with_present_keys
from credit.core.wording import and_more, number_text


def _ascending(cuts: tuple[float, ...]) -> tuple[float, ...]:
    if not cuts or sorted(set(cuts)) != list(cuts):
        raise ValueError("one or more different numbers, the lowest first")
    return cuts


MOST_GROUPS = 50  # of a column, the missing aside
Count = Annotated[int, Field(ge=1, strict=True)]
_PRESENT_KEYS = {"fewest": ("min_group_size",), "fewest_of_outcome": ("min_bads", "min_goods")}


class Fairness(Record):
    """The `fairness` section of the params; its keys are still read by their old names, with a line that says so."""

    cut: dict[str, Annotated[tuple[float, ...], AfterValidator(_ascending)]]
    four_fifths: Annotated[float, Field(gt=0, le=1)]
    min_group_size: Count
    min_bads: Count
    min_goods: Count

    @model_validator(mode="before")
    @classmethod
    def _with_present_keys(cls, values: Any) -> Any:
        return with_present_keys(values, "fairness", _PRESENT_KEYS)


def groups_of(values: pd.Series, column: Column, cuts: Sequence[float] = ()) -> pd.Series:
    """Name each applicant's group: the code's label, or between which cuts a number lies; missing is a group too.

    Parameters
    ----------
    values : as prepared, shape (applicants,).
    cuts : of a numeric column, ascending: applicants at a cut belong below it. Without one it is cut at its median.

    Returns
    -------
    Names of the groups that have applicants, as categories in the order of the codes or of the numbers; the index is
    that of `values`. Codes with one label are one group; so are, as `and 4,712 more`, those beyond the 50 largest.
    """
    names, position = _ranges(values, column, cuts) if column.role == "numeric" else _levels(values, column)
    labels = np.array(names, dtype=object)[position]
    categories = pd.Categorical(labels, categories=list(dict.fromkeys(names)), ordered=True)
    return pd.Series(categories.remove_unused_categories(), index=values.index)


def _levels(values: pd.Series, column: Column) -> tuple[list[str], np.ndarray]:
    """Name the groups of codes or names; of very many, those beyond the largest are one."""
    levelled = levels_of(values, column)
    names = list(map(str, levelled.labels))
    counts = np.bincount(levelled.position, minlength=len(names))
    counts[-1] = 0  # missing stays apart
    others = np.argsort(-counts, kind="stable")[MOST_GROUPS:]
    others = others[counts[others] > 0]
    if len(others) < 2:
        return names, levelled.position
    place = np.arange(len(names))
    place[others] = len(names)
    return [*names, and_more(len(others))], place[levelled.position]


def _ranges(values: pd.Series, column: Column, cuts: Sequence[float]) -> tuple[list[str], np.ndarray]:
    numbers = values.to_numpy(dtype="float64")
    observed = numbers[~np.isnan(numbers)]
    if not len(cuts) and len(observed):
        cuts = [float(np.median(observed))]
    position = np.searchsorted(np.asarray(cuts, dtype="float64"), numbers, side="left")
    position[np.isnan(numbers)] = len(cuts) + 1
    texts = [number_text(cut) for cut in cuts]
    between = [f"> {lower} to {upper}" for lower, upper in pairwise(texts)]
    ranges = [f"<= {texts[0]}", *between, f"> {texts[-1]}"] if texts else ["any value"]
    return [*(f"{text} {column.unit}".rstrip() for text in ranges), MISSING], position
