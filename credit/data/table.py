"""The cells of a whole table, read by the data dictionary."""

import pandas as pd

from credit.core.columns import kept_apart
from credit.core.dictionary import Dictionary
from credit.data.cells import count_kinds, read_cells, why_missing


def read_table(cells: pd.DataFrame, dictionary: Dictionary) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read every column that the dictionary does not ignore.

    Parameters
    ----------
    cells : text as written, or categories of it; columns by their names in the file.

    Returns
    -------
    The values, and the cells counted: a row a column, a column a kind, and whether the file has the column.
    """
    values, counts = {}, {}
    absent = pd.Series("", index=cells.index)
    for name in dictionary.names("numeric", "nominal", "ordinal", "time", "target"):
        source, column = kept_apart(dictionary.source(name)), dictionary.columns[name]
        of_column = cells.get(source, absent)
        if column.why_missing:
            values[name], kinds = why_missing(of_column, dictionary.columns[column.why_missing])
        else:
            values[name], kinds = read_cells(of_column, column)
        counts[name] = {**count_kinds(kinds), "in_file": source in cells}
    return pd.DataFrame(values, copy=False), pd.DataFrame.from_dict(counts, orient="index")
