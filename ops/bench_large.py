"""Measure on tables of many rows: how quickly ingest reads, and what the phases up to three families use."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import yaml
from rich import box
from rich.table import Table

from credit.core.errors import InputError
from ops.stage_commands import read_commands
from ops.usage import Bench, Usage

INGEST_GOAL = 500_000  # rows a second
DATA, FAMILIES = ("ingest", "prepare"), ("train@lr", "train@xgb", "train@dt")
PHASES = (*DATA, "eda", *FAMILIES)
DATA_GOAL, FAMILIES_GOAL, PEAK_GOAL = 10, 60, 2000  # seconds, seconds, MB; of a million rows


class IngestFigures(NamedTuple):
    """What ingest used (start and imports included) on a table of so many rows and MB (10^6 bytes) of text."""

    rows: int
    size: float
    usage: Usage


def measure_ingest(bench: Bench, sizes: Sequence[int]) -> list[IngestFigures]:
    """Run ingest on tables of so many rows like its own."""
    commands = read_some(bench, ["ingest"])
    figures = []
    for rows in sizes:
        with large_source(bench, rows) as size:
            figures.append(IngestFigures(rows, size, bench.fastest(commands["ingest"], bench.repeats)))
    return figures


def measure_phases(bench: Bench, rows: int) -> dict[str, Usage]:
    """Run each of `PHASES` on a table of so many rows like that of ingest, without DVC."""
    commands = read_some(bench, PHASES)
    with large_source(bench, rows):
        return {name: bench.fastest(commands[name], bench.repeats) for name in PHASES}


def read_some(bench: Bench, names: Sequence[str]) -> Mapping[str, str]:
    """Read the commands of source and other stages, all of which must be there."""
    commands = read_commands(bench.clone / "dvc.yaml")
    if lacking := [name for name in ("source", *names) if name not in commands]:
        raise InputError(
            f"dvc.yaml: expected the stages source, {', '.join(names)}; found no {' and no '.join(lacking)}"
        )
    return commands


@contextmanager
def large_source(bench: Bench, rows: int) -> Iterator[float]:
    """Let ingest read a table of so many rows like its own; gives its size (MB). params.yaml is put back afterwards."""
    bench.fastest(read_some(bench, [])["source"], 1)
    params = bench.clone / "params.yaml"
    written = params.read_bytes()
    settings = yaml.safe_load(written)
    like, large = settings["ingest"]["source"], bench.scratch / "large.csv"
    bench.fastest([sys.executable, "-m", "ops.large_table", str(rows), str(large), "--like", like], 1)
    settings["ingest"]["source"] = str(large)
    params.write_text(yaml.safe_dump(settings), encoding="utf-8")
    try:
        yield large.stat().st_size / 1e6
    finally:
        params.write_bytes(written)
        large.unlink()


def ingest_table(figures: Sequence[IngestFigures]) -> Table:
    """Show how quickly each table was read, and with how much memory."""
    title = f"Ingest of large tables (goal: {INGEST_GOAL:,} rows/s)"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for title in ("rows", "MB", "wall s", "CPU s", "rows/s", "peak MB"):
        table.add_column(title, justify="right")
    for rows, size, usage in figures:
        cells = (f"{rows:,}", f"{size:.0f}", f"{usage.wall:.1f}", f"{usage.cpu:.1f}")
        table.add_row(*cells, f"{rows / usage.wall:,.0f}", f"{usage.peak:.0f}")
    return table


def phases_table(usages: Mapping[str, Usage], rows: int) -> Table:
    """Show what each phase used on so many rows, and the sums and the highest peak beside the goals."""
    title = f"{rows:,} rows (goals: of a million)"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for title in ("stage", "wall s", "CPU s", "peak MB", "goal"):
        table.add_column(title, justify="left" if title == "stage" else "right")
    for name, usage in usages.items():
        table.add_row(name, f"{usage.wall:.1f}", f"{usage.cpu:.1f}", f"{usage.peak:.0f}", "")
    for names, goal in ((DATA, DATA_GOAL), (FAMILIES, FAMILIES_GOAL)):
        wall, cpu = (sum(getattr(usages[name], used) for name in names) for used in ("wall", "cpu"))
        table.add_row(" + ".join(names), f"{wall:.1f}", f"{cpu:.1f}", "", f"{goal} s")
    table.add_row("highest peak", "", "", f"{max(usage.peak for usage in usages.values()):.0f}", f"{PEAK_GOAL:,} MB")
    return table
