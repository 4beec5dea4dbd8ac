"""The commands of a stage graph, read from its dvc.yaml without DVC."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from credit.core.errors import InputError

ITEM = re.compile(r"\$\{\s*item\.(\w+)\s*\}")


def read_commands(path: Path) -> dict[str, str]:
    """Read the shell command of every stage, by the name DVC gives it, in the order of the file.

    A stage with a matrix has a command for each combination of its values, named `stage@value`.

    Raises
    ------
    InputError
        The file is absent, is no stage graph, or a command has to be completed with more than matrix values.
    """
    if not path.is_file():
        raise InputError(f"{path}: expected a stage graph, found no file")
    graph = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(graph, dict) or not isinstance(graph.get("stages"), dict):
        raise InputError(f"{path}: expected a mapping 'stages', found none")
    return {name: command for stage, spec in graph["stages"].items() for name, command in _commands(stage, spec)}


def _commands(stage: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    template, matrix = spec.get("cmd"), spec.get("matrix", {})
    if not isinstance(template, str):
        raise InputError(f"dvc.yaml: expected one command in 'stages.{stage}.cmd', got {template!r}")
    for axis, values in matrix.items():
        if not isinstance(values, list):
            raise InputError(f"dvc.yaml: expected a list in 'stages.{stage}.matrix.{axis}', got {values!r}")
    for values in product(*matrix.values()):
        item = dict(zip(matrix, map(str, values), strict=True))
        command = ITEM.sub(lambda found, item=item: item.get(found[1], found[0]), template)
        if "${" in command:
            raise InputError(f"dvc.yaml: expected only matrix values in 'stages.{stage}.cmd', got {command!r}")
        yield f"{stage}@{'-'.join(item.values())}" if item else stage, command
