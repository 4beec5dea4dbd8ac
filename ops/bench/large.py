"""Measure on tables of many rows: how quickly ingest reads, and what the phases up to three families use."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import yaml
from rich.table import Table

from ops.bench.measure import Bench, table_of
from ops.bench.stages import read_commands

INGEST_GOAL = 500_000  # rows a second
DATA, FAMILIES = ("ingest", "prepare"), ("train@lr", "train@xgb", "train@dt")
PHASES = (*DATA, "eda", *FAMILIES)
DATA_GOAL, FAMILIES_GOAL, PEAK_GOAL = "10 s", "60 s", "2,000 MB"  # of a million rows


def measure_ingest(bench: Bench) -> Table:
    """Run ingest on large tables; start and imports are in its time."""
    commands, rows = read_commands(bench), []
    for number in bench.rows:
        with large_source(bench, commands["source"], number) as size:
            used = bench.run(commands["ingest"])
        rows.append((f"{number:,}", round(size / 1e6), used.wall, used.cpu, round(number / used.wall), used.peak))
    title = f"Ingest of large tables (goal: {INGEST_GOAL:,} rows/s)"
    return table_of(title, ("rows", "MB", "wall s", "CPU s", "rows/s", "peak MB"), rows)


def measure_phases(bench: Bench) -> Table:
    """Run each of `PHASES` on the smallest of the large tables, without DVC."""
    commands, number = read_commands(bench), min(bench.rows)
    with large_source(bench, commands["source"], number):
        used = {name: bench.run(commands[name]) for name in PHASES if name in commands}
    rows = [(name, *usage[:3], "") for name, usage in used.items()]
    families = [name for name in FAMILIES if name in used]
    for names, goal in ((DATA, DATA_GOAL), (families, FAMILIES_GOAL)):
        wall, cpu = (sum(used[name][position] for name in names) for position in (0, 1))
        rows.append((" + ".join(names), wall, cpu, None, goal))
    rows.append(("highest peak", None, None, max(usage.peak for usage in used.values()), PEAK_GOAL))
    title = f"{number:,} rows (goals: of a million)"
    return table_of(title, ("stage", "wall s", "CPU s", "peak MB", "goal"), rows)


@contextmanager
def large_source(bench: Bench, source: str, rows: int) -> Iterator[int]:
    """Let ingest read a table of so many rows like its own; gives its bytes. params.yaml is put back afterwards."""
    bench.run(source)
    params, large = bench.clone / "params.yaml", bench.scratch / "large.csv"
    written = params.read_bytes()
    settings = yaml.safe_load(written)
    bench.run(
        shlex.join(["python", "-m", "ops.bench.large_table", settings["ingest"]["source"], str(rows), str(large)])
    )
    settings["ingest"]["source"] = str(large)
    params.write_text(yaml.safe_dump(settings), encoding="utf-8")
    try:
        yield large.stat().st_size
    finally:
        params.write_bytes(written)
        large.unlink()
