"""What the cells of a column hold, judged by the data dictionary."""

import numpy as np
import pandas as pd

from credit.core.column import KNOWN, Column
from credit.core.number_form import NumberForm
from credit.data.written_numbers import plainly

# Ways in which people and programs (SAS, Excel in three languages, MySQL, R, pandas) write that a value is not known.
PLACEHOLDERS = (
    *("", "?", "na", "n/a", "nan", "null", "none", "missing", "error", "invalid", "unknown", "-"),
    *("--", "---", ".", "..", "n.a.", "k.a.", "nat", "<na>", "<null>", "(null)", "(none)", "(blank)", "\\n"),
    *("#n/a", "#na", "#nv", "#n/d", "not available"),
)

# What became of a cell, by what was found in it. A kept one is written in the plain way.
RESTORED = ("padded", "rewritten", "padded_rewritten")  # rewritten: an integer stood there otherwise, such as `12.0`
MISSING = ("empty", "placeholder", "coded")  # coded: by a code for missing that the dictionary names
INVALID = ("unreadable", "impossible")  # impossible: not one of the codes, outside the range, or beyond `LARGEST`
DAMAGED = ("empty", "placeholder", *INVALID)  # what a code for missing says is no damage
KINDS = ("kept", *RESTORED, *MISSING, *INVALID)

LARGEST = float(np.finfo(np.float32).max)  # what trees compute with, 3.4e38; no amount of anything is larger
NEARLY_ALL = 0.95  # of the present cells
_INTEGER = r"[+-]?[0-9]+(\.0*)?"
_DECIMAL_OF_AN_INTEGER = r"-?(0|[1-9][0-9]*)\.0+"


def read_cells(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Read a column's cells as the values that the dictionary allows.

    Nothing is guessed: a value outside the valid codes or range becomes missing.

    Parameters
    ----------
    cells : text as written, or categories of it.

    Returns
    -------
    values : float where the column is numeric or has integer codes, a timestamp where it is a time, else text;
        missing where there is none.
    kinds : what was found in each cell, a category of `KINDS`; only a kept or restored one has a value.
    """
    distinct = cells.astype("category")
    position = distinct.cat.codes.to_numpy()
    levels = pd.Series(distinct.cat.categories, dtype="str")
    values, kinds = _read_distinct(levels, np.bincount(position, minlength=len(levels)), column)
    return _at(values, position, cells.index), _at(kinds, position, cells.index)


def _at(distinct: pd.Series, position: np.ndarray, index: pd.Index) -> pd.Series:
    return distinct.take(position).set_axis(index)


def why_missing(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Say why a column has no value: its code for missing, or `KNOWN` where it has one; missing where nothing is said.

    Parameters and results are those of `read_cells`, of the cells of the column and of what is said of them.
    """
    distinct = cells.astype("category")
    position = distinct.cat.codes.to_numpy()
    levels = pd.Series(distinct.cat.categories, dtype="str")
    kinds = _read_distinct(levels, np.bincount(position, minlength=len(levels)), column)[1]
    said = _codes_for_missing(levels.str.strip(), column).mask(kinds.isin(("kept", *RESTORED)), KNOWN)
    kinds = pd.Series(pd.Categorical(np.where(said.notna(), "kept", "empty"), categories=KINDS))
    return _at(said, position, cells.index), _at(kinds, position, cells.index)


def _read_distinct(cells: pd.Series, counts: np.ndarray, column: Column) -> tuple[pd.Series, pd.Series]:
    text = cells.str.strip()
    allowed = set(column.codes or ())
    coded = _codes_for_missing(text, column).notna()
    absent = coded | (text.str.lower().isin(PLACEHOLDERS) & ~text.isin([str(code) for code in allowed]))
    if column.role == "numeric" or column.has_integer_codes:
        values, plain = _as_numbers(text) if column.number is None else (_by_form(text, column.number), text)
        valid, readable = _valid_numbers(values, column), np.isfinite(values)
        if column.role == "numeric" and (valid & (values != values.round())).any():
            plain = plain.where(~text.str.fullmatch(_DECIMAL_OF_AN_INTEGER), text)
    elif column.role == "time":
        values, plain = _as_times(text, column.format), text
        valid, readable = values.dt.normalize().between(*map(pd.Timestamp, column.days)), values.notna()
    else:
        values = plain = _as_codes(text, allowed) if allowed else _as_levels(text, counts * ~absent)
        valid = text.notna() if not allowed else values.isin(list(allowed))
        readable = ~valid
    padded, rewritten = (text != cells).to_numpy(), (plain != text).to_numpy()
    kinds = np.select(
        [text == "", coded, absent, ~valid & ~readable, ~valid, padded & rewritten, padded, rewritten],
        ["empty", "coded", "placeholder", "unreadable", "impossible", "padded_rewritten", "padded", "rewritten"],
        "kept",
    )
    return values.where(valid & ~absent), pd.Series(pd.Categorical(kinds, categories=KINDS))


def _codes_for_missing(text: pd.Series, column: Column) -> pd.Series:
    """Give the code for missing, as text, that each cell holds: a number however it is written; missing where none."""
    numbers = {float(code): str(code) for code in column.missing if not isinstance(code, str)}
    found = text.where(text.isin([code for code in column.missing if isinstance(code, str)]))
    for form in {None, column.number} if numbers else ():
        read = _as_numbers(text)[0] if form is None else pd.to_numeric(plainly(text, form), errors="coerce")
        found = found.fillna(read.map(numbers).astype("str"))
    return found


def _by_form(text: pd.Series, form: NumberForm) -> pd.Series:
    return pd.to_numeric(plainly(text, form), errors="coerce").astype("float64") / form.divisor


def _as_numbers(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read numbers, and write them plainly: an integer without a point, else as it was written."""
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    whole = np.isfinite(values) & (values == values.round()) & (values.abs() < 2**53)
    plain = text.copy()
    plain[whole] = values[whole].astype("int64").astype("str")
    return values, plain


def _as_times(text: pd.Series, form: str | None) -> pd.Series:
    """Read times, those with a zone as UTC, to the second."""
    times = pd.to_datetime(text, format=form or "ISO8601", errors="coerce", utc=True)
    return times.dt.tz_localize(None).dt.as_unit("s")


def _as_codes(text: pd.Series, codes: set[str]) -> pd.Series:
    """Write integers plainly where that makes a code of them: `1.0` where the codes are "1" and "2"."""
    _, plain = _as_numbers(text)
    return text.where(text.isin(list(codes)) | ~plain.isin(list(codes)), plain)


def _as_levels(text: pd.Series, present: pd.Series) -> pd.Series:
    """Write integers without a point where nearly all `present` cells (a number a level) are integers.

    A program that meets a missing cell among the codes 202 and 203 writes `202.0`, and the same level would be two.
    """
    integers = text.str.fullmatch(_INTEGER)
    if present[integers].sum() < NEARLY_ALL * present.sum():
        return text
    return text.where(~integers, text.str.split(".").str[0])


def _valid_numbers(values: pd.Series, column: Column) -> pd.Series:
    if column.codes is not None:
        return values.isin(list(column.codes))
    low, high = column.range or (-LARGEST, LARGEST)
    return values.between(max(low, -LARGEST), min(high, LARGEST))


def count_kinds(kinds: pd.Series) -> dict[str, int]:
    """Count the cells of each kind."""
    counts = kinds.value_counts()
    return {kind: int(counts.get(kind, 0)) for kind in KINDS}
