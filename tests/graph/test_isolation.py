"""Each stage runs where nothing but its declared dependencies is, and writes its outputs, all of them, bit for bit."""

import shlex
import shutil
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.graph
STAGES = [
    "source",
    "ingest",
    "prepare",
    "eda",
    "train@dt",
    "blend",
    "scorecard",
    "select_best",
    "evaluate",
    "cutoff",
    "fairness",
    "explain",
    "check",
    "card",
]


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def files_below(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_reads_and_writes_what_it_declares(small_project, tmp_path, name):
    stage = yaml.safe_load((small_project.root / "dvc.lock").read_text(encoding="utf-8"))["stages"][name]
    inputs = [*(entry["path"] for entry in stage["deps"]), "params.yaml", "credit/__init__.py"]
    for path in inputs:
        copy(small_project.root / path, tmp_path / path)
    before = files_below(tmp_path)
    type(small_project)(tmp_path).run(*shlex.split(stage["cmd"]))
    written = {name for name in files_below(tmp_path) - before if "__pycache__" not in name}
    declared = {entry["path"] for entry in stage["outs"]}
    assert {path for path in written if not path.startswith((*declared, "logs/"))} == set()
    assert {path for path in declared if not (tmp_path / path).exists()} == set()
    for path in written - {"logs/stages.log"}:
        assert (tmp_path / path).read_bytes() == (small_project.root / path).read_bytes(), path
