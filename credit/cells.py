"""What the cells of a column hold, judged by the data dictionary."""

import numpy as np
import pandas as pd

from credit.dictionary import Column

# Ways in which people and programs write that a value is not known.
PLACEHOLDERS = ("", "?", "na", "n/a", "nan", "null", "none", "missing", "error", "invalid", "unknown", "-")

KINDS = ("kept", "restored", "missing", "invalid")


def read_cells(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Read a column's cells as the values that the dictionary allows.

    Nothing is guessed: a value outside the valid codes or range becomes missing.

    Parameters
    ----------
    cells : text as written.

    Returns
    -------
    values : float where the column is numeric or has integer codes, else text; NaN where there is none.
    kinds : for each cell `kept` (the plain way to write its value), `restored` (it was padded, or an integer
        was written otherwise, such as `12.0`), `missing` (empty or a placeholder) or `invalid` (made missing).
    """
    text = cells.astype("str").str.strip()
    if column.role == "numeric" or column.has_integer_codes:
        values, plain = _as_numbers(text)
        valid = _valid_numbers(values, column)
        allowed = set(column.codes or ())
    else:
        values, plain = text, text
        valid = text.isin(list(allowed)) if (allowed := set(column.codes or ())) else text.notna()
    absent = text.str.lower().isin(PLACEHOLDERS) & ~text.isin([str(code) for code in allowed])
    usable = valid & ~absent
    kinds = np.select(
        [absent.to_numpy(), ~valid.to_numpy(), (plain == cells).to_numpy()],
        ["missing", "invalid", "kept"],
        "restored",
    )
    return values.where(usable), pd.Series(kinds, index=cells.index)


def _as_numbers(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read numbers, and write them plainly: an integer without a point, else as it was written."""
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    whole = np.isfinite(values) & (values == values.round()) & (values.abs() < 2**53)
    plain = text.copy()
    plain[whole] = values[whole].astype("int64").astype("str")
    return values, plain


def _valid_numbers(values: pd.Series, column: Column) -> pd.Series:
    if column.codes is not None:
        return values.isin(list(column.codes))
    if column.range is not None:
        return values.between(*column.range)
    return pd.Series(np.isfinite(values), index=values.index)


def count_kinds(kinds: pd.Series) -> dict[str, int]:
    """Count the cells of each kind."""
    counts = kinds.value_counts()
    return {kind: int(counts.get(kind, 0)) for kind in KINDS}
