"""Measure on tables of many rows: how quickly ingest reads, and what the phases up to three families use."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import yaml
from rich.table import Table

from ops.bench.resource_usage import Bench, Usage, results_table
from ops.bench.stages import read_commands

INGEST_GOAL = 500_000  # rows a second
DATA, FAMILIES = ("ingest", "prepare"), ("train@lr", "train@xgb", "train@dt")
PHASES = (*DATA, "eda", *FAMILIES)
DATA_GOAL, FAMILIES_GOAL, PEAK_GOAL = 10, 60, 2000  # seconds, seconds, MB; of a million rows
IngestResult = tuple[int, float, Usage]  # rows, MB (10^6 bytes) of text, what ingest used, start and imports included


def measure_ingest(bench: Bench, sizes: Sequence[int]) -> list[IngestResult]:
    """Run ingest on tables of so many rows like its own."""
    commands = read_commands(bench, ("source", "ingest"))
    results = []
    for rows in sizes:
        with large_source(bench, commands["source"], rows) as size:
            results.append((rows, size, bench.fastest(commands["ingest"], bench.repeats)))
    return results


def measure_phases(bench: Bench, rows: int) -> dict[str, Usage]:
    """Run each of `PHASES` on a table of so many rows like that of ingest, without DVC."""
    commands = read_commands(bench, ("source", *PHASES))
    with large_source(bench, commands["source"], rows):
        return {name: bench.fastest(commands[name], bench.repeats) for name in PHASES}


@contextmanager
def large_source(bench: Bench, source: str, rows: int) -> Iterator[float]:
    """Let ingest read a table of so many rows like its own; gives its size (MB). params.yaml is put back afterwards."""
    bench.fastest(source, 1)
    params = bench.clone / "params.yaml"
    written = params.read_bytes()
    settings = yaml.safe_load(written)
    like, large = settings["ingest"]["source"], bench.scratch / "large.csv"
    bench.fastest([sys.executable, "-m", "ops.bench.large_table", like, str(rows), str(large)], 1)
    settings["ingest"]["source"] = str(large)
    params.write_text(yaml.safe_dump(settings), encoding="utf-8")
    try:
        yield large.stat().st_size / 1e6
    finally:
        params.write_bytes(written)
        large.unlink()


def ingest_table(results: Sequence[IngestResult]) -> Table:
    """Show how quickly each table was read, and with how much memory."""
    title = f"Ingest of large tables (goal: {INGEST_GOAL:,} rows/s)"
    table = results_table(title, ("rows", "MB", "wall s", "CPU s", "rows/s", "peak MB"))
    for rows, size, (wall, cpu, peak, _) in results:
        table.add_row(f"{rows:,}", f"{size:.0f}", f"{wall:.1f}", f"{cpu:.1f}", f"{rows / wall:,.0f}", f"{peak:.0f}")
    return table


def phases_table(usages: Mapping[str, Usage], rows: int) -> Table:
    """Show what each phase used on so many rows, and the sums and the highest peak beside the goals."""
    title = f"{rows:,} rows (goals: of a million)"
    table = results_table(title, ("stage", "wall s", "CPU s", "peak MB", "goal"))
    for name, (wall, cpu, peak, _) in usages.items():
        table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak:.0f}", "")
    for names, goal in ((DATA, DATA_GOAL), (FAMILIES, FAMILIES_GOAL)):
        wall, cpu = (sum(getattr(usages[name], used) for name in names) for used in ("wall", "cpu"))
        table.add_row(" + ".join(names), f"{wall:.1f}", f"{cpu:.1f}", "", f"{goal} s")
    table.add_row("highest peak", "", "", f"{max(usage.peak for usage in usages.values()):.0f}", f"{PEAK_GOAL:,} MB")
    return table
