"""Reproduce the committed run in a fresh clone with an empty cache, and compare: `make reproduce`."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from credit.core.errors import InputError
from ops.fresh_clone import clone_last_commit, environment_apart, uncommitted
from ops.reproduction import Comparison, compare, identical_outputs
from ops.shared import signals

SHOWN = 10


def main() -> int:
    """Run the check; returns 0 if everything is reproduced, 1 if something differs, 2 if the run itself failed."""
    repository = Path.cwd()
    if count := uncommitted(repository):
        print(f"note: what is checked is the last commit; {count} files here are not as in it")
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        committed, reproduced = (
            clone_last_commit(repository, Path(folder, name)) for name in ("committed", "reproduced")
        )
        command = [sys.executable, "-m", "dvc", "repro", "--force"]
        environment = environment_apart(os.environ, Path(folder))
        if subprocess.run(command, cwd=reproduced, env=environment, check=False).returncode != 0:
            print("the run failed in the fresh clone; nothing was compared", file=sys.stderr)
            return 2
        checks = compare(committed, reproduced)
        same, outputs = identical_outputs(committed, reproduced)
    report(checks)
    print(f"{same} of {outputs} outputs are the same bit for bit (on another CPU, models and their PDs may differ)")
    return 0 if all(check.passed for check in checks) else 1


def report(checks: list[Comparison]) -> None:
    """Print each comparison in a row of a table, and the first differences below it."""
    table = Table("compared", "how much", "result", title="Reproduction in a fresh clone", title_justify="left")
    for check in checks:
        table.add_row(check.what, check.compared, "same" if check.passed else f"{len(check.differences)} DIFFER")
    Console().print(table)
    for check in checks:
        for difference in check.differences[:SHOWN]:
            print(f"{check.what}: {difference}")
        if len(check.differences) > SHOWN:
            print(f"{check.what}: and {len(check.differences) - SHOWN} more")


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m ops.verify_reproduction", description=__doc__).parse_args()
    try:
        with signals.raised():
            code = main()
    except InputError as error:
        sys.exit(str(error))
    except signals.Interrupted:
        sys.exit("interrupted")
    sys.exit(code)
