"""Measure the search of settings beside a plain grid search of the same candidates, and beside the fits it needs."""

import json

from rich.table import Table

from ops.bench.measure import Bench, table_of
from ops.bench.stages import read_commands

FASTER_GOAL, BOUND_GOAL = 5, 1.5  # times as fast as the plain search, times as long as the bound, over all families
PROGRAM = "python -m ops.bench.search_benchmark"
BEFORE = ("source", "ingest", "prepare", "eda")
SUMMED = ("candidates", "fits", "wall", "cpu", "plain_wall", "plain_cpu", "bound_cpu", "bound_wall")
COLUMNS = ("family", "cand.", "fits", "ours\nwall s", "\nCPU s", "plain\nwall s", "\nCPU s", "bound\nCPU s")
RATIOS = ("plain\n/ours", "ours\n/bound", "best")
EXPLANATION = (
    "Plain: GridSearchCV of the whole pipeline, same candidates, folds and processes. Bound: CPU of the needed fits "
    "alone, one after the other; over the cores it is the wall time for the last ratio. Ratios are of wall times; "
    "start and imports are in none of them. Fits: of the estimator, a fold. Best: the candidate's number; 5!7 would "
    "say that to plain 7 is the best."
)


def measure_search(bench: Bench) -> Table:
    """Run what the search needs, then the search of each family in every way."""
    commands = read_commands(bench)
    for name in BEFORE:
        bench.run(commands[name])
    families = [name.removeprefix("train@") for name in commands if name.startswith("train@")]
    results = {family: json.loads(bench.run(f"{PROGRAM} {family}").printed) for family in families}
    total = {name: sum(result[name] for result in results.values()) for name in SUMMED}
    rows = []
    for family, row in {**results, "total": {**total, "best": "", "plain_best": ""}}.items():
        seconds = [row[name] for name in ("wall", "cpu", "plain_wall", "plain_cpu", "bound_cpu")]
        ratios = row["plain_wall"] / row["wall"], f"{row['wall'] / row['bound_wall']:.2f}"
        best = f"{row['best']}" if row["best"] == row["plain_best"] else f"{row['best']}!{row['plain_best']}"
        rows.append((family, row["candidates"], row["fits"], *seconds, *ratios, best))
    title = f"Search (goals in all: plain/ours at least {FASTER_GOAL}, ours/bound at most {BOUND_GOAL})"
    return table_of(title, (*COLUMNS, *RATIOS), rows, EXPLANATION)
