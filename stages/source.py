"""source: rebuild the South German Credit table from an installed package and its published corrections."""

import io
import logging
from importlib.resources import files
from pathlib import Path

import pandas as pd
from scipy.io import arff

from credit.core.errors import InputError
from credit.data.statlog import PUBLISHED_DIGEST, correct, digest, to_south_german
from credit.io.files import write_csv
from stages.io.runner import run_stage

ERRATA = Path("data/south_german_errata.csv")
CORRECTION = ["statlog_row", "column", "statlog_code", "south_german_code"]
OUTPUT = Path("data/raw/south_german_credit.csv")


def read_statlog() -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Read the Statlog table that pysubgroup carries, and the levels that its header declares."""
    text = (files("pysubgroup") / "data" / "credit-g.arff").read_text(encoding="utf-8")
    records, meta = arff.loadarff(io.StringIO(text))
    table = pd.DataFrame(records)
    levels = {name: meta[name][1] for name in meta.names() if meta[name][0] == "nominal"}
    for name in levels:
        table[name] = table[name].str.decode("utf-8")
    return table, levels


def read_errata(path: Path) -> pd.DataFrame:
    """Read the cell corrections."""
    if not path.is_file():
        raise InputError(f"{path}: expected Groemping's cell corrections, got no such file")
    try:
        errata = pd.read_csv(path)
        return errata[CORRECTION].astype({name: int for name in CORRECTION if name != "column"})
    except (KeyError, ValueError):
        expected = ", ".join(CORRECTION)
        raise InputError(f"{path}: expected the columns {expected}, whole numbers except in column") from None


def main(log: logging.Logger) -> None:
    statlog, levels = read_statlog()
    errata = read_errata(ERRATA)
    table = correct(to_south_german(statlog, levels), errata)
    table_digest = digest(table)
    if table_digest != PUBLISHED_DIGEST:
        raise InputError(f"{OUTPUT}: expected the published digest {PUBLISHED_DIGEST}, got {table_digest}; not written")
    write_csv(OUTPUT, table)
    log.info("%d applicants, %d columns, %d cells corrected; digest as published", *table.shape, len(errata))


if __name__ == "__main__":
    run_stage("source", main)
