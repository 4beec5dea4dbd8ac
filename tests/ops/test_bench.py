import io
import tempfile

import pytest
from rich.console import Console

from ops.bench import GraphFigures, StageFigures, graph_table, main, stage_table, stages_run
from ops.fresh_clone import git
from ops.usage import Usage

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
    (tmp_path / "scratch").mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    monkeypatch.chdir(tmp_path / "project")
    for name, content in {
        "dvc.yaml": GRAPH,
        "params.yaml": "model: lr\n",
        ".dvc/config": "[core]\n    autostage = true\n",
        ".gitignore": "__pycache__/\n/.dvc/cache\n/.dvc/tmp\n",
        "stages/train.py": TRAIN,
        "stages/evaluate.py": EVALUATE,
    }.items():
        write(name, content)
    git(tmp_path / "project", "init", "--quiet")
    commit_all(tmp_path / "project")
    return tmp_path / "project"


def commit_all(folder):
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--message", "all")


def lines_of(table) -> list[list[str]]:
    stream = io.StringIO()
    Console(file=stream, width=80).print(table)
    return [line.split() for line in stream.getvalue().splitlines()]


def test_stage_table_sums_times_and_shows_the_highest_peak():
    figures = [
        StageFigures("ingest", Usage(1.26, 1.0, 140.4, ""), 0.5),
        StageFigures("train@lr", Usage(10.0, 19.0, 300.0, ""), None),
    ]
    lines = lines_of(stage_table(figures))
    assert ["ingest", "1.3", "1.0", "0.5", "140"] in lines
    assert ["train@lr", "10.0", "19.0", "-", "300"] in lines
    assert ["total", "11.3", "20.0", "0.5", "300"] in lines


def test_graph_table_has_the_goal_beside_the_figure():
    lines = lines_of(graph_table([GraphFigures("dvc repro -f", 100.0, 170.0, "180 s", "13 stages ran")]))
    assert "dvc repro -f 100.0 170.0 180 s 13 stages ran".split() in lines


def test_stages_that_dvc_ran_are_told_from_those_it_skipped():
    said = "Stage 'source' didn't change, skipping\nRunning stage 'train@lr':\n> python\n\nRunning stage 'evaluate':\n"
    assert stages_run(Usage(1, 1, 1, said)) == ["train@lr", "evaluate"]


def test_stages_are_measured_in_a_clone_that_is_gone_afterwards(project, capsys):
    main(["--parts", "stages"])
    shown = capsys.readouterr().out
    assert [name for name in ("train@lr", "train@xgb", "evaluate", "total") if name not in shown] == []
    assert "The graph, by DVC" not in shown
    assert "load before" in shown
    assert "load after" in shown
    assert git(project, "status", "--porcelain", "--ignored") == ""
    assert list((project.parent / "scratch").iterdir()) == []


def test_failing_stage_ends_the_bench_and_leaves_nothing(project, write):
    write("stages/evaluate.py", "import sys\nif __name__ == '__main__':\n    sys.exit('no applicants')\n")
    commit_all(project)
    with pytest.raises(SystemExit, match=r"`python -m stages\.evaluate`, got exit code 1:\nno applicants"):
        main(["--parts", "stages"])
    assert list((project.parent / "scratch").iterdir()) == []


def test_uncommitted_changes_are_said_not_to_be_measured(project, write, capsys):
    write("new.txt", "new")
    main(["--parts", "stages"])
    assert "1 changed or new files are not in it" in capsys.readouterr().out


@pytest.mark.graph
def test_graph_is_measured_by_dvc(project, capsys):
    main(["--parts", "stages", "graph"])
    shown = capsys.readouterr().out
    assert "3 stages ran" in shown
    assert "ran: evaluate" in shown
    assert git(project, "status", "--porcelain", "--ignored") == ""
    assert git(project, "for-each-ref", "refs/exps") == ""
    assert list((project.parent / "scratch").iterdir()) == []


def test_number_of_repeats_is_checked(capsys):
    with pytest.raises(SystemExit):
        main(["--repeats", "0"])
    assert "expected at least 1, got 0" in capsys.readouterr().err
