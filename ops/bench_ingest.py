"""Measure ingest on tables of many rows: how quickly it reads, and whether its memory stays flat."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import yaml
from rich import box
from rich.table import Table

from credit.errors import InputError
from ops.stage_commands import read_commands
from ops.usage import Bench, Usage

GOAL = 500_000  # rows a second


class IngestFigures(NamedTuple):
    """What ingest used (start and imports included) on a table of so many rows and MB (10^6 bytes) of text."""

    rows: int
    size: float
    usage: Usage


def measure_ingest(bench: Bench, sizes: Sequence[int]) -> list[IngestFigures]:
    """Run source, then ingest on tables of so many rows like its own; params.yaml is put back afterwards."""
    commands = read_commands(bench.clone / "dvc.yaml")
    if lacking := [name for name in ("source", "ingest") if name not in commands]:
        raise InputError(f"dvc.yaml: expected the stages source and ingest, found no {' and no '.join(lacking)}")
    bench.fastest(commands["source"], 1)
    params = bench.clone / "params.yaml"
    written = params.read_bytes()
    settings = yaml.safe_load(written)
    like = settings["ingest"]["source"]
    large = bench.scratch / "large.csv"
    figures = []
    for rows in sizes:
        bench.fastest([sys.executable, "-m", "ops.large_table", str(rows), str(large), "--like", like], 1)
        settings["ingest"]["source"] = str(large)
        params.write_text(yaml.safe_dump(settings), encoding="utf-8")
        figures.append(
            IngestFigures(rows, large.stat().st_size / 1e6, bench.fastest(commands["ingest"], bench.repeats))
        )
        params.write_bytes(written)
        large.unlink()
    return figures


def ingest_table(figures: Sequence[IngestFigures]) -> Table:
    """Show how quickly each table was read, and with how much memory."""
    table = Table(title=f"Ingest of large tables (goal: {GOAL:,} rows/s)", title_justify="left", box=box.SIMPLE_HEAD)
    for title in ("rows", "MB", "wall s", "CPU s", "rows/s", "peak MB"):
        table.add_column(title, justify="right")
    for rows, size, usage in figures:
        cells = (f"{rows:,}", f"{size:.0f}", f"{usage.wall:.1f}", f"{usage.cpu:.1f}")
        table.add_row(*cells, f"{rows / usage.wall:,.0f}", f"{usage.peak:.0f}")
    return table
