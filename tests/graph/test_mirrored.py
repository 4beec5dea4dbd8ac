"""Real runs of every kind, in MLflow: what the graph and DVC make, `ops.mirror` finds."""

import json
import re
import sys
import time

import pytest
from mlflow import MlflowClient

from credit.core.families import FAMILIES

pytestmark = pytest.mark.graph


def mirror(project) -> str:
    return project.run(sys.executable, "-m", "ops.mirror").strip().splitlines()[-1]


def runs(project, kind: str = "revision") -> list:
    client = MlflowClient(f"sqlite:///{project.root}/.mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("credit-risk").experiment_id
    return list(client.search_runs([experiment], f"tags.`credit.kind` = '{kind}'"))


def wait_for_queue(project) -> None:
    for _ in range(240):
        states = re.findall(r"\b(Queued|Running|Success|Failed)\b", project.dvc("queue", "status"))
        if states and set(states) <= {"Success", "Failed"}:
            assert set(states) == {"Success"}
            return
        time.sleep(0.5)
    raise AssertionError(project.dvc("queue", "status"))


def test_repro_experiments_and_queued_ones_are_mirrored_once(project):
    assert "9 new models; 1 new versions" in mirror(project)
    assert "nothing new" in mirror(project)
    (first,) = runs(project)
    metrics = json.loads((project.root / "metrics/evaluation.json").read_text(encoding="utf-8"))
    numbers = {name: value for name, value in metrics.items() if isinstance(value, float)}
    assert {name: first.data.metrics[name] for name in numbers} == numbers
    assert first.data.tags["credit.family"] == metrics["estimator"]

    project.dvc("exp", "run", "-S", "model=xgb", "--name", "cached")
    project.run("git", "checkout", "--quiet", ".")
    project.dvc("checkout", "--force")
    project.dvc("exp", "run", "--queue", "-S", "model=dt", "-S", "train.dt.max_depth=2", "--name", "queued")
    project.dvc("queue", "start")
    wait_for_queue(project)
    said = mirror(project)
    assert "cached" in said
    assert "queued" in said
    names = {run.data.tags.get("credit.experiment"): run for run in runs(project)}
    assert set(names) == {None, "cached", "queued"}
    assert names["cached"].data.tags["credit.family"] == "xgb"
    assert names["queued"].data.params["train.dt.max_depth"] == "2"
    assert names["queued"].data.tags["credit.baseline"] == first.data.tags["credit.commit"]
    of_queued = [
        run for run in runs(project, "family") if run.data.tags["mlflow.parentRunId"] == names["queued"].info.run_id
    ]
    assert {run.data.tags["credit.family"] for run in of_queued} == set(FAMILIES)
    assert "nothing new" in mirror(project)


def test_what_repro_left_in_the_workspace_is_mirrored_and_keeps_its_run_when_committed(project):
    mirror(project)
    project.edit_params(lambda params: params.update(model="knn"))
    project.dvc("repro")
    assert "new workspace" in mirror(project)
    project.commit("neighbours")
    assert "1 renamed" in mirror(project)
    assert len(runs(project)) == 2


def test_a_clone_without_cache_has_all_but_the_models_and_says_so(clone):
    assert "9 models are not in DVC's cache" in mirror(clone)
    assert len(runs(clone, "family")) == len(FAMILIES)


def test_the_leaderboard_names_the_winner_of_select_best(project):
    mirror(project)
    project.run(sys.executable, "-m", "ops.leaderboard")
    page = (project.root / "leaderboard/leaderboard.md").read_text(encoding="utf-8")
    chosen = json.loads((project.root / "metrics/selection.json").read_text(encoding="utf-8"))["chosen"]
    (winner,) = re.findall(r"^\| \*\*(.+?)\*\*", page, re.MULTILINE)
    assert winner == FAMILIES[chosen].title
    assert (project.root / "leaderboard/leaderboard.png").stat().st_size > 10_000


def test_the_notebook_runs(project):
    mirror(project)
    project.run("jupyter", "execute", "notebooks/credit_risk.ipynb")
