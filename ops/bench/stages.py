"""Measure the stages, each alone, and the commands of DVC that a user waits for."""

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from credit.core.errors import InputError
from ops.bench.resource_usage import Bench, Usage, measure, results_table
from ops.fresh_clone import commit_changes, git

REPRO_GOAL, EXPERIMENT_GOAL, NO_OP_GOAL = 150, 15, 2  # seconds; the last one more than DVC's own
NO_OPS = 3
IMPORTS = 2
MODULE = re.compile(r"python -m (\S+)")
RAN = re.compile(r"^Running stage '([^']+)'", re.MULTILINE)
COMMAND = re.compile(r"^Running stage '([^']+)':\n> (.+)$", re.MULTILINE)
EXPLANATION = """\
CPU: user and system, child processes included. Imports: of the stage's module
alone, measured apart; what it imports later, where it is used, is not counted.
Peak: of the largest single process. Of several runs the fastest is shown.
"""
ONE_STAGE = "stages:\n  one:\n    cmd: echo 1 > one.txt\n    outs: [one.txt]\n"
StageResult = tuple[Usage, float | None]  # the CPU seconds of importing its module; None where it is no module
CommandResult = tuple[str, float, float, str, str]  # what ran, wall and CPU seconds, goal, remark


def read_commands(bench: Bench, needed: Collection[str] = ()) -> dict[str, str]:
    """Read the shell command of every stage, in the order in which DVC would run them.

    Raises
    ------
    InputError
        DVC does not take the graph, or a needed stage is not in it.
    """
    dry = measure(["dvc", "repro", "--dry", "--force"], bench.clone, bench.environment)
    commands = dict(COMMAND.findall(dry.printed))
    if lacking := [name for name in needed if name not in commands]:
        raise InputError(f"dvc.yaml: expected the stages {', '.join(needed)}; found no {' and no '.join(lacking)}")
    return commands


def measure_stages(bench: Bench) -> dict[str, StageResult]:
    """Run the command of every stage without DVC."""
    imports: dict[str, float] = {}
    results = {}
    for name, command in read_commands(bench).items():
        module = (MODULE.findall(command) or [None])[0]
        if module and module not in imports:
            imports[module] = bench.fastest([sys.executable, "-c", f"import {module}"], IMPORTS).cpu
        results[name] = bench.fastest(command, bench.repeats), imports.get(module)
    return results


def measure_graph(bench: Bench) -> list[CommandResult]:
    """Run everything by DVC, then nothing, then an experiment that finds all but the evaluation done."""
    everything = bench.fastest(["dvc", "repro", "--force"], bench.repeats)
    commit_changes(bench.clone)
    no_op = bench.fastest(["dvc", "repro"], NO_OPS)
    if again := RAN.findall(no_op.printed):
        raise InputError(f"expected a second `dvc repro` to run no stage, it ran {', '.join(again)}")
    own = bench.fastest(["dvc", "repro"], NO_OPS, folder=one_stage_project(bench))
    experiment = bench.fastest(["dvc", "exp", "run", "--set-param", "model=xgb"], 1)
    ran, ran_again = RAN.findall(everything.printed), RAN.findall(experiment.printed)
    remark = f"ran: {', '.join(ran_again) or 'nothing'}"
    return [
        ("dvc repro -f", everything.wall, everything.cpu, f"{REPRO_GOAL} s", f"{len(ran)} stages ran"),
        ("dvc exp run -S model=xgb", experiment.wall, experiment.cpu, f"{EXPERIMENT_GOAL} s", remark),
        ("dvc repro, nothing to do", no_op.wall, no_op.cpu, "", f"fastest of {NO_OPS}"),
        ("DVC's own, one stage", own.wall, own.cpu, "", f"fastest of {NO_OPS}"),
        ("the graph adds", no_op.wall - own.wall, no_op.cpu - own.cpu, f"{NO_OP_GOAL} s", ""),
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


def stage_table(results: Mapping[str, StageResult]) -> Table:
    """Show what each stage used, and the total: sums, but of the peaks the highest."""
    table = results_table("Stages, each alone", ("stage", "wall s", "CPU s", "of it imports", "peak MB"))
    for name, (usage, imports) in results.items():
        table.add_row(name, *_cells(usage.wall, usage.cpu, imports), f"{usage.peak:.0f}")
    table.add_section()
    usages, imports = zip(*results.values(), strict=True)
    sums = (sum(usage.wall for usage in usages), sum(usage.cpu for usage in usages), sum(filter(None, imports)))
    table.add_row("total", *_cells(*sums), f"{max(usage.peak for usage in usages):.0f}")
    return table


def graph_table(results: Sequence[CommandResult]) -> Table:
    """Show what DVC's commands used beside their goals."""
    table = results_table("The graph, by DVC", ("command", "wall s", "CPU s", "goal", "remark"), left=["remark"])
    for command, wall, cpu, goal, remark in results:
        table.add_row(command, *_cells(wall, cpu), goal, remark)
    return table


def _cells(*seconds: float | None) -> list[str]:
    return ["-" if value is None else f"{value:.1f}" for value in seconds]
