"""Measure what the graph costs, by stage and as a whole, on large tables too, and the search,
in a fresh clone: `make bench`.

Figures to look at, never a test: they depend on the machine and on what else it does.
"""

import argparse
import os
import platform
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from credit.core.errors import InputError
from ops.bench_large import ingest_table, measure_ingest, measure_phases, phases_table
from ops.bench_search import EXPLANATION as SEARCH_EXPLANATION
from ops.bench_search import measure_search, search_table
from ops.fresh_clone import clone_last_commit, commit_changes, environment_apart, git, uncommitted
from ops.stage_commands import read_commands
from ops.usage import Bench, Usage, measure

REPRO_GOAL, EXPERIMENT_GOAL, NO_OP_GOAL = 150, 15, 2  # seconds; the last one more than DVC's own
NO_OPS = 3
IMPORTS = 2
PARTS = ("stages", "graph", "ingest", "large", "search")
ROWS = (1_000_000, 10_000_000)
MODULE = re.compile(r"python -m (\S+)")
RAN = re.compile(r"^Running stage '([^']+)'", re.MULTILINE)
EXPLANATION = """\
CPU: user and system, child processes included. Imports: of the stage's module
alone, measured apart; what it imports later, where it is used, is not counted.
Peak: of the largest single process. Of several runs the fastest is shown.
"""
ONE_STAGE = "stages:\n  one:\n    cmd: echo 1 > one.txt\n    outs: [one.txt]\n"


class StageFigures(NamedTuple):
    """What a stage used, and the CPU seconds of importing its module; None where it is no module."""

    name: str
    usage: Usage
    imports: float | None


class GraphFigures(NamedTuple):
    """What a DVC command used (seconds), beside the goal for its wall time where it has one."""

    what: str
    wall: float
    cpu: float
    goal: str
    remark: str


def measure_stages(bench: Bench) -> list[StageFigures]:
    """Run the command of every stage in the order of dvc.yaml, without DVC."""
    imports: dict[str, float] = {}
    figures = []
    for name, command in read_commands(bench.clone / "dvc.yaml").items():
        found = MODULE.search(command)
        module = found[1] if found else None
        if module and module not in imports:
            imports[module] = bench.fastest([sys.executable, "-c", f"import {module}"], IMPORTS).cpu
        figures.append(StageFigures(name, bench.fastest(command, bench.repeats), imports.get(module)))
    return figures


def measure_graph(bench: Bench) -> list[GraphFigures]:
    """Run everything by DVC, then nothing, then an experiment that finds all but the evaluation done."""
    everything = bench.fastest(["dvc", "repro", "--force"], bench.repeats)
    ran = stages_run(everything)
    commit_changes(bench.clone)
    no_op = bench.fastest(["dvc", "repro"], NO_OPS)
    if stages_run(no_op):
        raise InputError(f"expected a second `dvc repro` to run no stage, it ran {', '.join(stages_run(no_op))}")
    own = bench.fastest(["dvc", "repro"], NO_OPS, folder=one_stage_project(bench))
    experiment = bench.fastest(["dvc", "exp", "run", "--set-param", "model=xgb"], 1)
    return [
        GraphFigures("dvc repro -f", everything.wall, everything.cpu, f"{REPRO_GOAL} s", f"{len(ran)} stages ran"),
        GraphFigures(
            "dvc exp run -S model=xgb",
            experiment.wall,
            experiment.cpu,
            f"{EXPERIMENT_GOAL} s",
            f"ran: {', '.join(stages_run(experiment)) or 'nothing'}",
        ),
        GraphFigures("dvc repro, nothing to do", no_op.wall, no_op.cpu, "", f"fastest of {NO_OPS}"),
        GraphFigures("DVC's own, one stage", own.wall, own.cpu, "", f"fastest of {NO_OPS}"),
        GraphFigures("the graph adds", no_op.wall - own.wall, no_op.cpu - own.cpu, f"{NO_OP_GOAL} s", ""),
    ]


def one_stage_project(bench: Bench) -> Path:
    """Make a DVC project of one stage that has run, with the configuration of the measured one."""
    folder = bench.scratch / "one-stage"
    folder.mkdir()
    git(folder, "init", "--quiet")
    measure(["dvc", "init", "--quiet"], folder, bench.environment)
    (folder / ".dvc/config").write_bytes((bench.clone / ".dvc/config").read_bytes())
    (folder / "dvc.yaml").write_text(ONE_STAGE, encoding="utf-8")
    measure(["dvc", "repro"], folder, bench.environment)
    return folder


