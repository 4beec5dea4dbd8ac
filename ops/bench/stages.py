"""Measure the stages, each alone, and the commands of DVC that a user waits for."""

import re

from rich.table import Table

from credit.core.errors import InputError
from ops.bench.measure import Bench, table_of
from ops.fresh_clone import commit_changes

REPRO_GOAL, EXPERIMENT_GOAL = "110 s", "15 s"
NO_OPS, IMPORTS = 3, 2  # runs, of which the fastest is shown
MODULE = re.compile(r"python -m (\S+)")
RAN = re.compile(r"^Running stage '([^']+)'", re.MULTILINE)
COMMAND = re.compile(r"^Running stage '([^']+)':\n> (.+)$", re.MULTILINE)
EXPLANATION = (
    "CPU: user and system, child processes included. Imports: of the stage's module alone, measured apart; what it "
    "imports later, where it is used, is not counted. Peak: of the largest single process."
)


def read_commands(bench: Bench) -> dict[str, str]:
    """Read the shell command of every stage, in the order in which DVC would run them."""
    return dict(COMMAND.findall(bench.run("dvc repro --dry --force").printed))


def measure_stages(bench: Bench) -> Table:
    """Run the command of every stage without DVC; the total sums, but has the highest of the peaks."""
    imports: dict[str, float] = {}
    rows = []
    for name, command in read_commands(bench).items():
        module = MODULE.search(command)[1]
        if module not in imports:
            imports[module] = bench.run(f'python -c "import {module}"', IMPORTS).cpu
        used = bench.run(command)
        rows.append((name, used.wall, used.cpu, imports[module], used.peak))
    _, *seconds, peaks = zip(*rows, strict=True)
    rows.append(("total", *map(sum, seconds), max(peaks)))
    return table_of("Stages, each alone", ("stage", "wall s", "CPU s", "of it imports", "peak MB"), rows, EXPLANATION)


def measure_graph(bench: Bench) -> Table:
    """Run everything by DVC, then nothing, then an experiment that finds all but the evaluation done."""
    everything = bench.run("dvc repro --force")
    commit_changes(bench.clone)
    no_op = bench.run("dvc repro", NO_OPS)
    if again := RAN.findall(no_op.printed):
        raise InputError(f"expected a second `dvc repro` to run no stage, it ran {', '.join(again)}")
    experiment = bench.run("dvc exp run --set-param model=xgb")
    count, again = len(RAN.findall(everything.printed)), ", ".join(RAN.findall(experiment.printed))
    rows = (
        ("dvc repro -f", everything.wall, everything.cpu, REPRO_GOAL, f"{count} stages ran"),
        ("dvc exp run -S model=xgb", experiment.wall, experiment.cpu, EXPERIMENT_GOAL, f"ran: {again or 'nothing'}"),
        ("dvc repro, nothing to do", no_op.wall, no_op.cpu, "", f"fastest of {NO_OPS}"),
    )
    return table_of("The graph, by DVC", ("command", "wall s", "CPU s", "goal", "remark"), rows)
