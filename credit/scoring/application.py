"""Applications in any form, read by the rules by which the training applicants were prepared."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from credit.core.column import Column
from credit.core.columns import kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.cells import INVALID, LARGEST, MISSING, read_cells, why_missing
from credit.scoring.batch import array_of

EMPTY = "no value in it is known"
CACHED = 1 << 16  # cells
_INTEGER = re.compile(r"[+-]?[0-9]+\.0*")
_SHORT = re.compile(r"-?[0-9.]{1,15}")  # a number that every reader of text reads as the same


class Applications(NamedTuple):
    """Applications as prepared values, a row each.

    Attributes
    ----------
    columns : by the dictionary's names; numbers as float64, NaN where missing, names as objects.
    missing, invalid : by name, in which rows nothing was said of it, and where what the dictionary does not allow was.
        Both are missing among the values: nothing is guessed.
    refusals : why a row cannot be scored; empty for the others.
    """

    columns: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    invalid: dict[str, np.ndarray]
    refusals: np.ndarray

    def frame(self, rows: slice = slice(None)) -> pd.DataFrame:
        """Give the values of some rows as a data frame."""
        return pd.DataFrame({name: values[rows] for name, values in self.columns.items()})


class ApplicationReader:
    """Reads applications by what a model needs of the dictionary, each for itself, whatever came with it.

    Parameters
    ----------
    dictionary : of the columns that a model needs.
    levels : those that a model knows, of the columns for which the dictionary has no codes.
    """

    def __init__(self, dictionary: Dictionary, levels: Mapping[str, Collection[Any]]) -> None:
        self._columns, self._levels = dictionary.columns, levels
        self._sources = {name: kept_apart(dictionary.source(name)) for name in dictionary.columns}
        self._asked = [name for name, column in dictionary.columns.items() if not column.why_missing]
        self._required = [name for name in self._asked if dictionary.columns[name].required]
        self._told_by = {name: column.why_missing or name for name, column in dictionary.columns.items()}
        self._cell = lru_cache(CACHED)(self._read_cell)

    def table(self, cells: pd.DataFrame) -> Applications:
        """Read the applications of a table: text as written, or categories of it, by the names in the file."""
        absent = pd.Series("", index=cells.index, dtype="str")
        read = {}
        for name, source in self._sources.items():
            values, kinds = self._read(cells.get(source, absent), name, self._columns[self._told_by[name]])
            read[name] = array_of(values), kinds.isin(MISSING).to_numpy(), kinds.isin(INVALID).to_numpy()
        lacking = "; ".join(_absent(name) for name in self._required if self._sources[name] not in cells)
        return self._applications(read, np.full(len(cells), lacking, dtype=object))

    def json(self, applications: Sequence[Mapping[str, Any]]) -> Applications:
        """Read applications that are JSON objects: a number, text or null by the dictionary's names.

        Raises
        ------
        InputError
            A name is none of the dictionary's, or a value is none of these.
        """
        for application in applications:
            if unknown := [name for name in application if name not in self._asked]:
                raise InputError(f"unknown column {unknown[0]!r}; expected {', '.join(self._asked)}")
        read = {}
        for name, of in self._told_by.items():
            found = [self._value(name, of, application.get(of)) for application in applications]
            values, kinds = zip(*found, strict=True) if found else ((), ())
            dtype = "float64" if _is_number(self._columns[name]) else "object"
            marks = (np.array([kind in of_kind for kind in kinds], dtype=bool) for of_kind in (MISSING, INVALID))
            read[name] = np.array(values, dtype=dtype), *marks
        lacking = ["; ".join(_absent(name) for name in self._required if name not in given) for given in applications]
        return self._applications(read, np.array(lacking, dtype=object))

    def _applications(self, read: Mapping[str, tuple[np.ndarray, ...]], refusals: np.ndarray) -> Applications:
        columns = {name: values for name, (values, _, _) in read.items()}
        missing, invalid = ({name: read[name][place] for name in self._asked} for place in (1, 2))
        is_empty = np.logical_and.reduce([missing[name] | invalid[name] for name in self._asked])
        return Applications(columns, missing, invalid, np.where((refusals == "") & is_empty, EMPTY, refusals))

    def _value(self, name: str, of: str, value: Any) -> tuple[Any, str]:
        """Read a value of JSON; a short number is what its text would be read as."""
        if isinstance(value, bool | list | dict):
            raise InputError(f"{of!r} must be a number, text or null, got {json.dumps(value)}")
        if value is None:
            return self._cell(name, "", False)
        text, is_number = str(value), isinstance(value, int | float)
        column = self._columns[name]
        if is_number and column.role == "numeric" and not column.missing and _SHORT.fullmatch(text):
            low, high = column.range or (-LARGEST, LARGEST)
            return (float(value), "kept") if low <= value <= high else (np.nan, "impossible")
        return self._cell(name, text, is_number)

    def _read_cell(self, name: str, cell: str, is_number: bool) -> tuple[Any, str]:
        """Read one cell; a number of JSON is one already, in whatever form the lender's file has the column's."""
        column = self._columns[self._told_by[name]]
        if is_number and column.number:
            column = column.model_copy(update={"number": None})
        values, kinds = self._read(pd.Series([cell], dtype="str"), name, column)
        return array_of(values)[0], str(kinds.iloc[0])

    def _read(self, cells: pd.Series, name: str, column: Column) -> tuple[pd.Series, pd.Series]:
        """Read cells of a column, or why that has no value; give the values, and what was found in the cells."""
        if self._columns[name].why_missing:
            return why_missing(cells, column)
        distinct = cells.astype("category")
        if column.codes:
            return read_cells(_rewritten(distinct, _codes_by_label(column)), column)
        values, kinds = read_cells(distinct, column)
        if column.role == "nominal":
            values = _rewritten(distinct, _as_known(self._levels.get(name, ()))).where(values.notna())
        return values, kinds


def _absent(name: str) -> str:
    return f"the required column '{name}' is absent"


def _is_number(column: Column) -> bool:
    return column.role == "numeric" or column.has_integer_codes


def _rewritten(distinct: pd.Series, texts: Callable[[str], str]) -> pd.Series:
    """Write the categories of a column anew; two may become one."""
    written = pd.Series([texts(text) for text in distinct.cat.categories], dtype="str")
    return written.take(distinct.cat.codes).set_axis(distinct.index)


def _codes_by_label(column: Column) -> Callable[[str], str]:
    """Give a function that puts the code in the place of a label that only one has and that is no code itself."""
    labels = [_folded(label) for label in column.codes.values()]
    taken = {"", *(_folded(str(code)) for code in (*column.codes, *column.missing))}
    pairs = zip(labels, column.codes, strict=True)
    codes = {label: str(code) for label, code in pairs if labels.count(label) == 1 and label not in taken}
    return lambda text: codes.get(_folded(text), text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _as_known(known: Collection[str]) -> Callable[[str], str]:
    """Give a function that trims names, and writes `202.0` as `202` where only that is a level.

    Of a table, most cells of a column tell whether its names are integers; an application is read alone.
    """

    def written(text: str) -> str:
        name = text.strip()
        plain = name.split(".")[0] if _INTEGER.fullmatch(name) else name
        return plain if plain in known and name not in known else name

    return written


def names_where(marked: Mapping[str, np.ndarray]) -> np.ndarray:
    """Name for each row the columns in which it is marked: `age, savings`."""
    marks = np.column_stack(list(marked.values()))
    packed = np.packbits(marks, axis=1)
    as_one = packed.view(f"V{packed.shape[1]}").ravel()
    _, first, pattern = np.unique(as_one, return_index=True, return_inverse=True)
    texts = [", ".join(compress(marked, marks[row])) for row in first]
    return np.array(texts, dtype=object)[pattern]
