"""Columns of applicants as arrays, and as codes: which level, or between which splits, each value is."""

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from credit.core.errors import InputError

Columns = Mapping[str, np.ndarray]  # float64, NaN where missing, or objects; all of the same length


class NotCompilableError(InputError):
    """A model has a part whose numbers are not known how to use without it; the message says which."""


def columns_of(applicants: pd.DataFrame, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Give columns of a data frame as arrays: numbers as float64, others as objects."""
    return {name: array_of(applicants[name]) for name in names}


def array_of(column: pd.Series) -> np.ndarray:
    """Give a column as an array; NaN where missing."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy("float64", na_value=np.nan)
    return column.to_numpy("object", na_value=np.nan)


class Levels:
    """Codes of a column with levels: their places from 0 on, then that of one never seen, then that of none."""

    def __init__(self, name: str, levels: Sequence[Hashable]) -> None:
        self.name, self.levels = name, tuple(levels)
        self.is_text = any(isinstance(level, str) for level in levels)

    @property
    def key(self) -> tuple[str, tuple]:
        return self.name, self.levels

    @cached_property
    def examples(self) -> list[Any]:
        """A value for each code."""
        if self.is_text:
            return [*self.levels, "never seen".join(map(str, self.levels)), np.nan]
        return [*map(float, self.levels), max(map(float, self.levels), default=0.0) + 0.5, np.nan]

    @cached_property
    def _place(self) -> dict[Hashable, int]:
        return {level: place for place, level in enumerate(self.levels)}

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers in their order and an infinite one, and the place of each."""
        numbers = np.array([*map(float, self.levels), np.inf])
        order = np.argsort(numbers, kind="stable")
        return numbers[order], order

    def codes(self, values: np.ndarray) -> np.ndarray:
        unseen, missing = len(self.levels), len(self.levels) + 1
        if self.is_text or values.dtype == object:
            codes = np.array([self._place.get(value, unseen) for value in values.tolist()], dtype=np.intp)
            other = np.flatnonzero(codes == unseen)
            codes[other[pd.isna(values[other])]] = missing
            return codes
        numbers, order = self._sorted
        at = np.searchsorted(numbers, values)
        at[at > unseen] = unseen  # NaN stands after all
        codes = np.where(numbers[at] == values, order[at], unseen)
        codes[np.isnan(values)] = missing
        return codes


class Splits:
    """Codes of a number: how many of the ascending splits it is not below; if it is missing, one more than them all."""

    is_text = False

    def __init__(self, name: str, splits: Sequence[float]) -> None:
        self.name, self.splits = name, np.array(splits, dtype="float64")

    @property
    def key(self) -> tuple[str, tuple]:
        return self.name, tuple(self.splits)

    @property
    def examples(self) -> list[float]:
        below = [np.nextafter(self.splits[0], -np.inf)] if len(self.splits) else [0.0]
        return [*below, *self.splits, np.nan]

    def codes(self, values: np.ndarray) -> np.ndarray:
        codes = np.searchsorted(self.splits, values, side="right")
        codes[np.isnan(values)] = len(self.splits) + 1
        return codes


Coding = Levels | Splits


class Batch:
    """Some applicants: their columns, and the codes that several members of a blend ask for, made once."""

    def __init__(self, columns: Columns) -> None:
        self.columns = dict(columns)
        self._codes: dict[Coding, np.ndarray] = {}

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def codes(self, coding: Coding) -> np.ndarray:
        """Give the codes by a coding, which is told from others as an object."""
        if (codes := self._codes.get(coding)) is None:
            codes = self._codes[coding] = coding.codes(self.columns[coding.name])
        return codes
