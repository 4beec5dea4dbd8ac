"""Measure what the graph costs, by stage and as a whole, on large tables too, the search,
and scoring, in a fresh clone: `make bench`.

Figures to look at, never a test: they depend on the machine and on what else it does.
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from credit.core.errors import InputError
from ops.bench.large import measure_ingest, measure_phases
from ops.bench.measure import Bench
from ops.bench.scoring import measure_scoring
from ops.bench.search import measure_search
from ops.bench.stages import measure_graph, measure_stages
from ops.bench.tables import measure_tables, tables_in
from ops.fresh_clone import clone_last_commit, environment_apart, uncommitted
from ops.shared import signals

PARTS = {
    "stages": measure_stages,
    "graph": measure_graph,
    "ingest": measure_ingest,
    "large": measure_phases,
    "search": measure_search,
    "scoring": measure_scoring,
}
ROWS = (1_000_000, 10_000_000)
WIDTH = 120  # of a table in a file or a pipe


def run(repository: Path, parts: Sequence[str], rows: Sequence[int], tables: Path | None, console: Console) -> None:
    """Measure the last commit of `repository` in a temporary directory, and print the figures as they come."""
    system = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    console.print(f"{system}, Python {platform.python_version()}, DVC {version('dvc')}")
    console.print(f"load before: {load()} (1, 5, 15 minutes)")
    if changes := uncommitted(repository):
        console.print(f"note: the last commit is measured; {changes} changed or new files are not in it")
    with TemporaryDirectory(prefix="credit-bench-") as folder:
        scratch = Path(folder)
        clone = clone_last_commit(repository, scratch / "clone")
        bench = Bench(clone, scratch, environment_apart(os.environ, scratch), rows, tables)
        for measured in (PARTS[name] for name in PARTS if name in parts):
            console.print(measured(bench))
        if tables:
            console.print(measure_tables(bench))
    console.print(f"load after: {load()}")


def load() -> str:
    """Say how busy the machine was over the last 1, 5 and 15 minutes."""
    return ", ".join(f"{average:.2f}" for average in os.getloadavg())


def main(arguments: Sequence[str]) -> None:
    """Run the bench for the repository in the current directory; a failure ends with its reason and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.bench", description="measure the last commit; never a test")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="what to measure; else all")
    parser.add_argument(
        "--rows", nargs="+", type=int, default=ROWS, metavar="N", help="of the large tables; `large` takes the smallest"
    )
    parser.add_argument("--tables", type=Path, metavar="FOLDER", help="measure tables NAME.csv[.gz] with NAME.yaml")
    options = parser.parse_args(arguments)
    if min(options.rows) < 1:
        parser.error(f"argument --rows: expected at least 1, got {min(options.rows)}")
    parts = options.parts or (() if options.tables else tuple(PARTS))
    try:
        if options.tables:
            tables_in(options.tables)  # refused before minutes have passed
        with signals.raised():
            width = None if sys.stdout.isatty() else WIDTH
            run(Path.cwd(), parts, options.rows, options.tables, Console(highlight=False, width=width))
    except InputError as error:
        raise SystemExit(str(error)) from None
    except signals.Interrupted:
        raise SystemExit("interrupted") from None


if __name__ == "__main__":
    main(sys.argv[1:])
