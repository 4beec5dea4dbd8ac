"""What a stage finds: a copy of the small graph, or what it declares to read; and how it refuses."""

import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.io.runner import run_stage as run_as_dvc_does
from tests.small_graph import RUNS, Graph, files_below, lay_out, main_of


@pytest.fixture
def project(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a copy of the directory in which every stage has run."""
    shutil.copytree(graph.until(RUNS[-1]).root, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inputs_of(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that lays out what a stage declares to read, and nothing else, in the current directory."""
    monkeypatch.chdir(tmp_path)
    return lambda stage: lay_out(stage, graph.until(stage).root, tmp_path)


@pytest.fixture
def refusal(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Callable[[], object]], str]:
    """Spoil something, run a stage as DVC does, in this process; give the one line it has to end with."""
    monkeypatch.setattr(sys, "argv", ["-m"])

    def refused(stage: str, spoil: Callable[[], object]) -> str:
        spoil()
        before = files_below(Path.cwd())
        with pytest.raises(SystemExit) as ended:
            run_as_dvc_does(stage, main_of(stage))
        assert ended.value.code == 1
        assert files_below(Path.cwd()) == before
        (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert "\n" not in line
        return line

    return refused
