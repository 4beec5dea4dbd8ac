"""Columns and tables that the tests of drafts share."""

import numpy as np
import pyarrow as pa

from ops.draft_dictionary.cells import Cells, ColumnDraft
from ops.draft_dictionary.dictionary import draft_column

ROWS = 400


def cells(values, name: str = "x") -> Cells:
    """Give the cells of a column, from line 2 on."""
    texts = [str(value) for value in values]
    return Cells.of(name, pa.chunked_array([texts]), pa.chunked_array([list(range(2, len(texts) + 2))]))


def column(values, name: str = "x") -> ColumnDraft:
    """Draft a column."""
    return draft_column(cells(values, name))


def repeated(*values) -> list:
    """Repeat values until there are as many as rows."""
    return [values[row % len(values)] for row in range(ROWS)]


def damaged(values, *damage) -> list:
    """Put damage in the place of the first values."""
    return [*damage, *list(values)[len(damage) :]]


def amounts() -> list[int]:
    """Draw amounts with a long tail."""
    return np.random.default_rng(1).lognormal(8, 1, ROWS).astype(int).tolist()


def table(columns: dict) -> pa.Table:
    """Give a table as it is read: the lines, then columns of text."""
    texts = {name: [str(value) for value in values] for name, values in columns.items()}
    return pa.table({"line": list(range(2, ROWS + 2)), **texts})
