"""prepare: cells as written to values of the type and range that the data dictionary states."""

import logging
from pathlib import Path

import pandas as pd

from credit.cells import count_kinds, read_cells
from credit.columns import BAD, LINE
from credit.dictionary import Dictionary
from credit.errors import InputError
from stages.files import read_dictionary, read_parquet, write_json, write_parquet
from stages.runner import run_stage

INGESTED = Path("data/interim/ingested.parquet")
PREPARED = Path("data/interim/prepared.parquet")
REJECTED = Path("data/interim/rejected.parquet")
QUALITY = Path("metrics/data_quality.json")
REASON = "reason"

Counts = dict[str, dict[str, int]]


def check_names(dictionary: Dictionary) -> None:
    """Refuse columns that would hide those that every prepared table has."""
    if LINE in dictionary.columns:
        raise InputError(f"data/dictionary.yaml: expected no column '{LINE}', for the line numbers have that name")
    if BAD in dictionary.columns and dictionary.target != BAD:
        raise InputError(f"data/dictionary.yaml: expected '{BAD}' to be the target, which is {dictionary.target}")


def read_table(ingested: pd.DataFrame, dictionary: Dictionary) -> tuple[pd.DataFrame, Counts]:
    """Read every column that the dictionary does not ignore; returns the values and the cells of each kind."""
    values, counts = {LINE: ingested[LINE]}, {}
    absent = pd.Series("", index=ingested.index)
    for name in [*dictionary.features, dictionary.target]:
        cells = ingested.get(dictionary.source(name), absent)
        values[name], kinds = read_cells(cells, dictionary.columns[name])
        counts[name] = count_kinds(kinds)
        if name in dictionary.features and counts[name]["invalid"] and not values[name].notna().any():
            first = kinds[kinds == "invalid"].index[0]
            raise InputError(
                f"{INGESTED}: expected values of '{name}' as data/dictionary.yaml allows them, found not one; "
                f"the first is '{cells[first]}' (line {ingested.at[first, LINE]})"
            )
    return pd.DataFrame(values), counts


def code_target(table: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Put `bad`, 1 for bad and 0 for good, in the place of the target; rows must have one."""
    bad = table[dictionary.target].isin(list(dictionary.columns[dictionary.target].bad_codes))
    return table.drop(columns=dictionary.target).assign(**{BAD: bad.astype("int64")})


def reject(ingested: pd.DataFrame, unusable: pd.Series, dictionary: Dictionary) -> pd.DataFrame:
    """Keep the rows that cannot be used: line, reason and every original cell."""
    source = dictionary.source(dictionary.target)
    rejected = ingested[unusable]
    reason = "no valid target: " + source + " = '" + rejected[source] + "'"
    rejected = rejected.rename(columns={REASON: f"{REASON} (as in the file)"})
    rejected.insert(1, REASON, reason)
    return rejected


def check_outcomes(prepared: pd.DataFrame, rejected: pd.DataFrame, dictionary: Dictionary) -> None:
    """Refuse a table without both good and bad applicants."""
    bad = int(prepared[BAD].sum())
    if 0 < bad < len(prepared):
        return
    source = dictionary.source(dictionary.target)
    codes = list(dictionary.columns[dictionary.target].codes)
    first = f" (the first is '{rejected[source].iloc[0]}' on line {rejected[LINE].iloc[0]})" if len(rejected) else ""
    raise InputError(
        f"{INGESTED}: expected bad and good applicants by the codes {codes} of '{source}', "
        f"got {bad} bad, {len(prepared) - bad} good and {len(rejected)} without one of these codes{first}"
    )


def main(log: logging.Logger) -> None:
    dictionary = read_dictionary()
    check_names(dictionary)
    ingested = read_parquet(INGESTED)
    unknown = [name for name in ingested.columns.drop(LINE) if name not in map(dictionary.source, dictionary.columns)]
    table, counts = read_table(ingested, dictionary)
    unusable = table[dictionary.target].isna()
    rejected = reject(ingested, unusable, dictionary)
    prepared = code_target(table[~unusable], dictionary)
    check_outcomes(prepared, rejected, dictionary)
    write_parquet(PREPARED, prepared)
    write_parquet(REJECTED, rejected)
    rows = {"ingested": len(ingested), "prepared": len(prepared), "rejected": len(rejected)}
    cells = [{"column": name, **of_kind} for name, of_kind in counts.items()]
    write_json(QUALITY, {"rows": rows, "cells": cells, "columns_not_in_dictionary": len(unknown)})
    log.info("%(ingested)d rows = %(prepared)d prepared + %(rejected)d rejected", rows)
    for name, of_kind in counts.items():
        if of_kind["missing"] or of_kind["invalid"]:
            log.warning(
                "%s: %d cells missing, %d not valid and made missing", name, of_kind["missing"], of_kind["invalid"]
            )
    if unknown:
        log.warning("not in the dictionary and left out: %s", ", ".join(unknown))


if __name__ == "__main__":
    run_stage("prepare", main)
