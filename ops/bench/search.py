"""Measure the search of settings beside a plain grid search of the same candidates, and beside the fits it needs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from credit.core.errors import InputError
from ops.bench.resource_usage import Bench, results_table
from ops.bench.stages import read_commands

FASTER_GOAL, BOUND_GOAL = 5, 1.5  # times as fast as the plain search, times as long as the bound, over all families
PROGRAM = (sys.executable, "-m", "ops.bench.search_benchmark")
BEFORE = ("source", "ingest", "prepare", "eda")
SUMMED = ("candidates", "fits", "wall", "cpu", "plain_wall", "plain_cpu", "bound_cpu", "bound_wall")
EXPLANATION = """\
Plain: GridSearchCV of the whole pipeline, same candidates, folds and processes.
Bound: CPU of the needed fits alone, one after the other; over the cores it is
the wall time for the last ratio. Ratios are of wall times; start and imports
are in none of them. Fits: of the estimator, a fold. Pick: the candidate's
number; 5!7 would say that plain picks 7 instead.
"""
SearchResult = dict[str, Any]  # what `ops.bench.search_benchmark` prints


def measure_search(bench: Bench, families: Sequence[str]) -> dict[str, SearchResult]:
    """Run what the search needs, then the search of each of the families (all, if none is named) in every way."""
    commands = read_commands(bench, BEFORE)
    searched = [name.partition("@")[2] for name in commands if name.startswith("train@")]
    if unknown := [family for family in families if family not in searched]:
        raise InputError(f"expected families of dvc.yaml, {', '.join(searched)}, got {', '.join(unknown)}")
    for name in BEFORE:
        bench.fastest(commands[name], 1)
    return {family: json.loads(bench.fastest([*PROGRAM, family], 1).printed) for family in families or searched}


def search_table(results: dict[str, SearchResult]) -> Table:
    """Show for each family what it cost, how many times the plain search and the bound cost, and the picks."""
    title = f"Search (goals in all: plain/ours at least {FASTER_GOAL}, ours/bound at most {BOUND_GOAL})"
    columns = ("family", "cand.", "fits", "ours\nwall s", "\nCPU s", "plain\nwall s", "\nCPU s", "bound\nCPU s")
    ratios = ("plain\n/ours", "ours\n/bound", "pick")
    table = results_table(title, (*columns, *ratios), pad_edge=False, collapse_padding=True)
    total = {name: sum(result[name] for result in results.values()) for name in SUMMED}
    for family, row in {**results, "total": {**total, "pick": "", "plain_pick": ""}}.items():
        seconds = [f"{row[name]:.1f}" for name in ("wall", "cpu", "plain_wall", "plain_cpu", "bound_cpu")]
        ratios = f"{row['plain_wall'] / row['wall']:.1f}", f"{row['wall'] / row['bound_wall']:.2f}"
        pick = f"{row['pick']}" if row["pick"] == row["plain_pick"] else f"{row['pick']}!{row['plain_pick']}"
        table.add_row(family, str(row["candidates"]), str(row["fits"]), *seconds, *ratios, pick)
    return table
