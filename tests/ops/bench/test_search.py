"""The search of each family beside a plain one; the program that searches, on few applicants and few candidates."""

import json
import os
import subprocess

import pytest

from credit.core.errors import InputError
from ops.bench import search
from ops.bench.search import BEFORE, measure_search, search_table
from tests.stages.small_training import change, write_inputs

RESULT = {
    **{"candidates": 16, "fits": 8, "wall": 2.0, "cpu": 3.0, "plain_wall": 20.0, "plain_cpu": 39.0},
    **{"bound_cpu": 6.0, "bound_wall": 1.5, "pick": 5, "plain_pick": 5},
}


@pytest.mark.slow
def test_families_are_searched_after_what_they_need(bench, monkeypatch):
    train = {"matrix": {"model": ["lr", "xgb"]}, "cmd": "train ${item.model}"}
    project = bench({**{name: f"echo {name} >> done.txt" for name in BEFORE}, "train": train})
    monkeypatch.setattr(search, "PROGRAM", ["sh", "-c", 'echo "{\\"family\\": \\"$0\\"}"; echo "$0" >> done.txt'])
    assert measure_search(project, []) == {name: {"family": name} for name in ("lr", "xgb")}
    assert measure_search(project, ["xgb"]) == {"xgb": {"family": "xgb"}}
    assert (project.clone / "done.txt").read_text().split() == [*BEFORE, "lr", "xgb", *BEFORE, "xgb"]
    with pytest.raises(InputError, match=r"^expected families of dvc\.yaml, lr, xgb, got ols$"):
        measure_search(project, ["lr", "ols"])


def test_table_has_ratios_of_wall_times_and_shows_where_picks_differ(rows_of):
    rows = rows_of(search_table({"lr": {**RESULT, "pick": 3}, "xgb": {**RESULT, "plain_wall": 10.0}}))
    assert "lr 16 8 2.0 3.0 20.0 39.0 6.0 10.0 1.33 3!5".split() in rows
    assert "xgb 16 8 2.0 3.0 10.0 39.0 6.0 5.0 1.33 5".split() in rows
    assert "total 32 16 4.0 6.0 30.0 78.0 12.0 7.5 1.33".split() in rows


FOREST = {"encoding": ["ordinal", "one_hot"], "resampler": ["none", "smote"], "n_estimators": [2, 9], "max_depth": 2}


@pytest.mark.slow
def test_ways_of_searching_agree_and_say_what_they_cost(workspace, repository):
    write_inputs()
    change(train={"rf": FOREST})

    def run(family: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.run([*search.PROGRAM, family], env=environment, capture_output=True, text=True, check=False)

    done = run("rf")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) >= set(RESULT)
    assert result["pick"] == result["plain_pick"]
    assert result["score"] == pytest.approx(result["plain_score"], abs=1e-12)
    assert min(result[name] for name in ("cpu", "plain_cpu", "bound_cpu")) > 0
    assert (result["candidates"], result["fits"]) == (8, 4)
    done = run("lr")
    assert (done.returncode, done.stderr) == (1, "params.yaml: expected 'train.lr', found dt, rf\n")
