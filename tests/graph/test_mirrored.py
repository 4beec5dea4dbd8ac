"""Real runs of every kind, in MLflow: what the graph and DVC make, `ops.mirror` finds."""

import json
import re
import time

import pytest
from dvc.repo import Repo
from mlflow import MlflowClient

from credit.core.families import FAMILIES as KNOWN
from ops.mirror.mirror import mirror_to
from tests.graph.conftest import FAMILIES, OF_THE_MODEL, stages_run
from tests.ops.conftest import copy_database, only_ours

pytestmark = pytest.mark.graph


@pytest.fixture(scope="module")
def mirror(tables):
    """Give a function that mirrors in this process, which has MLflow's imports already."""

    def run(project) -> str:
        if not (database := project.root / ".mlflow/mlflow.db").exists():
            copy_database(tables, database)
        with only_ours():
            return mirror_to(f"sqlite:///{database}", project.root)

    return run


@pytest.fixture(scope="module")
def mirrored(small_project, mirror, tmp_path_factory):
    """Give a copy of the small project that was mirrored, and what was said of it; its commits stay as they are."""
    project = small_project.copy_to(tmp_path_factory.mktemp("mirrored") / "project")
    return project, mirror(project)


def runs(project, kind: str = "revision") -> list:
    client = MlflowClient(f"sqlite:///{project.root}/.mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("credit-risk").experiment_id
    return list(client.search_runs([experiment], f"tags.`credit.kind` = '{kind}'"))


def wait_for_queue(project) -> list[str]:
    """Wait until all is done; give how each one ended."""
    for _ in range(240):
        with Repo(str(project.root)) as repo:  # `dvc queue status`, without the seconds in which it starts
            states = [task["status"] for task in repo.experiments.celery_queue.status()]
        if states and set(states) <= {"Success", "Failed"}:
            return sorted(states)
        time.sleep(0.5)
    raise AssertionError(project.dvc("queue", "status"))


def experiments(project) -> dict[str, dict]:
    """Give the finished experiments on HEAD by their names, as `dvc exp show --json` gives them."""
    head = json.loads(project.dvc("exp", "show", "--json", "--hide-failed"))[1]
    return {experiment["name"]: experiment["revs"][0] for experiment in head["experiments"] or []}


def test_the_leaderboard_names_the_winner_of_select_best(mirrored):
    project, _ = mirrored
    project.run("python", "-m", "ops.leaderboard")
    page = (project.root / "leaderboard/leaderboard.md").read_text(encoding="utf-8")
    chosen = json.loads((project.root / "metrics/selection.json").read_text(encoding="utf-8"))["chosen"]
    (winner,) = re.findall(r"^\| \*\*(.+?)\*\*", page, re.MULTILINE)
    assert winner == KNOWN[chosen].title
    assert (project.root / "leaderboard/leaderboard.png").stat().st_size > 10_000


def test_the_notebook_runs(mirrored):
    project, _ = mirrored
    project.run("jupyter", "execute", "notebooks/credit_risk.ipynb")


def test_a_chosen_family_is_not_retrained_and_with_a_queued_sweep_becomes_experiments_mirrored_once(mirrored, mirror):
    project, said = mirrored
    assert f"{len(FAMILIES)} new models; 1 new versions" in said
    assert "nothing new" in mirror(project)
    (first,) = runs(project)
    metrics = json.loads((project.root / "metrics/evaluation.json").read_text(encoding="utf-8"))
    numbers = {name: value for name, value in metrics.items() if isinstance(value, float)}
    assert {name: first.data.metrics[name] for name in numbers} == numbers
    assert first.data.tags["credit.family"] == metrics["estimator"]

    printed = project.dvc("exp", "run", "-S", "model=dt", "--name", "cached")
    assert stages_run(printed) == OF_THE_MODEL
    metrics = json.loads((project.root / "metrics/evaluation.json").read_text(encoding="utf-8"))
    assert metrics["estimator"] == "dt"
    project.run("git", "checkout", "--quiet", ".")
    project.dvc("checkout", "--force")
    project.dvc("exp", "run", "--queue", "-S", "check.max_psi=0.2,0.4", "--name", "sweep")
    project.dvc("exp", "run", "--queue", "-S", "check.max_psi=-1", "--name", "wrong")
    project.dvc("queue", "start")
    assert wait_for_queue(project) == ["Failed", "Success", "Success"]
    shown = project.run("make", "--assume-old=.venv/.run", "exp-show")
    assert "[sweep-1]" in shown
    assert "[wrong]" not in shown
    (failed,) = re.findall(r"^failed, so not shown: .*; what it said: (dvc queue logs .*)$", shown, re.MULTILINE)
    assert "\nparams.yaml: 'check.max_psi' must be " in shown
    assert "'check.max_psi'" in project.dvc(*failed.split()[1:])
    rows = experiments(project)
    sweep = {name: row["data"] for name, row in rows.items() if name.startswith("sweep")}
    limits = {name: data["params"]["params.yaml"]["data"]["check"]["max_psi"] for name, data in sweep.items()}
    assert sorted(limits.values()) == [0.2, 0.4]

    said = mirror(project)
    assert all(name in said for name in rows)
    names = {run.data.tags.get("credit.experiment"): run for run in runs(project)}
    assert set(names) == {None, *rows}
    assert names["cached"].data.tags["credit.family"] == "dt"
    for name, limit in limits.items():
        assert names[name].data.params["check.max_psi"] == str(limit)
        assert names[name].data.tags["credit.baseline"] == first.data.tags["credit.commit"]
        of_sweep = [
            run for run in runs(project, "family") if run.data.tags["mlflow.parentRunId"] == names[name].info.run_id
        ]
        assert {run.data.tags["credit.family"] for run in of_sweep} == set(FAMILIES)
    assert "nothing new" in mirror(project)


def test_what_repro_left_in_the_workspace_is_mirrored_and_keeps_its_run_when_committed(project, mirror):
    mirror(project)
    project.edit_params(lambda params: params["check"].update(max_psi=0.5))
    project.dvc("repro")
    assert "new workspace" in mirror(project)
    project.commit("another limit")
    assert "1 renamed" in mirror(project)
    assert len(runs(project)) == 2


def test_a_clone_without_cache_has_all_but_the_models_and_says_so(clone, mirror):
    assert f"{len(FAMILIES)} models are not in DVC's cache" in mirror(clone)
    assert len(runs(clone, "family")) == len(FAMILIES)
