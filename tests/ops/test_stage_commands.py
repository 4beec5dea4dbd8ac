import pytest
import yaml

from credit.core.errors import InputError
from ops.stage_commands import read_commands

GRAPH = """\
stages:
  source:
    cmd: python -m stages.source
  train:
    matrix: {model: [lr, xgb]}
    cmd: python -m stages.train ${item.model}
  sweep:
    matrix: {model: [lr], depth: [2, 3]}
    cmd: python -m stages.sweep ${item.model} ${ item.depth }
"""


def test_commands_have_dvcs_names_and_the_order_of_the_file(tmp_path):
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    assert list(read_commands(tmp_path / "dvc.yaml").items()) == [
        ("source", "python -m stages.source"),
        ("train@lr", "python -m stages.train lr"),
        ("train@xgb", "python -m stages.train xgb"),
        ("sweep@lr-2", "python -m stages.sweep lr 2"),
        ("sweep@lr-3", "python -m stages.sweep lr 3"),
    ]


def test_commands_are_those_that_dvc_recorded(repository):
    recorded = yaml.safe_load((repository / "dvc.lock").read_text())["stages"]
    commands = read_commands(repository / "dvc.yaml")
    assert {name: commands.get(name) for name in recorded} == {name: stage["cmd"] for name, stage in recorded.items()}


@pytest.mark.parametrize(
    ("graph", "complaint"),
    [
        ("vars: []", "expected a mapping 'stages'"),
        ("stages: {a: {cmd: [one, two]}}", r"'stages\.a\.cmd', got \['one', 'two'\]"),
        ("stages: {a: {cmd: 'x ${seed}'}}", r"only matrix values in 'stages\.a\.cmd', got 'x \$\{seed\}'"),
        ("stages: {a: {cmd: x, matrix: {m: '${names}'}}}", r"expected a list in 'stages\.a\.matrix\.m'"),
    ],
)
def test_what_cannot_be_turned_into_commands_is_refused(tmp_path, graph, complaint):
    (tmp_path / "dvc.yaml").write_text(graph)
    with pytest.raises(InputError, match=complaint):
        read_commands(tmp_path / "dvc.yaml")


def test_absent_graph_is_named(tmp_path):
    with pytest.raises(InputError, match=r"dvc\.yaml: expected a stage graph, found no file"):
        read_commands(tmp_path / "dvc.yaml")
