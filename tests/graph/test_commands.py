"""What people do with the graph, by the real DVC."""

import json
import time

import pytest
import vl_convert
import yaml

pytestmark = pytest.mark.graph
SEARCHED = ["lr", "rf", "mlp", "svc", "dt", "xgb", "knn", "scorecard"]
FAMILIES = [*SEARCHED, "blend"]
OF_THE_MODEL = [
    "evaluate",
    "cutoff",
    "fairness",
    "explain",
    "check",
    "card",
]  # what is done with the one that is chosen


def stages_run(printed: str) -> list[str]:
    return [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")]


def evaluation(project) -> dict:
    return json.loads((project.root / "metrics/evaluation.json").read_text(encoding="utf-8"))


def experiments(project) -> list[dict]:
    """List the finished experiments on HEAD, as `dvc exp show --json` gives them."""
    head = json.loads(project.dvc("exp", "show", "--json"))[1]
    return [experiment["revs"][0] for experiment in head["experiments"] or []]


def test_a_second_run_does_nothing(project):
    assert "Data and pipelines are up to date." in project.dvc("repro")


def test_nothing_is_written_that_is_not_declared(small_project):
    assert small_project.run("git", "status", "--porcelain") == ""
    lock = yaml.safe_load((small_project.root / "dvc.lock").read_text(encoding="utf-8"))
    outputs = [entry["path"] for stage in lock["stages"].values() for entry in stage["outs"]]
    ignored = small_project.run("git", "ls-files", "--others", "--ignored", "--exclude-standard").splitlines()
    beside = [
        name for name in ignored if not name.startswith((*outputs, ".dvc/", "logs/")) and "__pycache__" not in name
    ]
    assert beside == []


def test_choosing_a_family_retrains_none(project):
    printed = project.dvc("exp", "run", "-S", "model=xgb")
    assert stages_run(printed) == OF_THE_MODEL
    assert evaluation(project)["estimator"] == "xgb"


def test_pinning_a_hyperparameter_retrains_that_family_alone(project):
    printed = project.dvc("exp", "run", "-S", "model=xgb", "-S", "train.xgb.max_depth=4")
    assert [stage for stage in stages_run(printed) if stage.startswith("train")] == ["train@xgb"]
    assert stages_run(printed)[-len(OF_THE_MODEL) :] == OF_THE_MODEL


def test_with_an_empty_cache_a_named_target_trains_that_family_only(clone):
    printed = clone.dvc("exp", "run", "-S", "model=lr", "evaluate")
    assert stages_run(printed) == ["ingest", "prepare", "eda", "train@lr", "evaluate"]
    assert evaluation(clone)["estimator"] == "lr"


def test_a_queued_sweep_makes_three_experiments(project):
    project.dvc("exp", "run", "--queue", "-S", "model=xgb", "-S", "train.xgb.max_depth=2,3,4", "evaluate")
    project.dvc("queue", "start")
    deadline = time.monotonic() + 300
    while "Queued" in (status := project.dvc("queue", "status")) or "Running" in status:
        assert time.monotonic() < deadline, status
        time.sleep(1)
    assert status.count("Success") == 3, status + project.dvc("queue", "logs", status.split()[5])
    rows = experiments(project)
    assert len(rows) == 3
    depths = {row["data"]["params"]["params.yaml"]["data"]["train"]["xgb"]["max_depth"] for row in rows}
    assert depths == {2, 3, 4}
    for row in rows:
        assert row["data"]["metrics"]["metrics/evaluation.json"]["data"]["estimator"] == "xgb"


def test_diffs_name_what_changed(project):
    project.dvc("exp", "run", "-S", "model=lr", "-S", "train.lr.C=1.0")
    metrics = json.loads(project.dvc("metrics", "diff", "--json"))
    before = json.loads(project.run("git", "show", "HEAD:metrics/evaluation.json"))
    differing = {name for name, value in evaluation(project).items() if before[name] != value}
    assert {"auc", "brier", "cost", "estimator"} <= differing
    assert {"auc", "brier", "cost"} <= set(metrics["metrics/evaluation.json"])
    assert {name.partition(".")[0] for name in metrics["metrics/evaluation.json"]} <= differing
    params = json.loads(project.dvc("params", "diff", "--json"))
    assert params["params.yaml"]["train.lr.C"] == {"old": "[0.01, 0.1]", "new": 1.0}


def test_plots_of_two_revisions_draw_every_curve(project):
    project.dvc("exp", "run", "-S", "model=lr", "-S", "train.lr.C=1.0")
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


def test_the_graph_is_as_drawn(small_project):
    drawn = small_project.dvc("dag")
    for stage in [
        "source",
        "ingest",
        "prepare",
        "eda",
        *(f"train@{family}" for family in SEARCHED),
        "blend",
        "select_best",
    ]:
        assert stage in drawn


def test_a_family_that_is_not_there_fails_and_is_named(project):
    assert "models/nonesuch.joblib" in project.dvc("exp", "run", "-S", "model=nonesuch", fails=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("decision.cost.accept_bad=-5", "'decision.cost.accept_bad' must be greater than 0, got -5"),
        (
            "train.lr.encoding=runes",
            "'train.lr.encoding' must be of binary, one_hot, ordinal, codes, count, woe, got 'runes'",
        ),
        ("+train.lr.colour=red", "'train.lr.colour' is no hyperparameter of LogisticRegression"),
    ],
)
def test_a_wrong_param_stops_the_run_with_one_line(project, change, said):
    printed = project.dvc("exp", "run", "-S", change, "train@lr", fails=True)
    assert said in printed
    assert "Traceback" not in printed
    assert not (project.root / "models/lr.joblib").exists()
