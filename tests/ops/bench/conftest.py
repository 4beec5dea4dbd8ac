"""A small DVC project to measure, one whose commands are only said to have run, and the rows of a printed table."""

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from rich.table import Table

from ops.bench.measure import Bench, ResourceUsage
from ops.fresh_clone import environment_apart


@pytest.fixture
def bench(tmp_path: Path, repository: Path) -> Callable[..., Bench]:
    """Make a DVC project, not under Git, of stages (name -> command or specification) and files, to be measured."""
    environment = environment_apart({**os.environ, "PYTHONPATH": str(repository)}, tmp_path)

    def project(stages: dict[str, str | dict], **files: str) -> Bench:
        clone = tmp_path / "clone"
        (clone / ".dvc").mkdir(parents=True)
        (clone / ".dvc/config").write_text("[core]\n    no_scm = true\n", encoding="utf-8")
        graph = {name: {"cmd": stage} if isinstance(stage, str) else stage for name, stage in stages.items()}
        (clone / "dvc.yaml").write_text(yaml.safe_dump({"stages": graph}, sort_keys=False), encoding="utf-8")
        for name, text in files.items():
            (clone / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return Bench(clone, tmp_path, environment, rows=(40, 30))

    return project


@pytest.fixture
def played(tmp_path: Path) -> Callable[..., Bench]:
    """Make a bench that runs nothing: commands, each a stage of its own name too, use what they are said to.

    All others use half a second of CPU time.
    """

    def bench(usages: Mapping[str, ResourceUsage], rows: Sequence[int] = ()) -> Bench:
        class Played(Bench):
            def run(self, command: str, times: int = 1) -> ResourceUsage:
                if command == "dvc repro --dry --force":
                    return ResourceUsage(0, 0, 0, "".join(f"Running stage '{name}':\n> {name}\n" for name in usages))
                return usages.get(command, ResourceUsage(0, 0.5, 0, ""))

        return Played(tmp_path / "clone", tmp_path, {}, rows)

    return bench


@pytest.fixture
def rows_of() -> Callable[[Table], list[list[str]]]:
    """Give the words of each printed line of a table."""

    def rows(table: Table) -> list[list[str]]:
        stream = io.StringIO()
        Console(file=stream, width=100).print(table)
        return [line.split() for line in stream.getvalue().splitlines()]

    return rows
