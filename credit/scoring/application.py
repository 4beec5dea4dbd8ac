"""Applications in any form, read by the rules by which the training applicants were prepared."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from credit.core.column import Column
from credit.core.columns import kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.cells import INVALID, MISSING, read_cells, why_missing

EMPTY = "no value in it is known"
_INTEGER = re.compile(r"[+-]?[0-9]+\.0*")


class Applications(NamedTuple):
    """Applications as prepared values, a row each.

    Attributes
    ----------
    values : by the dictionary's names.
    missing, invalid : by name, in which rows nothing was said of it, and where what the dictionary does not allow was.
        Both are missing among the values: nothing is guessed.
    refusals : why a row cannot be scored; empty for the others.
    """

    values: pd.DataFrame
    missing: dict[str, np.ndarray]
    invalid: dict[str, np.ndarray]
    refusals: np.ndarray


Levels = Mapping[str, Collection[Any]]


def from_table(cells: pd.DataFrame, dictionary: Dictionary, levels: Levels) -> Applications:
    """Read the applications of a table.

    Parameters
    ----------
    cells : text as written, or categories of it; columns by their names in the file.
    dictionary : of the columns that a model needs.
    levels : those that a model knows, of the columns for which the dictionary has no codes.
    """
    absent = pd.Series("", index=cells.index, dtype="str")
    sources = {name: kept_apart(dictionary.source(name)) for name in dictionary.columns}
    read = {name: _read(cells.get(sources[name], absent), name, dictionary, levels) for name in sources}
    lacking = "; ".join(_absent(name) for name in _required(dictionary) if sources[name] not in cells)
    return _applications(read, dictionary, np.full(len(cells), lacking, dtype=object))


def from_json(applications: Sequence[Mapping[str, Any]], dictionary: Dictionary, levels: Levels) -> Applications:
    """Read applications that are JSON objects: a number, text or null by the dictionary's names.

    Raises
    ------
    InputError
        A name is none of the dictionary's, or a value is none of these.
    """
    asked = _asked(dictionary)
    for application in applications:
        if unknown := [name for name in application if name not in asked]:
            raise InputError(f"unknown column {unknown[0]!r}; expected {', '.join(asked)}")
    read = {}
    for name in dictionary.columns:
        of = dictionary.columns[name].why_missing or name
        values = [application.get(of) for application in applications]
        is_number = np.array([isinstance(value, int | float) for value in values], dtype=bool)
        cells = pd.Series([cell_of(of, value) for value in values], dtype="str")
        read[name] = _mixed(cells, is_number, name, dictionary, levels)
    required = _required(dictionary)
    lacking = ["; ".join(_absent(name) for name in required if name not in given) for given in applications]
    return _applications(read, dictionary, np.array(lacking, dtype=object))


def cell_of(name: str, value: Any) -> str:
    """Write a value of JSON as a cell."""
    if isinstance(value, bool | list | dict):
        raise InputError(f"{name!r} must be a number, text or null, got {json.dumps(value)}")
    return "" if value is None else str(value)


def _asked(dictionary: Dictionary) -> list[str]:
    return [name for name, column in dictionary.columns.items() if not column.why_missing]


def _required(dictionary: Dictionary) -> list[str]:
    return [name for name in _asked(dictionary) if dictionary.columns[name].required]


def _absent(name: str) -> str:
    return f"the required column '{name}' is absent"


Read = tuple[pd.Series, pd.Series]  # values, and what was found in the cells


def _mixed(cells: pd.Series, is_number: np.ndarray, name: str, dictionary: Dictionary, levels: Levels) -> Read:
    """Read values of JSON: numbers are numbers already, in whatever form the lender's file has the column's."""
    column = dictionary.columns[dictionary.columns[name].why_missing or name]
    if column.number is None or not is_number.any():
        return _read(cells, name, dictionary, levels)
    plain = column.model_copy(update={"number": None})
    columns = dictionary.columns | {dictionary.columns[name].why_missing or name: plain}
    as_numbers = dictionary.model_copy(update={"columns": columns})
    ways = (is_number, as_numbers), (~is_number, dictionary)
    parts = [_read(cells[rows], name, words, levels) for rows, words in ways if rows.any()]
    values, kinds = (pd.concat(part).sort_index() for part in zip(*parts, strict=True))
    return values, kinds


def _read(cells: pd.Series, name: str, dictionary: Dictionary, levels: Levels) -> Read:
    column = dictionary.columns[name]
    if column.why_missing:
        return why_missing(cells, dictionary.columns[column.why_missing])
    distinct = cells.astype("category")
    if column.codes:
        return read_cells(_rewritten(distinct, _codes_by_label(column)), column)
    values, kinds = read_cells(distinct, column)
    if column.role == "nominal":
        values = _rewritten(distinct, _as_known(levels.get(name, ()))).where(values.notna())
    return values, kinds


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


def _applications(read: Mapping[str, Read], dictionary: Dictionary, refusals: np.ndarray) -> Applications:
    asked = _asked(dictionary)
    missing = {name: read[name][1].isin(MISSING).to_numpy() for name in asked}
    invalid = {name: read[name][1].isin(INVALID).to_numpy() for name in asked}
    is_empty = np.logical_and.reduce([missing[name] | invalid[name] for name in asked])
    values = pd.DataFrame({name: values for name, (values, _) in read.items()}, copy=False)
    return Applications(values, missing, invalid, np.where((refusals == "") & is_empty, EMPTY, refusals))


def names_where(marked: Mapping[str, np.ndarray]) -> np.ndarray:
    """Name for each row the columns in which it is marked: `age, savings`."""
    marks = np.column_stack(list(marked.values()))
    packed = np.packbits(marks, axis=1)
    as_one = packed.view(f"V{packed.shape[1]}").ravel()
    _, first, pattern = np.unique(as_one, return_index=True, return_inverse=True)
    texts = [", ".join(compress(marked, marks[row])) for row in first]
    return np.array(texts, dtype=object)[pattern]
