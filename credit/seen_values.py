"""The values of an attribute that are worth trying: those that training applicants have."""

import pandas as pd

from credit.dictionary import Column


def seen_values(values: pd.Series, column: Column, most: int = 20) -> list:
    """Pick values of a column that were seen, in their order, at most `most` of them.

    Numbers: the distinct values at evenly spaced quantiles, the smallest and the largest among them. Codes: those
    seen, in the dictionary's order. Text without codes: the most frequent.

    Parameters
    ----------
    values : of the training applicants; missing ones are left out.
    """
    seen = values.dropna()
    if column.role == "numeric":
        levels = [step / (most - 1) for step in range(most)]
        return sorted(set(seen.quantile(levels, interpolation="nearest").dropna()))
    distinct = set(seen)
    if column.codes:
        return [code for code in column.codes if code in distinct]
    counts = seen.value_counts().rename_axis("level").reset_index()
    return list(counts.sort_values(["count", "level"], ascending=[False, True])["level"][:most])
