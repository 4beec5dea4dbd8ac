"""prepare: cells to values that the data dictionary allows, repeats of an applicant to one row."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from credit.core.columns import BAD, GROUP, LINE, REASON, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import Record
from credit.core.split import applicant_groups
from credit.core.wording import percent
from credit.data.duplicates import find_duplicates, merge_rows
from credit.data.quality import (
    ROWS,
    Prepare,
    check_columns,
    check_shares,
    count_filled,
    examples,
    first_invalid,
    missing_in_words,
    summarise,
)
from credit.data.quality_figure import draw_quality
from credit.data.table import read_table
from credit.io.files import read_dictionary, read_params, read_parquet, write_figure, write_json, write_parquet
from stages.io.runner import run_stage

INGESTED = Path("data/interim/ingested.parquet")
PREPARED = Path("data/interim/prepared.parquet")
INDETERMINATE = Path("data/interim/indeterminate.parquet")
REJECTED = Path("data/interim/rejected.parquet")
QUALITY = Path("metrics/data_quality.json")
PICTURE = Path("plots/data_quality.png")


class Params(Record):
    prepare: Prepare


def check_names(dictionary: Dictionary) -> None:
    """Refuse columns that would hide those that every prepared table has."""
    for name, what in {LINE: "the line numbers", GROUP: "the numbers of distinct applicants"}.items():
        if name in dictionary.columns:
            raise InputError(
                f"data/dictionary.yaml: expected no column '{name}', for {what} have that name; "
                f"call it otherwise, with 'source: {name}'"
            )
    if BAD in dictionary.columns and dictionary.target != BAD:
        raise InputError(f"data/dictionary.yaml: expected '{BAD}' to be the target, which is {dictionary.target}")


def lender_file() -> str:
    """Give the name of what was ingested, as `ingest` noted it."""
    return (parquet.read_schema(INGESTED).metadata or {}).get(b"source", str(INGESTED).encode()).decode()


def read_ingested(dictionary: Dictionary) -> pd.DataFrame:
    """Read what was ingested; the columns of the dictionary as categories, for a text is mostly in many cells."""
    columns = dict.fromkeys(kept_apart(dictionary.source(name)) for name in dictionary.columns)
    return read_parquet(INGESTED, categories=list(columns))


def why_not_used(
    ingested: pd.DataFrame, applicants: pd.DataFrame, applicant: np.ndarray, dictionary: Dictionary
) -> pd.Series:
    """Give the reason for each row that does not become a prepared one of its own; empty for the others.

    Parameters
    ----------
    applicants : repeats merged, its index the position of the first row of each.
    applicant : of each row the position of the first of its applicant.
    """
    source = kept_apart(dictionary.source(dictionary.target))
    reasons = pd.Series("", index=ingested.index)
    unknown = applicants.index[applicants[dictionary.target].isna()]
    cells = ingested.loc[unknown, source].astype("str")
    other_case = {str(code).lower(): f" (the code is '{code}')" for code in dictionary.columns[dictionary.target].codes}
    hint = cells.str.strip().str.lower().map(other_case).fillna("")
    reasons[unknown] = "no valid target: " + source + " = '" + cells + "'" + hint
    repeats = np.flatnonzero(applicant != np.arange(len(applicant)))
    firsts = ingested[LINE].to_numpy()[applicant[repeats]]
    reasons.iloc[repeats] = [f"repeat of line {line}, merged into it" for line in firsts]
    return reasons


def keep_unused(ingested: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    """Keep the rows that are not used as they were: line, reason and every original cell."""
    unused = ingested[reasons != ""]
    unused = unused.astype(dict.fromkeys(unused.columns.drop(LINE), "str"))
    unused.insert(1, REASON, reasons[unused.index])
    return unused


def code_target(applicants: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Put `bad`, 1 for bad and 0 for good, in the place of the target; rows must have one."""
    bad = applicants[dictionary.target].isin(list(dictionary.columns[dictionary.target].bad_codes))
    return applicants.drop(columns=dictionary.target).assign(**{BAD: bad.astype("int64")})


def check_outcomes(
    prepared: pd.DataFrame, ingested: pd.DataFrame, reasons: pd.Series, dictionary: Dictionary, where: str
) -> None:
    """Refuse a table without both good and bad applicants."""
    bad = int(prepared[BAD].sum())
    if 0 < bad < len(prepared):
        return
    source = kept_apart(dictionary.source(dictionary.target))
    codes = list(dictionary.columns[dictionary.target].codes)
    without = ingested[reasons.str.startswith("no valid target")]
    first = f" (the first is '{without[source].iloc[0]}' on line {without[LINE].iloc[0]})" if len(without) else ""
    raise InputError(
        f"{where}: expected bad and good applicants by the codes {codes} of '{source}', "
        f"got {bad} bad, {len(prepared) - bad} good and {len(without)} without one of these codes{first}"
    )


