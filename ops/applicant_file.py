"""Read one applicant from a person's own JSON file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.cells import INVALID, read_cells, why_missing


def read_applicant(path: Path, features: Sequence[str], dictionary: Dictionary) -> pd.DataFrame:
    """Read the description of an applicant: a value or code for each of a model's columns, null where not known.

    Returns
    -------
    One row with the columns `features`, in prepared values.

    Raises
    ------
    InputError
        The file is not there or no JSON object, has a key twice, lacks one of `features`, or has a column or value that
        the data dictionary does not allow.
    """
    described = _read_json(path)
    if not isinstance(described, dict):
        raise InputError(f"{path}: expected a JSON object of columns and values, got a {type(described).__name__}")
    asked = [name for name in dictionary.features if not dictionary.columns[name].why_missing]
    if unknown := [name for name in described if name not in asked]:
        raise InputError(f"{path}: unknown column {unknown[0]!r}; expected {', '.join(asked)}")
    told_by = {name: dictionary.columns[name].why_missing or name for name in features}
    if missing := [name for name in told_by.values() if name not in described]:
        raise InputError(f"{path}: {missing[0]!r} is missing; null says that it is not known")
    cells = {name: _cell(path, name, described[name], dictionary.columns[name]) for name in told_by.values()}
    return pd.DataFrame(
        {name: (read_cells if name == of else why_missing)(*cells[of])[0] for name, of in told_by.items()}
    )


def _read_json(path: Path) -> Any:
    """Read JSON in which no key stands twice; Python's reader keeps the last, and takes NaN."""
    try:
        written = path.read_text(encoding="utf-8")
        described = json.loads(written, object_pairs_hook=_distinct, parse_constant=_no_constant)
        json.dumps(described, ensure_ascii=False).encode()  # refuses half a character: "\\ud800"
        return described
    except FileNotFoundError:
        raise InputError(f"{path}: expected a JSON file with an applicant, got no such file") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: expected a JSON file with an applicant, got a fault: {error}") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if repeated := [key for key in keys if keys.count(key) > 1]:
        raise ValueError(f"{repeated[0]!r} twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name}, which is no JSON; null says that a value is not known")


def _cell(path: Path, name: str, value: Any, column: Column) -> tuple[pd.Series, Column]:
    """Write a value as a cell of its column, and refuse one that the dictionary does not allow.

    A number of JSON is one already, in whatever form the lender's file has the column's.
    """
    if isinstance(value, bool | list | dict):
        raise InputError(f"{path}: {name!r} must be a number, text or null, got {json.dumps(value)}")
    if isinstance(value, int | float):
        column = column.model_copy(update={"number": None})
    cell = pd.Series(["" if value is None else str(value)], dtype="str")
    if read_cells(cell, column)[1].iloc[0] in INVALID:
        raise InputError(f"{path}: {name!r} must be {_allowed(column)}, got {json.dumps(value)}")
    return cell, column


def _allowed(column: Column) -> str:
    if column.codes:
        return f"one of {', '.join(map(str, column.codes))}"
    if column.range is None:
        return "a number"
    low, high = (f"{end:.15g}" for end in column.range)
    return f"{low}-{high} {column.unit}".rstrip()
