"""prepare: cells as written to values of the type and range that the data dictionary states."""

import logging
from pathlib import Path

import pandas as pd

from credit.cells import count_kinds, read_cells
from credit.delimited import LINE
from credit.dictionary import Dictionary
from credit.errors import InputError
from stages.files import read_dictionary, read_parquet, write_json, write_parquet
from stages.runner import run_stage

INGESTED = Path("data/interim/ingested.parquet")
PREPARED = Path("data/interim/prepared.parquet")
REJECTED = Path("data/interim/rejected.parquet")
QUALITY = Path("metrics/data_quality.json")

Counts = dict[str, dict[str, int]]


def read_table(ingested: pd.DataFrame, dictionary: Dictionary) -> tuple[pd.DataFrame, Counts]:
    """Read every column that the dictionary does not ignore; returns the values and the cells of each kind."""
    values, counts = {LINE: ingested[LINE]}, {}
    for name in [*dictionary.features, dictionary.target]:
        source = dictionary.source(name)
        if source not in ingested:
            ingested[source] = ""
        values[name], kinds = read_cells(ingested[source], dictionary.columns[name])
        counts[name] = count_kinds(kinds)
    return pd.DataFrame(values), counts


def code_target(table: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Make the target 1 for bad and 0 for good; rows must have one."""
    bad = table[dictionary.target].isin(list(dictionary.columns[dictionary.target].bad_codes))
    return table.assign(**{dictionary.target: bad.astype("int64")})


def reject(ingested: pd.DataFrame, unusable: pd.Series, dictionary: Dictionary) -> pd.DataFrame:
    """Keep the rows that cannot be used: line, reason and every original cell."""
    source = dictionary.source(dictionary.target)
    rejected = ingested[unusable].copy()
    rejected.insert(1, "reason", "no valid target: " + source + " = '" + rejected[source] + "'")
    return rejected


def main(log: logging.Logger) -> None:
    dictionary = read_dictionary()
    ingested = read_parquet(INGESTED)
    unknown = [name for name in ingested.columns.drop(LINE) if name not in map(dictionary.source, dictionary.columns)]
    table, counts = read_table(ingested, dictionary)
    unusable = table[dictionary.target].isna()
    rejected = reject(ingested, unusable, dictionary)
    prepared = code_target(table[~unusable], dictionary)
    if prepared[dictionary.target].nunique() < 2:
        raise InputError(f"{INGESTED}: expected good and bad applicants, got {len(prepared)} rows of one kind or none")
    write_parquet(PREPARED, prepared)
    write_parquet(REJECTED, rejected)
    rows = {"ingested": len(ingested), "prepared": len(prepared), "rejected": len(rejected)}
    write_json(QUALITY, {"rows": rows, "cells": counts, "columns_not_in_dictionary": len(unknown)})
    log.info("%(ingested)d rows = %(prepared)d prepared + %(rejected)d rejected", rows)
    for name, of_kind in counts.items():
        if of_kind["missing"] or of_kind["invalid"]:
            log.warning("%s: %d cells missing, %d not valid and made missing", name, of_kind["missing"], of_kind["invalid"])
    if unknown:
        log.warning("not in the dictionary and left out: %s", ", ".join(unknown))


if __name__ == "__main__":
    run_stage("prepare", main)
