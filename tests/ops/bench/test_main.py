"""The program on a small project under Git, and what the stages' tables say."""

import tempfile

import pytest

from ops.bench.__main__ import main
from ops.bench.measure import ResourceUsage
from ops.bench.stages import measure_stages, read_commands
from ops.shared.git import git

GRAPH = """\
stages:
  train:
    matrix: {model: [lr, xgb]}
    cmd: python -m stages.train ${item.model}
    outs: ["models/${item.model}"]
  evaluate:
    cmd: python -m stages.evaluate
    deps: ["models/${model}"]
    outs: [report.txt]
"""
TRAIN = """\
import sys
from pathlib import Path
if __name__ == "__main__":
    Path("models").mkdir(exist_ok=True)
    Path("models", sys.argv[1]).write_text("fitted")
"""
EVALUATE = 'from pathlib import Path\nif __name__ == "__main__":\n    Path("report.txt").write_text("seen")\n'


@pytest.fixture
def project(tmp_path, monkeypatch, write):
    """Change to a committed project of two trivial stages; temporary files go to `scratch` beside it."""
    project, scratch = tmp_path / "project", tmp_path / "scratch"
    project.mkdir()
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(project)
    for name, content in {
        "dvc.yaml": GRAPH,
        "params.yaml": "model: lr\n",
        ".dvc/config": "[core]\n    autostage = true\n",
        ".gitignore": "__pycache__/\n/.dvc/cache\n/.dvc/tmp\n",
        "stages/train.py": TRAIN,
        "stages/evaluate.py": EVALUATE,
    }.items():
        write(name, content)
    git(project, "init", "--quiet")
    commit_all(project)
    yield project
    assert list(scratch.iterdir()) == []


def commit_all(folder):
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--message", "all")


@pytest.mark.slow
def test_stages_are_measured_as_committed_in_a_clone(project, write, capsys):
    write("new.txt", "new")
    main(["--parts", "stages"])
    shown = capsys.readouterr().out
    assert [name for name in ("train@lr", "train@xgb", "evaluate", "total") if name not in shown] == []
    assert "The graph, by DVC" not in shown
    assert "load before" in shown
    assert "load after" in shown
    assert "1 changed or new files are not in it" in shown
    assert git(project, "status", "--porcelain", "--ignored") == b"?? new.txt\n"


@pytest.mark.slow
def test_failing_stage_ends_the_bench(project, write):
    write("stages/evaluate.py", "import sys\nif __name__ == '__main__':\n    sys.exit('no applicants')\n")
    commit_all(project)
    with pytest.raises(SystemExit, match=r"`python -m stages\.evaluate`, got exit code 1:\nno applicants"):
        main(["--parts", "stages"])


@pytest.mark.graph
def test_graph_is_measured_by_dvc(project, capsys):
    main(["--parts", "graph"])
    shown = capsys.readouterr().out
    assert "3 stages ran" in shown
    assert "ran: evaluate" in shown
    assert git(project, "status", "--porcelain", "--ignored") == b""
    assert git(project, "for-each-ref", "refs/exps") == b""


def test_number_of_rows_is_checked(capsys):
    with pytest.raises(SystemExit):
        main(["--rows", "0"])
    assert "argument --rows: expected at least 1, got 0" in capsys.readouterr().err


@pytest.mark.slow
def test_commands_are_dvcs_own_in_an_order_in_which_they_can_run(bench):
    sweep = {"matrix": {"model": ["lr"], "depth": [2, 3]}, "cmd": "fit ${item.model} ${item.depth}", "deps": ["a"]}
    commands = read_commands(bench({"sweep": sweep, "source": {"cmd": "make a", "outs": ["a"]}}))
    assert [*commands.items()] == [("source", "make a"), ("sweep@lr-2", "fit lr 2"), ("sweep@lr-3", "fit lr 3")]


def test_stages_are_summed_and_show_the_highest_peak(played, rows_of):
    ingest, lr = "python -m stages.ingest", "python -m stages.train lr"  # imports are commands of their own
    rows = rows_of(
        measure_stages(played({ingest: ResourceUsage(1.26, 1.0, 140, ""), lr: ResourceUsage(10.0, 19.0, 300, "")}))
    )
    assert [*ingest.split(), "1.3", "1.0", "0.5", "140"] in rows
    assert [*lr.split(), "10.0", "19.0", "0.5", "300"] in rows
    assert ["total", "11.3", "20.0", "1.0", "300"] in rows
