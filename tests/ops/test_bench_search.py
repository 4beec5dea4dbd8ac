import io
import os

import pytest
import yaml
from rich.console import Console

from credit.core.errors import InputError
from ops.bench_search import SearchFigures, measure_search, search_table, total
from ops.fresh_clone import environment_apart
from ops.usage import Bench

BEFORE = ("source", "ingest", "prepare", "eda")
GRAPH = {
    "stages": {name: {"cmd": f"echo {name} >> done.txt"} for name in BEFORE}
    | {"train": {"matrix": {"model": ["lr", "xgb"]}, "cmd": "python -m stages.train ${item.model}"}}
}
WAYS = """\
import json
import sys
from pathlib import Path
assert Path("done.txt").read_text().split() == ["source", "ingest", "prepare", "eda"]
pick = {"lr": 3, "xgb": 5}[sys.argv[1]]
print(json.dumps({"way": "search", "wall": 2.0, "cpu": 3.0, "pick": pick, "score": 0.8}))
print(json.dumps({"way": "plain", "wall": 20.0, "cpu": 39.0, "pick": 5, "score": 0.8}))
print(json.dumps({"way": "fits", "cpu": 6.0, "cores": 4, "candidates": 16, "fits": 8}))
"""
LR = SearchFigures("lr", 16, 8, 2.0, 3.0, 20.0, 39.0, 1.5, 6.0, 3, 5)
XGB = LR._replace(family="xgb", pick=5)


@pytest.fixture
def bench(tmp_path, write, monkeypatch):
    """A clone with four small stages, and a program that only tells of searches."""
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")
    for name, text in {"dvc.yaml": yaml.safe_dump(GRAPH), "ops/__init__.py": "", "ops/search_ways.py": WAYS}.items():
        write(name, text)
    return Bench(tmp_path / "clone", tmp_path, environment_apart(os.environ, tmp_path), repeats=1)


def lines_of(table) -> list[list[str]]:
    stream = io.StringIO()
    Console(file=stream, width=80).print(table)
    return [line.split() for line in stream.getvalue().splitlines()]


def test_every_family_is_searched_after_what_it_needs(bench):
    assert measure_search(bench, []) == [LR, XGB]


def test_only_the_asked_families_are_searched(bench):
    assert measure_search(bench, ["xgb"]) == [XGB]


def test_an_unknown_family_is_refused(bench):
    with pytest.raises(InputError, match=r"^expected families of dvc\.yaml, lr, xgb, got ols$"):
        measure_search(bench, ["lr", "ols"])


def test_a_graph_without_eda_is_refused(bench, write):
    stages = {name: spec for name, spec in GRAPH["stages"].items() if name != "eda"}
    write("dvc.yaml", yaml.safe_dump({"stages": stages}))
    with pytest.raises(InputError, match=r"^dvc\.yaml: expected the stages .*, found no eda$"):
        measure_search(bench, [])


def test_total_sums_costs():
    assert total([LR, XGB]) == SearchFigures("total", 32, 16, 4.0, 6.0, 40.0, 78.0, 3.0, 12.0, None, None)


def test_table_has_ratios_of_wall_times_and_shows_where_picks_differ():
    slower = XGB._replace(plain_wall=10.0)
    lines = lines_of(search_table([LR, slower]))
    assert "lr 16 8 2.0 3.0 20.0 39.0 6.0 10.0 1.33 3!5".split() in lines
    assert "xgb 16 8 2.0 3.0 10.0 39.0 6.0 5.0 1.33 5".split() in lines
    assert "total 32 16 4.0 6.0 30.0 78.0 12.0 7.5 1.33".split() in lines