def check_rejected(rejected: pd.DataFrame, rows: int, limit: float, where: str) -> None:
    """Refuse a table of which too many rows cannot be used; merged ones have been used."""
    if len(rejected) > limit * rows:
        first = rejected.iloc[0]
        raise InputError(
            f"{where}: expected at most {percent(limit)} of the rows rejected ('prepare.max_rejected_share'), "
            f"got {len(rejected)} of {rows}; the first: {first[REASON]} (line {first[LINE]})"
        )


def report(log: logging.Logger, quality: dict, ingested: pd.DataFrame, dictionary: Dictionary) -> None:
    """Log how the rows add up, and what was damaged."""
    rows = quality["rows"]
    log.info("%s", ROWS.format(**rows))
    if rows["indeterminate"]:
        log.info("%(indeterminate)d with an outcome that says neither good nor bad: no model is fitted to them", rows)
    for cells in quality["cells"]:
        if not cells["in_file"]:
            log.warning("%(column)s: not in the file, so all its cells are missing", cells)
            continue
        missing = missing_in_words(cells, dictionary.columns[cells["column"]])
        if cells["invalid"]:
            first = first_invalid(cells["column"], ingested, dictionary)
            counts = cells["column"], missing, cells["invalid"], first
            log.warning("%s: %s, %d not valid and made missing, the first %s", *counts)
        elif cells["missing"]:
            log.warning("%s: %s", cells["column"], missing)
    if rows["merged"]:
        log.info("merged repeats filled %d cells", quality["cells_filled_from_repeats"])
    if rows["alike_not_merged"]:
        alike = "%d rows equal another one and are left: people of this table may be alike by chance"
        log.warning(alike, rows["alike_not_merged"])
    if quality["unknown_columns"]:
        log.warning("not in the dictionary and left out: %s", ", ".join(quality["unknown_columns"]))


def report_future(log: logging.Logger, prepared: pd.DataFrame, time: str) -> None:
    """Warn of applicants of the future; the log alone may depend on the day of the run, the results may not."""
    tomorrow = pd.Timestamp.now("UTC").tz_localize(None) + pd.Timedelta(days=1)
    future = prepared[prepared[time] > tomorrow]
    if len(future):
        when, line = future[time].iloc[0], future[LINE].iloc[0]
        said = "%s: %d applicants are of the future, the first %s (line %s); its 'range' in %s can make them invalid"
        log.warning(said, time, len(future), when, line, "data/dictionary.yaml")


def main(log: logging.Logger) -> None:
    limits, dictionary = read_params(Params).prepare, read_dictionary()
    check_names(dictionary)
    ingested = read_ingested(dictionary)
    where = lender_file()
    values, counts = read_table(ingested, dictionary)
    looked_at = counts.loc[dictionary.names("numeric", "nominal", "ordinal", "time")]
    check_columns(looked_at, ingested, dictionary, limits.max_column_invalid_share, where)
    check_shares(counts.loc[dictionary.features], limits.max_missing_share, limits.max_invalid_share, where)

    applicant = find_duplicates(values)
    applicants = merge_rows(values, applicant)
    reasons = why_not_used(ingested, applicants, applicant, dictionary)
    used = applicants.loc[reasons.index[reasons == ""]]
    waiting = used[dictionary.target].isin(dictionary.columns[dictionary.target].indeterminate_codes)
    prepared = code_target(used[~waiting], dictionary)
    indeterminate = used.loc[waiting, dictionary.features]
    for applied in (prepared, indeterminate):
        applied.insert(0, LINE, ingested.loc[applied.index, LINE])
    prepared.insert(1, GROUP, applicant_groups(prepared[dictionary.features]))
    unused = keep_unused(ingested, reasons)
    check_outcomes(prepared, ingested, reasons, dictionary, where)
    rejected = unused.loc[unused.index.intersection(applicants.index)]
    check_rejected(rejected, len(ingested), limits.max_rejected_share, where)

    expected_columns = {LINE, *(kept_apart(dictionary.source(name)) for name in dictionary.columns)}
    unknown = [name for name in ingested.columns if name not in expected_columns]
    quality = {
        "rows": {
            "ingested": len(ingested),
            "prepared": len(prepared),
            "merged": len(values) - len(applicants),
            "rejected": len(applicants) - len(used),
            "indeterminate": len(indeterminate),
            "alike_not_merged": int(prepared.drop(columns=[LINE, GROUP]).duplicated(keep=False).sum()),
        },
        "cells": summarise(counts),
        "numbers_read": examples(ingested, values, dictionary),
        "cells_filled_from_repeats": count_filled(values, applicants),
        "columns_not_in_dictionary": len(unknown),
        "unknown_columns": unknown,
    }
    write_parquet(PREPARED, prepared)
    write_parquet(INDETERMINATE, indeterminate)
    write_parquet(REJECTED, unused)
    write_json(QUALITY, quality)
    write_figure(PICTURE, draw_quality(quality["cells"], quality["rows"]))
    report(log, quality, ingested, dictionary)
    if dictionary.time:
        report_future(log, prepared, dictionary.time)


if __name__ == "__main__":
    run_stage("prepare", main)
