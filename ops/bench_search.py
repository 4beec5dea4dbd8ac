"""Measure the search of settings beside a plain grid search of the same candidates, and beside the fits it needs."""

import json
import sys
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.table import Table

from credit.core.errors import InputError
from ops.stage_commands import read_commands
from ops.usage import Bench

FASTER_GOAL, BOUND_GOAL = 5, 1.5  # times as fast as the plain search, times as long as the bound, over all families
BEFORE = ("source", "ingest", "prepare", "eda")
EXPLANATION = """\
Plain: GridSearchCV of the whole pipeline, same candidates, folds and processes.
Bound: CPU of the needed fits alone, one after the other; over the cores it is
the wall time for the last ratio. Ratios are of wall times; start and imports
are in none of them. Fits: of the estimator, a fold. Pick: the candidate's
number; 5!7 would say that plain picks 7 instead.
"""


class SearchFigures(NamedTuple):
    """What the search of a family cost (seconds), of so many candidates by so many fits a fold; and what was picked."""

    family: str
    candidates: int
    fits: int
    wall: float
    cpu: float
    plain_wall: float
    plain_cpu: float
    bound_wall: float
    bound_cpu: float
    pick: int | None
    plain_pick: int | None


def measure_search(bench: Bench, families: Sequence[str]) -> list[SearchFigures]:
    """Run what the search needs, then the search of each of the families (all, if none is named) in every way."""
    commands = read_commands(bench.clone / "dvc.yaml")
    searched = [name.partition("@")[2] for name in commands if name.startswith("train@")]
    if unknown := [family for family in families if family not in searched]:
        raise InputError(f"expected families of dvc.yaml, {', '.join(searched)}, got {', '.join(unknown)}")
    for name in BEFORE:
        if name not in commands:
            raise InputError(f"dvc.yaml: expected the stages {', '.join(BEFORE)}, found no {name}")
        bench.fastest(commands[name], 1)
    return [_measure(bench, family) for family in families or searched]


def _measure(bench: Bench, family: str) -> SearchFigures:
    printed = bench.fastest([sys.executable, "-m", "ops.search_ways", family], 1).printed
    ways = {row["way"]: row for row in map(json.loads, printed.splitlines())}
    ours, plain, needed = ways["search"], ways["plain"], ways["fits"]
    costs = (ours["wall"], ours["cpu"], plain["wall"], plain["cpu"], needed["cpu"] / needed["cores"], needed["cpu"])
    return SearchFigures(family, needed["candidates"], needed["fits"], *costs, ours["pick"], plain["pick"])


def total(figures: Sequence[SearchFigures]) -> SearchFigures:
    """Sum the figures of all families; there is no pick among them."""
    sums = [sum(column) for column in list(zip(*figures, strict=True))[1:-2]]
    return SearchFigures("total", *sums, None, None)


def search_table(figures: Sequence[SearchFigures]) -> Table:
    """Show for each family what it cost, how many times the plain search and the bound cost, and the picks."""
    title = f"Search (goals in all: plain/ours at least {FASTER_GOAL}, ours/bound at most {BOUND_GOAL})"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("family")
    for name in ("cand.", "fits", "ours\nwall s", "\nCPU s", "plain\nwall s", "\nCPU s", "bound\nCPU s"):
        table.add_column(name, justify="right")
    for name in ("plain\n/ours", "ours\n/bound", "pick"):
        table.add_column(name, justify="right")
    for row in [*figures, total(figures)]:
        seconds = (f"{value:.1f}" for value in (row.wall, row.cpu, row.plain_wall, row.plain_cpu, row.bound_cpu))
        ratios = f"{row.plain_wall / row.wall:.1f}", f"{row.wall / row.bound_wall:.2f}"
        table.add_row(row.family, str(row.candidates), str(row.fits), *seconds, *ratios, _picks(row))
    return table


def _picks(row: SearchFigures) -> str:
    if row.pick is None:
        return ""
    return str(row.pick) if row.pick == row.plain_pick else f"{row.pick}!{row.plain_pick}"
