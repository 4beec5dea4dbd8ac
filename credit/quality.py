"""What was found in the cells of a table, and whether that is too much damage."""

from typing import Any

import pandas as pd

from credit.cells import INVALID, MISSING, RESTORED
from credit.errors import InputError

WORST_NAMED = 3


def summarise(counts: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a record a column: cells kept, restored, missing and invalid (made missing), and the kinds that these are.

    Parameters
    ----------
    counts : a row a column, a column a kind of cell, and `in_file`: whether the file has the column.
    """
    records = []
    for name, row in counts.iterrows():
        groups = {"restored": RESTORED, "missing": MISSING, "invalid": INVALID}
        sums = {group: int(row[list(kinds)].sum()) for group, kinds in groups.items()}
        of_kind = {kind: int(row[kind]) for kinds in groups.values() for kind in kinds}
        records.append(
            {"column": name, "in_file": bool(row["in_file"]), "kept": int(row["kept"]), **sums, "kinds": of_kind}
        )
    return records


def count_filled(values: pd.DataFrame, applicants: pd.DataFrame) -> int:
    """Count the cells that the first row of an applicant lacked and a repeat of it had."""
    return int(applicants.notna().to_numpy().sum() - values.loc[applicants.index].notna().to_numpy().sum())


def check_readable(name: str, cells: pd.Series, kinds: pd.Series, lines: pd.Series, where: str) -> None:
    """Refuse a column of which some cells are not valid and none is; the dictionary means another one."""
    invalid = kinds.isin(INVALID)
    if invalid.any() and kinds.isin((*MISSING, *INVALID)).all():
        first = invalid.idxmax()
        raise InputError(
            f"{where}: expected values of '{name}' as data/dictionary.yaml allows them, found not one; "
            f"the first is '{cells[first]}' (line {lines[first]})"
        )


def check_shares(counts: pd.DataFrame, max_missing: float, max_invalid: float, where: str) -> None:
    """Refuse a table of which too many cells have no value; columns that the file is without do not count.

    Parameters
    ----------
    counts : of the features, as for `summarise`.
    max_missing : share of the cells that may be without a value, for whatever reason.
    max_invalid : share of the cells that may hold something that the dictionary does not allow.
    """
    counts = counts[counts["in_file"]]
    for limit, kinds, told, name in (
        (max_invalid, INVALID, "cells with what data/dictionary.yaml does not allow", "max_invalid_share"),
        (max_missing, (*MISSING, *INVALID), "cells without a value", "max_missing_share"),
    ):
        found, cells = counts[list(kinds)].sum(axis=1), counts.drop(columns="in_file").sum(axis=1)
        share = found.sum() / max(cells.sum(), 1)
        if share > limit:
            worst = (found / cells).nlargest(WORST_NAMED)
            most = ", ".join(f"{column} {of_column:.1%}" for column, of_column in worst.items())
            raise InputError(
                f"{where}: expected at most {limit:.1%} {told} ('prepare.{name}'), got {share:.1%}; most in {most}"
            )