def stages_run(usage: Usage) -> list[str]:
    """Name the stages that a DVC command says it ran."""
    return RAN.findall(usage.printed)


def stage_table(figures: Sequence[StageFigures]) -> Table:
    """Show what each stage used, and the total: sums, but of the peaks the highest."""
    table = Table("stage", title="Stages, each alone", title_justify="left", box=box.SIMPLE_HEAD, show_footer=True)
    usages = [stage.usage for stage in figures]
    imports = [stage.imports for stage in figures]
    columns = {
        "wall s": ([f"{usage.wall:.1f}" for usage in usages], f"{sum(usage.wall for usage in usages):.1f}"),
        "CPU s": ([f"{usage.cpu:.1f}" for usage in usages], f"{sum(usage.cpu for usage in usages):.1f}"),
        "of it imports": (
            ["-" if cpu is None else f"{cpu:.1f}" for cpu in imports],
            f"{sum(filter(None, imports)):.1f}",
        ),
        "peak MB": ([f"{usage.peak:.0f}" for usage in usages], f"{max(usage.peak for usage in usages):.0f}"),
    }
    table.columns[0].footer = "total"
    for title, (_, total) in columns.items():
        table.add_column(title, footer=total, justify="right")
    for row in zip((stage.name for stage in figures), *(cells for cells, _ in columns.values()), strict=True):
        table.add_row(*row)
    return table


def graph_table(figures: Sequence[GraphFigures]) -> Table:
    """Show what DVC's commands used beside their goals."""
    table = Table(title="The graph, by DVC", title_justify="left", box=box.SIMPLE_HEAD)
    for title in ("command", "wall s", "CPU s", "goal", "remark"):
        table.add_column(title, justify="right" if title in {"wall s", "CPU s", "goal"} else "left")
    for row in figures:
        table.add_row(row.what, f"{row.wall:.1f}", f"{row.cpu:.1f}", row.goal, row.remark)
    return table


def machine() -> str:
    """Say on what is measured."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}, DVC {version('dvc')}"


def load() -> str:
    """Say how busy the machine was over the last 1, 5 and 15 minutes."""
    return ", ".join(f"{average:.2f}" for average in os.getloadavg())


def run(repository: Path, options: argparse.Namespace, console: Console) -> None:
    """Measure the last commit of `repository` in a temporary directory, and print the figures as they come."""
    console.print(machine(), f"load before: {load()} (1, 5, 15 minutes)", sep="\n")
    if changes := uncommitted(repository):
        console.print(f"note: the last commit is measured; {changes} changed or new files are not in it")
    with tempfile.TemporaryDirectory(prefix="credit-bench-") as folder:
        scratch = Path(folder)
        bench = Bench(scratch / "clone", scratch, environment_apart(os.environ, scratch), options.repeats)
        clone_last_commit(repository, bench.clone)
        if "stages" in options.parts:
            console.print(stage_table(measure_stages(bench)), EXPLANATION)
        if "graph" in options.parts:
            console.print(graph_table(measure_graph(bench)))
        if "ingest" in options.parts:
            console.print(ingest_table(measure_ingest(bench, options.rows)))
        if "large" in options.parts:
            console.print(phases_table(measure_phases(bench, min(options.rows)), min(options.rows)))
        if "search" in options.parts:
            console.print(search_table(measure_search(bench, options.families)), SEARCH_EXPLANATION)
    console.print(f"load after: {load()}")


def main(arguments: Sequence[str]) -> None:
    """Run the bench for the repository in the current directory; a failure ends with its reason and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.bench", description="measure the last commit; never a test")
    parser.add_argument("--repeats", type=int, default=1, metavar="N", help="runs of each stage and of the graph")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure; else all")
    parser.add_argument(
        "--rows", nargs="+", type=int, default=ROWS, metavar="N", help="of the large tables; `large` takes the smallest"
    )
    parser.add_argument("--families", nargs="+", default=(), metavar="F", help="that are searched; else all")
    options = parser.parse_args(arguments)
    for name, least in (("repeats", options.repeats), ("rows", min(options.rows))):
        if least < 1:
            parser.error(f"argument --{name}: expected at least 1, got {least}")
    try:
        run(Path.cwd(), options, Console(highlight=False))
    except InputError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit("interrupted") from None


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a polite kill cleans up as Ctrl-C does
    main(sys.argv[1:])
