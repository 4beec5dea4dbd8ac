import json
import shutil
from pathlib import Path

import pytest

from credit.core.errors import InputError
from ops.findings import read_findings

SELECTION = {
    "ranked_by": "auc",
    "chosen": "lr",
    "leader": "xgb",
    "lead": 0.003,
    "lead_is_more_than_noise": False,
    "estimates": [{"metric": "auc", "mean": 0.78, "se": 0.03, "low": 0.72, "high": 0.84, "n": 800}],
}
RANKING = """\
family,chosen,metric,difference,difference_se
xgb,False,auc,0,0
lr,True,auc,-0.01,0.02
lr,True,brier,-0.5,0.5
"""
PERFORMANCE = """\
sample,metric,value,se,low,high,n,bad
test,auc,0.79,0.03,0.72,0.85,200,60
out of fold,auc,0.78,0.02,0.74,0.81,800,240
resubstitution,auc,0.96,0.01,0.95,0.97,800,240
"""


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch, write):
    """Write the files of a run that chose and evaluated lr."""
    monkeypatch.chdir(tmp_path)
    write("params.yaml", "model: best\nseed: 1\n")
    write("metrics/selection.json", json.dumps(SELECTION))
    write("metrics/evaluation.json", json.dumps({"estimator": "lr", "threshold": 0.18, "auc": 0.79}))
    for family in ("lr", "xgb"):
        write(f"metrics/train/{family}.json", json.dumps({"picked": [{"setting": "of", "value": family}]}))
    write("plots/selection.csv", RANKING)
    write("plots/performance.csv", PERFORMANCE)


def test_findings_of_a_run():
    findings = read_findings()
    assert findings.chosen_rank.difference == -0.01
    assert findings.settings == {"lr": {"of": "lr"}}
    assert findings.performance["out of fold"]["auc"].n == 800
    assert "resubstitution" not in findings.performance


def test_settings_of_the_evaluated_family_are_read_too(write):
    write("params.yaml", "model: xgb")
    write("metrics/evaluation.json", json.dumps({"estimator": "xgb", "threshold": 0.2}))
    assert read_findings().settings == {"lr": {"of": "lr"}, "xgb": {"of": "xgb"}}


def test_evaluation_of_another_model_than_asked_for_is_refused(write):
    write("params.yaml", "model: rf")
    with pytest.raises(
        InputError, match=r"evaluation\.json: expected the evaluation of rf .*model: rf.*got that of lr"
    ):
        read_findings()


@pytest.mark.parametrize(
    ("family", "picked"),
    [("blend", {"members": ["scorecard", "rf"]}), ("scorecard", {"C": 0.1, "encoding": "woe", "l1_ratio": 1.0})],
)
def test_a_blend_or_a_scorecard_may_be_chosen_and_evaluated(write, family, picked):
    write("metrics/selection.json", json.dumps({**SELECTION, "chosen": family, "leader": family}))
    write("metrics/evaluation.json", json.dumps({"estimator": family, "threshold": 0.2}))
    write("plots/selection.csv", f"family,chosen,metric,difference,difference_se\n{family},True,auc,0,0\n")
    lists = [{"setting": name, "value": value} for name, value in picked.items()]
    write(f"metrics/train/{family}.json", json.dumps({"picked": lists}))
    assert read_findings().settings == {family: picked}


FILES = """
params.yaml metrics/selection.json metrics/evaluation.json metrics/train/lr.json
plots/selection.csv plots/performance.csv
"""


@pytest.mark.parametrize("name", FILES.split())
def test_absent_file_is_named(name):
    Path(name).unlink()
    with pytest.raises(InputError, match=f"^{name}: expected .*, found no file; run `make run` first$"):
        read_findings()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("metrics/selection.json", "{", r"metrics/selection.json: expected JSON"),
        ("metrics/evaluation.json", '{"estimator": "lr"}', r"evaluation.json: 'threshold' is missing"),
        (
            "metrics/evaluation.json",
            '{"estimator": "gpt", "threshold": 1}',
            r"evaluation.json: expected one of lr, .*gpt",
        ),
        ("params.yaml", "model: [", r"params.yaml: expected YAML"),
        (
            "plots/selection.csv",
            "family,metric,difference,difference_se\n",
            r"selection.csv: expected a row of lr by auc",
        ),
        ("plots/performance.csv", PERFORMANCE.replace("0.72", "x"), r"performance.csv, line 2: 'low' must be a number"),
        (
            "plots/performance.csv",
            PERFORMANCE.replace("out of fold", "x"),
            r"performance.csv: expected the same metrics",
        ),
    ],
)
def test_damaged_file_is_named(write, name, content, complaint):
    write(name, content)
    with pytest.raises(InputError, match=complaint):
        read_findings()


def test_committed_files_of_this_repository_are_understood(repository, tmp_path, monkeypatch):
    if not (repository / "metrics/selection.json").is_file():
        pytest.skip("no run has been committed yet")
    copy = tmp_path / "copy"
    for folder in ("metrics", "plots"):
        shutil.copytree(repository / folder, copy / folder)
    shutil.copyfile(repository / "params.yaml", copy / "params.yaml")
    monkeypatch.chdir(copy)
    findings = read_findings()
    assert {"auc", "brier", "cost"} <= set(findings.performance["test"])
