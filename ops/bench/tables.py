"""Run the whole graph on other lenders' tables, beside what FLAML and LightGBM make of the same applicants."""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.table import Table

from credit.core.errors import InputError
from ops.bench.measure import Bench, ResourceUsage, table_of

AUC_GOAL = 0.003  # of the best of the others less ours, at most
RIVALS = {"flaml": "FLAML", "lightgbm": "LGBM"}
COLUMNS = ("table", "n", "chosen", "AUC\nours", *RIVALS.values(), "Brier\nours", *RIVALS.values())
EXPLANATION = (
    "n: applicants. Figures are of the same test applicants. FLAML searches for a minute, LightGBM is the best of 20 "
    "settings drawn at random, its rounds stopped early. Peak: of the largest single process."
)


class LenderTable(NamedTuple):
    """A table and its data dictionary."""

    name: str
    table: Path
    dictionary: Path


def tables_in(folder: Path) -> list[LenderTable]:
    """Find the tables (NAME.csv or NAME.csv.gz) of a folder that have a dictionary (NAME.yaml) beside them.

    Raises
    ------
    InputError
        There is none, or one is there twice.
    """
    found = []
    for dictionary in sorted(folder.glob("*.yaml")):
        tables = [path for suffix in (".csv", ".csv.gz") if (path := dictionary.with_suffix(suffix)).exists()]
        if len(tables) > 1:
            raise InputError(f"{folder}: expected one table, got {' and '.join(path.name for path in tables)}")
        found += [LenderTable(dictionary.stem, path, dictionary) for path in tables]
    if not found:
        raise InputError(f"expected tables NAME.csv or NAME.csv.gz with NAME.yaml beside them, found none in {folder}")
    return found


def measure_tables(bench: Bench) -> Table:
    """Run everything by DVC on each table, then the others on the applicants that it has split."""
    rows = []
    for lender in tables_in(bench.tables):
        with in_place_of_its_own(bench, lender):
            used = bench.run("dvc repro")
            rivals = json.loads(bench.run("python -m ops.bench.rivals").printed)
            rows.append(row_of(lender.name, results_of(bench.clone), rivals, used))
    title = f"Tables of other lenders (goal: an AUC at most {AUC_GOAL} below the best of the others)"
    return table_of(title, (*COLUMNS, "wall s", "peak MB"), rows, EXPLANATION)


@contextmanager
def in_place_of_its_own(bench: Bench, lender: LenderTable) -> Iterator[None]:
    """Put a table and its dictionary into the clone; what was there is put back afterwards."""
    params, dictionary = bench.clone / "params.yaml", bench.clone / "data/dictionary.yaml"
    source = f"data/raw/{lender.name}.csv"
    before = params.read_bytes(), dictionary.read_bytes()
    settings = yaml.safe_load(before[0])
    settings["ingest"]["source"] = source
    params.write_text(yaml.safe_dump(settings), encoding="utf-8")
    shutil.copy(lender.dictionary, dictionary)
    (bench.clone / source).parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if lender.table.suffix == ".gz" else open
    with opened(lender.table, "rb") as packed, (bench.clone / source).open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    try:
        yield
    finally:
        params.write_bytes(before[0])
        dictionary.write_bytes(before[1])


def results_of(clone: Path) -> dict[str, Any]:
    """Read what the graph has chosen, and how that does on the test applicants."""
    read = {
        name: json.loads((clone / f"metrics/{name}.json").read_text()) for name in ("eda", "selection", "evaluation")
    }
    applicants = read["eda"]["train_rows"] + read["eda"]["test_rows"]
    return {"applicants": applicants, "chosen": read["selection"]["chosen"], **read["evaluation"]}


def row_of(name: str, ours: Mapping[str, Any], rivals: Mapping[str, Any], used: ResourceUsage) -> tuple[Any, ...]:
    """Write a table's row; a `!` stands behind an AUC that misses the goal."""
    figures = [f"{which[metric]:.4f}" for metric in ("auc", "brier") for which in (ours, *map(rivals.get, RIVALS))]
    if ours["auc"] < max(rivals[rival]["auc"] for rival in RIVALS) - AUC_GOAL:
        figures[0] += "!"
    return (name, ours["applicants"], ours["chosen"], *figures, used.wall, used.peak)
