"""Measure how quickly saved models decide on a large file of applications, and in how much memory."""

import shlex

from rich.table import Table

from ops.bench.large import large_source
from ops.bench.measure import Bench, table_of
from ops.bench.stages import read_commands

FAMILY_GOAL, BLEND_GOAL, PEAK_GOAL = 200_000, 60_000, 500  # rows a second, and MB
MODELS = ("scorecard", "lr", "xgb", "rf", "blend")
COLUMNS = ("model", "rows", "wall s", "CPU s", "rows/s", "peak MB")


def measure_scoring(bench: Bench) -> Table:
    """Train, then score a table of the fewest rows by several models, and one of the most by the scorecard."""
    commands = read_commands(bench)
    bench.run("dvc repro evaluate")
    fewest, most = min(bench.rows), max(bench.rows)
    rows = _score(bench, commands["source"], MODELS, fewest)
    if most > fewest:
        rows += _score(bench, commands["source"], MODELS[:1], most)
    title = (
        f"Scoring without reasons, start and imports included (goals: {FAMILY_GOAL:,} rows/s, by the blend "
        f"{BLEND_GOAL:,}; {PEAK_GOAL} MB)"
    )
    return table_of(title, COLUMNS, rows)


def _score(bench: Bench, source: str, models: tuple[str, ...], number: int) -> list[tuple]:
    table, decisions = bench.scratch / "large.csv", bench.scratch / "decisions.parquet"
    rows = []
    with large_source(bench, source, number):
        for model in models:
            command = ["python", "-m", "ops.score", table, "-o", decisions, "--model", f"models/{model}.joblib"]
            used = bench.run(shlex.join(map(str, command)))
            rows.append((model, f"{number:,}", used.wall, used.cpu, round(number / used.wall), used.peak))
    return rows
