"""Measure what the graph costs, by stage and as a whole, on large tables too, and the search,
in a fresh clone: `make bench`.

Figures to look at, never a test: they depend on the machine and on what else it does.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console, RenderableType

from credit.core.errors import InputError
from ops.bench import large, search, stages
from ops.bench.resource_usage import Bench
from ops.fresh_clone import clone_last_commit, environment_apart, uncommitted
from ops.shared import signals

PARTS = ("stages", "graph", "ingest", "large", "search")
ROWS = (1_000_000, 10_000_000)


def results(bench: Bench, options: argparse.Namespace) -> Iterator[RenderableType]:
    """Measure the asked parts and yield their tables as they come."""
    if "stages" in options.parts:
        yield stages.stage_table(stages.measure_stages(bench))
        yield stages.EXPLANATION
    if "graph" in options.parts:
        yield stages.graph_table(stages.measure_graph(bench))
    if "ingest" in options.parts:
        yield large.ingest_table(large.measure_ingest(bench, options.rows))
    if "large" in options.parts:
        rows = min(options.rows)
        yield large.phases_table(large.measure_phases(bench, rows), rows)
    if "search" in options.parts:
        yield search.search_table(search.measure_search(bench, options.families))
        yield search.EXPLANATION


def load() -> str:
    """Say how busy the machine was over the last 1, 5 and 15 minutes."""
    return ", ".join(f"{average:.2f}" for average in os.getloadavg())


def run(repository: Path, options: argparse.Namespace, console: Console) -> None:
    """Measure the last commit of `repository` in a temporary directory, and print the figures as they come."""
    system = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    console.print(f"{system}, Python {platform.python_version()}, DVC {version('dvc')}")
    console.print(f"load before: {load()} (1, 5, 15 minutes)")
    if changes := uncommitted(repository):
        console.print(f"note: the last commit is measured; {changes} changed or new files are not in it")
    with tempfile.TemporaryDirectory(prefix="credit-bench-") as folder:
        scratch = Path(folder)
        bench = Bench(scratch / "clone", scratch, environment_apart(os.environ, scratch), options.repeats)
        clone_last_commit(repository, bench.clone)
        for result in results(bench, options):
            console.print(result)
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
        with signals.raised():
            run(Path.cwd(), options, Console(highlight=False))
    except InputError as error:
        raise SystemExit(str(error)) from None
    except signals.Interrupted:
        raise SystemExit("interrupted") from None


if __name__ == "__main__":
    main(sys.argv[1:])
