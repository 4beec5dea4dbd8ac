"""What `make run` ends with, from files as the stages write them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.summary import main

RANKING = [
    {"family": "rf", "metric": "auc", "difference": 0, "difference_se": 0},
    {"family": "lr", "metric": "brier", "difference": -0.5, "difference_se": 0.5},
    {"family": "lr", "metric": "auc", "difference": -0.004, "difference_se": 0.01},
]
SELECTION = {
    "ranked_by": "auc",
    "chosen": "lr",
    "leader": "lr",
    "lead": 0.003,
    "runner_up": "rf",
    "lead_is_more_than_noise": False,
    "estimates": [
        {"metric": "brier", "mean": 0.16, "low": 0.1, "high": 0.2, "n": 800},
        {"metric": "auc", "mean": 0.777, "low": 0.721, "high": 0.833, "n": 800},
    ],
    "ranking": RANKING,
}
COLUMNS = ("sample", "metric", "value", "low", "high", "n", "bad")
PERFORMANCE = [
    dict(zip(COLUMNS, row, strict=True))
    for row in [
        ("test", "auc", 0.79, 0.72, 0.85, 200, 60),
        ("test", "accuracy", 0.6, 0.5, 0.7, 200, 60),
        ("out of fold", "auc", 0.78, 0.74, 0.81, 800, 240),
        ("out of fold", "accuracy", 0.5, 0.25, 0.75, 800, 240),
        ("in-sample", "auc", 0.96, 0.95, 0.97, 800, 240),
    ]
]
EVALUATION = {"estimator": "lr", "threshold": 0.1808, "performance": PERFORMANCE}
SETTINGS = {
    "lr": {"C": 0.1, "encoding": "one_hot"},
    "xgb": {"hidden_layer_sizes": [16], "max_depth": 4},
    "blend": {"members": ["scorecard", "rf", "mlp"]},
}


@pytest.fixture
def select(write):
    """Write the selection with some of it changed."""
    return lambda **changes: write("metrics/selection.json", json.dumps({**SELECTION, **changes}))


@pytest.fixture
def evaluate(write):
    """Write the evaluation of a family."""
    return lambda family: write("metrics/evaluation.json", json.dumps({**EVALUATION, "estimator": family}))


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch, write, select, evaluate):
    """Write the files of a run that chose and evaluated lr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    write("params.yaml", "model: best\nseed: 1\n")
    select()
    evaluate("lr")
    for family, settings in {**SETTINGS, "rf": {}}.items():
        picked = [{"setting": name, "value": value} for name, value in settings.items()]
        write(f"metrics/train/{family}.json", json.dumps({"picked": picked}))
    write("plots/roc.png", "")


@pytest.fixture
def shown(capsys):
    def run() -> str:
        main()
        return capsys.readouterr().out

    return run


def test_says_what_was_chosen_and_how_it_does_on_how_many(shown):
    assert [line.rstrip() for line in shown().splitlines()] == [
        "",
        "chosen    logistic regression, by AUC: 0.777 [0.721, 0.833], mean of folds, n = 800",
        "why       leads by 0.003, which is no more than noise",
        "settings  C 0.1, encoding one_hot",
        "cutoff    0.181: an applicant with this PD or a higher one is rejected",
        "pictures  plots/*.png (1), plots/eda/*.png (0)",
        "",
        "                            test            out of fold",
        " metric          n = 200, 60 bad       n = 800, 240 bad",
        " ──────────────────────────────────────────────────────",
        " AUC        0.790 [0.720, 0.850]   0.780 [0.740, 0.810]",
        " accuracy   0.600 [0.500, 0.700]   0.500 [0.250, 0.750]",
        "",
        "[ ] 95 % interval   * lower is better",
    ]


def test_says_how_surely_it_leads_or_how_far_a_preferred_one_is_behind(shown, select):
    select(lead_is_more_than_noise=True)
    assert "leads by 0.003, which is more than noise" in shown()
    select(leader="rf")
    behind = (
        "the preferred one within one standard error of the leader: 0.004 behind random forest, standard error 0.010"
    )
    assert behind in " ".join(shown().split())


def test_a_blends_members_and_another_evaluated_family_are_said(shown, select, write, evaluate):
    select(chosen="blend", leader="blend")
    write("params.yaml", "model: xgb")
    evaluate("xgb")
    text = shown()
    assert "blend (soft vote), by AUC: 0.777" in text
    assert "members scorecard + rf + mlp" in text
    assert "evaluated     gradient boosting (XGBoost), not the chosen one: params.yaml has model: xgb" in text
    assert "its settings  hidden_layer_sizes [16], max_depth 4" in text


def test_what_could_not_be_fitted_is_said_a_line_a_family(shown, select, write):
    parts = [
        {"which": f"n_neighbors={n}", "candidates": [at, at + 3], "reason": f"{n} neighbours are too many"}
        for at, n in enumerate((41, 101))
    ]
    write("metrics/train/rf.json", json.dumps({"left_out": parts}))
    write("metrics/train/lr.json", json.dumps({"picked": [], "left_out": [{**parts[0], "candidates": [7]}]}))
    write("metrics/train/blend.json", json.dumps({"left_out": [{"which": "dt", "reason": "said above"}]}))
    ranking = [*RANKING, {"family": "blend", "metric": "auc"}]
    select(left_out=[{"family": "dt", "reason": "too few bads"}], ranking=ranking)
    lines = [line.rstrip() for line in shown().splitlines()]
    at = lines.index("left out  decision tree: too few bads")
    assert lines[at + 1 : at + 3] == [
        "          random forest, 4 candidates, such as n_neighbors=41: 41 neighbours are too many",
        "          logistic regression, 1 candidate: n_neighbors=41: 41 neighbours are too many",
    ]


def test_a_family_that_is_alone_leads_nobody(shown, select):
    select(runner_up=None, lead=0, why="all others are left out")
    assert "why       all others are left out" in shown()


def test_the_evaluation_of_another_model_than_asked_for_is_refused(write):
    write("params.yaml", "model: rf")
    with pytest.raises(
        SystemExit, match=r"evaluation\.json: expected the evaluation of rf .*model: rf.*got that of lr"
    ):
        main()


@pytest.mark.slow
def test_fits_a_narrow_terminal_even_one_without_unicode(repository):
    environment = {**os.environ, "COLUMNS": "40", "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(repository)}
    ended = subprocess.run(
        [sys.executable, "-m", "ops.summary"], env=environment, capture_output=True, text=True, check=True
    )
    assert max(map(len, ended.stdout.splitlines())) <= 40
    assert all(number in ended.stdout for number in ("0.777", "0.790", "0.850", "0.250"))


FILES = "params.yaml metrics/selection.json metrics/evaluation.json metrics/train/lr.json"


@pytest.mark.parametrize("name", FILES.split())
def test_a_file_that_is_absent_empty_or_has_a_conflict_in_it_is_named_in_one_line(name, write, select, shown):
    select(leader="rf")
    Path(name).unlink()
    for content in (None, "{a: <<<<<<< HEAD\n", "{}"):
        if content:
            write(name, content)
        with pytest.raises(SystemExit, match=f"^{name}.*: .*(expected|missing)") as ended:
            main()
        assert "\n" not in ended.value.code


def test_the_committed_files_of_this_repository_are_understood(repository, monkeypatch, shown):
    monkeypatch.chdir(repository)
    text = shown()
    assert all(title in text for title in ("AUC", "Brier score *", "cost per applicant *"))
