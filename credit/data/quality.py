"""What was found in the cells of a table, and whether that is too much damage."""

from collections.abc import Mapping
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from credit.core.column import Column
from credit.core.columns import LINE, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import Record
from credit.core.wording import percent
from credit.data.cells import DAMAGED, INVALID, KINDS, MISSING, RESTORED, read_cells

ROWS = (
    "{ingested:,} rows = {prepared:,} prepared + {merged:,} merged + {rejected:,} rejected + "
    "{indeterminate:,} indeterminate"
)
WORST_NAMED = 3
LONGEST_SHOWN = 60  # characters

Share = Annotated[float, Field(ge=0, le=1)]


class Prepare(Record):
    max_missing_share: Share
    max_invalid_share: Share
    max_column_invalid_share: Share
    max_rejected_share: Share


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


def missing_in_words(cells: Mapping[str, Any], column: Column) -> str:
    """Say how many of a column's cells are missing, and of how many a code said so, by its record of `summarise`."""
    coded = cells["kinds"]["coded"]
    codes = ", ".join(f"{code} ({label})" if label else str(code) for code, label in column.missing.items())
    return f"{cells['missing']} cells missing" + (f", {coded} of them by {codes}" if coded else "")


def examples(ingested: pd.DataFrame, values: pd.DataFrame, dictionary: Dictionary) -> list[dict[str, Any]]:
    """Show for each column whose numbers have a form of their own the first cell with a value, and how it was read."""
    shown = []
    for name in dictionary.names("numeric"):
        if dictionary.columns[name].number and values[name].notna().any():
            first = values[name].first_valid_index()
            line, cell = ingested.loc[first, [LINE, kept_apart(dictionary.source(name))]]
            shown.append({"column": name, "line": line, "cell": cell, "value": values.loc[first, name]})
    return shown


def count_filled(values: pd.DataFrame, applicants: pd.DataFrame) -> int:
    """Count the cells that the first row of an applicant lacked and a repeat of it had."""
    if len(applicants) == len(values):
        return 0
    seen_in_first = values.notna().loc[applicants.index]
    return int(applicants.notna().to_numpy().sum() - seen_in_first.to_numpy().sum())


def check_columns(
    counts: pd.DataFrame, ingested: pd.DataFrame, dictionary: Dictionary, max_invalid: float, where: str
) -> None:
    """Refuse a column of which hardly anything can be used, however well the others are.

    Parameters
    ----------
    counts : of the columns to look at, as for `summarise`.
    max_invalid : share of a column's cells, but for missing ones, that may hold what the dictionary does not allow.
    """
    for name, row in counts.iterrows():
        column, invalid = dictionary.columns[name], row[list(INVALID)].sum()
        present = row[list(KINDS)].sum() - row[list(MISSING)].sum()
        if present and invalid / present > max_invalid:
            raise InputError(
                f"{where}: expected {_allowed(column)} in '{name}', got something else in {invalid} of the {present} "
                f"cells present; the first is {first_invalid(name, ingested, dictionary)}; "
                f"up to {percent(max_invalid)} may be so ('prepare.max_column_invalid_share')"
            )
        if column.required and invalid == present:
            raise InputError(
                f"{where}: expected values in the required column '{name}', got none on {len(ingested)} rows"
            )


def first_invalid(name: str, ingested: pd.DataFrame, dictionary: Dictionary) -> str:
    """Write the first cell of a column that the dictionary does not allow, with its line."""
    cells = ingested[kept_apart(dictionary.source(name))]
    first = read_cells(cells, dictionary.columns[name])[1].isin(INVALID).idxmax()
    return f"{_shown(cells[first])} (line {ingested.loc[first, LINE]})"


def _allowed(column: Column) -> str:
    if column.codes:
        return f"the codes {_shown(list(column.codes))}"
    if column.role == "time":
        written = _shown(column.format) if column.format else "in ISO 8601"
        return "times from {} to {} written as {}".format(*column.days, written)
    return "numbers from {:.15g} to {:.15g}".format(*column.range) if column.range else "numbers"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[: LONGEST_SHOWN - 3]}..."


def check_shares(counts: pd.DataFrame, max_missing: float, max_invalid: float, where: str) -> None:
    """Refuse a table of which too many cells have no value; columns that the file is without do not count.

    Parameters
    ----------
    counts : of the features, as for `summarise`.
    max_missing : share of the cells that may be without a value, for whatever reason.
    max_invalid : share of the cells that may hold something that the dictionary does not allow.
    """
    counts = counts[counts["in_file"]]
    for limit, kinds, what, name in (
        (max_invalid, INVALID, "cells with what data/dictionary.yaml does not allow", "max_invalid_share"),
        (max_missing, DAMAGED, "cells without a value", "max_missing_share"),
    ):
        of_kind, cells = counts[list(kinds)].sum(axis=1), counts.drop(columns="in_file").sum(axis=1)
        share = of_kind.sum() / max(cells.sum(), 1)
        if share > limit:
            worst = (of_kind / cells).nlargest(WORST_NAMED)
            most = ", ".join(f"{column} {percent(of_column)}" for column, of_column in worst.items())
            raise InputError(
                f"{where}: expected at most {percent(limit)} {what} ('prepare.{name}'), "
                f"got {percent(share)}; most in {most}"
            )
