"""What people do with the graph, by the real DVC."""

import json

import pytest
import vl_convert
import yaml

from tests.graph.conftest import FAMILIES, OF_THE_MODEL, stages_run

pytestmark = pytest.mark.graph


def evaluation(project) -> dict:
    return json.loads((project.root / "metrics/evaluation.json").read_text(encoding="utf-8"))


def test_a_second_run_does_nothing(project):
    assert "Data and pipelines are up to date." in project.dvc("repro")


@pytest.fixture(scope="module")
def pinned(small_project, tmp_path_factory):
    """Give a copy in which one family was evaluated with a hyperparameter pinned, and what was printed."""
    project = small_project.copy_to(tmp_path_factory.mktemp("pinned") / "project")
    return project, project.dvc("exp", "run", "-S", "model=lr", "-S", "train.lr.C=1.0")


def test_pinning_a_hyperparameter_retrains_that_family_alone(pinned):
    _, printed = pinned
    assert [stage for stage in stages_run(printed) if stage.startswith("train")] == ["train@lr"]
    assert stages_run(printed)[-len(OF_THE_MODEL) :] == OF_THE_MODEL


def test_nothing_is_written_that_is_not_declared(pinned):
    project, _ = pinned
    lock = yaml.safe_load((project.root / "dvc.lock").read_text(encoding="utf-8"))
    outputs = [entry["path"] for stage in lock["stages"].values() for entry in stage["outs"]]
    others = project.run("git", "ls-files", "--others").splitlines()
    beside = [
        name for name in others if not name.startswith((*outputs, ".dvc/", "logs/")) and "__pycache__" not in name
    ]
    assert beside == []


def test_with_an_empty_cache_a_named_target_trains_that_family_only(clone):
    printed = clone.dvc("exp", "run", "-S", "model=lr", "evaluate")
    assert stages_run(printed) == ["ingest", "prepare", "eda", "train@lr", "evaluate"]
    assert evaluation(clone)["estimator"] == "lr"


def test_diffs_name_what_changed(pinned):
    project, _ = pinned
    metrics = json.loads(project.dvc("metrics", "diff", "--json"))
    before = json.loads(project.run("git", "show", "HEAD:metrics/evaluation.json"))
    differing = {name for name, value in evaluation(project).items() if before[name] != value}
    assert {"auc", "brier", "cost", "estimator"} <= differing
    assert {"auc", "brier", "cost"} <= set(metrics["metrics/evaluation.json"])
    assert {name.partition(".")[0] for name in metrics["metrics/evaluation.json"]} <= differing
    params = json.loads(project.dvc("params", "diff", "--json"))
    assert params["params.yaml"]["train.lr.C"] == {"old": "[0.01, 0.1]", "new": 1.0}


def test_plots_of_two_revisions_draw_every_curve(pinned):
    project, _ = pinned
    plots = json.loads(project.dvc("plots", "diff", "HEAD", "workspace", "--json"))["data"]
    drawn = {path: plot for path, (plot, *_) in plots.items() if plot["type"] == "vega"}
    specifications = {path: plot["content"] for path, plot in drawn.items()}
    for path, specification in specifications.items():
        assert set(drawn[path]["revisions"]) == {"HEAD", "workspace"}, path
        picture = vl_convert.vegalite_to_png(specification, vl_version="5.8")
        assert len(picture) > 5_000, path  # an empty frame takes less
    curves = specifications["plots/selection_roc.csv"]["data"]["values"]
    assert {(point["model"], point["rev"]) for point in curves} == {
        (family, revision) for family in FAMILIES for revision in ("HEAD", "workspace")
    }


def test_a_family_that_is_not_there_fails_and_is_named(project):
    assert "models/nonesuch.joblib" in project.dvc("exp", "run", "-S", "model=nonesuch", fails=True)


def test_a_wrong_param_stops_the_run_with_one_line(project):
    printed = project.dvc("exp", "run", "-S", "+train.lr.colour=red", "train@lr", fails=True)
    assert "'train.lr.colour' is no hyperparameter of LogisticRegression" in printed
    assert "Traceback" not in printed
    assert not (project.root / "models/lr.joblib").exists()
