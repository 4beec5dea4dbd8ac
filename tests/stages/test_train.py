"""The stage in a directory of its own, with few applicants and few candidates."""

from pathlib import Path
from typing import get_args

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.errors import InputError
from credit.core.families import SEARCHED, family_of
from credit.metrics.decision import Cost, Decision, cross_fitted_cutoffs, expected_cost, stable_cutoff
from stages import train
from tests.stages.small_training import OUTPUTS, PROGRESS, SMALL, TREE, applicants, change, report, run, write_inputs


@pytest.fixture(autouse=True)
def inputs(workspace):
    """Work where the inputs of the stage are."""
    write_inputs()


def left_behind() -> list[str]:
    """List the files that are no inputs, nor those of dvclive; these there must be only if the search ended."""
    kept = ("params.yaml", "data/dictionary.yaml", "data/south_german_errata.csv")
    inputs = (*kept, "data/processed/train.parquet", "data/processed/feature_plan.json")
    found = [path for path in Path().rglob("*") if path.is_file() and str(path) not in inputs]
    return sorted(str(path) for path in found if PROGRESS not in path.parents)


def test_the_families_of_the_params_are_those_there_are():
    assert set(get_args(train.FamilyName)) == set(SEARCHED)


def test_the_outputs_agree_with_one_another():
    run()
    assert left_behind() == sorted(OUTPUTS)
    assert (PROGRESS / "plots/metrics/score.tsv").is_file()
    found = report()
    tried = pd.read_csv("plots/search/dt.csv")
    oof = pd.read_parquet("data/processed/oof/dt.parquet")
    model = joblib.load("models/dt.joblib")

    assert (len(tried), set(tried["n"])) == (4, {90})
    (picked,) = tried[tried["picked"]].to_dict("records")
    assert picked["score"] == tried["score"].max() > tried["score"].min()
    assert {pick["setting"]: pick["value"] for pick in found["picked"]} == {name: picked[name] for name in TREE}

    assert list(oof.columns) == ["fold", "line", "bad", "pd"]
    assert sorted(oof["line"]) == sorted([*range(2, 92)] * 2)
    outcome = applicants().set_index("line")["bad"]
    assert np.array_equal(oof["bad"], outcome[oof["line"]])
    assert oof["pd"].between(0, 1).all()

    cost = Cost(accept_bad=5, reject_good=1)
    assert model.threshold == found["cutoff"] == round(stable_cutoff(oof, cost), 6)
    cutoffs = cross_fitted_cutoffs(oof, Decision(cost=cost))
    costs = [expected_cost(rows["bad"], rows["pd"], cutoffs[fold], cost) for fold, rows in oof.groupby("fold")]
    assert found["oof_cost"] == pytest.approx(np.mean(costs), abs=1e-6)
    for estimate in found["estimates"]:
        assert estimate["mean"] == found[f"oof_{estimate['metric']}"]
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert estimate["n"] == 90
    assert family_of(model) == "dt"
    assert list(model.feature_names_in_) == ["duration", "purpose", "savings"]


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes():
    change(dt={"max_depth": 2, "encoding": "binary"})
    run()
    first = {path: Path(path).read_bytes() for path in OUTPUTS}
    run()
    assert {path: Path(path).read_bytes() for path in OUTPUTS} == first


def test_a_pinned_setting_is_not_searched():
    change(dt={"max_depth": 2, "encoding": "ordinal"})
    run()
    (tried,) = pd.read_csv("plots/search/dt.csv").to_dict("records")
    assert (tried["picked"], tried["max_depth"], tried["encoding"]) == (True, 2, "ordinal")
    assert joblib.load("models/dt.joblib").estimator_.calibrated_classifiers_[0].estimator[-1].get_depth() == 2


def test_rows_alike_are_held_out_together():
    table = applicants()
    pd.concat([table, table.head(30).assign(line=range(92, 122))]).to_parquet("data/processed/train.parquet")
    run()
    folds = pd.read_parquet("data/processed/oof/dt.parquet").groupby("line")["fold"].agg(set)
    assert all(folds[line] == folds[line + 90] for line in range(2, 32))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dt": {"encoding": "fancy"}}, r"'train.dt.encoding' must be of binary, .*, got 'fancy'"),
        ({"dt": {"encoding": ["one_hot", None]}}, r"'train.dt.encoding' must be of binary, .*, got None"),
        ({"dt": {"resampler": "magic"}}, r"'train.dt.resampler' must be of none, smote, .*, got 'magic'"),
        ({"dt": {"depth": 3}}, r"'train.dt.depth' is no hyperparameter of DecisionTreeClassifier"),
        ({"dt": {"max_depth": -1}}, r"'train.dt' cannot be fitted with .*max_depth=-1"),
        ({"dt": {"max_depth": []}}, r"'max_depth' must be a value or a list of different values"),
        ({"dt": {"max_depth": [3, 3]}}, r"'max_depth' must be a value or a list of different values"),
        ({"train": {"gbm": {}}}, r"'train.gbm' must be 'lr', 'rf', .*, got 'gbm'"),
        (
            {"decision": {"cost": {"accept_bad": -5, "reject_good": 1}}},
            r"'decision.cost.accept_bad' must be .*, got -5",
        ),
        ({"decision": {"cost": {"accept_bad": 5}}}, r"'decision.cost.reject_good' is missing"),
        (
            {"search": {**SMALL["search"], "metric": "f1"}},
            r"'search.metric' must be 'auc' or 'average_precision', got 'f1'",
        ),
        ({"search": {**SMALL["search"], "max_rows": 50}}, r"'search.max_rows' must be .* 100, got 50"),
        ({"dt": {"max_rows": [200, 300]}}, r"^params.yaml, train.dt: 'max_rows' must be a whole .*, got \[200, 300\]"),
        ({"dt": {"max_rows": 150.0}}, r"^params.yaml, train.dt: 'max_rows' must be a whole number, got 150.0"),
        ({"search": {**SMALL["search"], "jobs": 2}}, r"unknown key 'search.jobs'"),
        ({"calibration": {"method": "platt", "folds": 2}}, r"'calibration.method' must be 'sigmoid', 'isotonic' or 'n"),
        ({"dt": {"calibration": "platt"}}, r"^params.yaml, train.dt: 'calibration' must be 'sigmoid', 'isotonic' or"),
        (
            {"calibration": {**SMALL["calibration"], "max_cross_fitted": 50}},
            r"'calibration.max_cross_fitted' must be .* 100, got 50",
        ),
        ({"out_of_fold": {**SMALL["out_of_fold"], "max_rows": 99}}, r"'out_of_fold.max_rows' must be .* 100, got 99"),
        ({"out_of_fold": {"folds": 1, "repeats": 1}}, r"'out_of_fold.folds' must be .* 2, got 1"),
        ({"out_of_fold": {"folds": 80, "repeats": 1}}, r"expected at least 80 distinct .* for 80 folds, got \d+"),
        ({"speed": "high"}, r"unknown key 'speed'"),
    ],
)
def test_wrong_params_are_refused_with_one_line(changes, message):
    change(**changes)
    with pytest.raises(InputError, match=message) as raised:
        run()
    assert "\n" not in str(raised.value)
    assert left_behind() == []
    assert not PROGRESS.exists()


def test_a_family_without_params_is_refused():
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    del params["train"]["dt"]
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    with pytest.raises(InputError, match=r"^params.yaml: expected 'train.dt', found "):
        run()


@pytest.mark.parametrize("family", ["gbm", "blend"])
def test_an_unknown_family_ends_the_process_with_one_line(family, run_stage):
    found = run_stage("train", family)
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        f"usage: python -m stages.train FAMILY, one of {', '.join(SEARCHED)}; got ['{family}']"
    ]
    assert left_behind() == []
    assert not PROGRESS.exists()


@pytest.mark.slow
def test_a_fault_met_in_a_worker_process_ends_the_process_with_one_line(run_stage):
    change(dt={"encoding": "one_hot", "max_depth": -1})
    found = run_stage("train", "dt")
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("train dt: 'train.dt' cannot be fitted with encoding=one_hot")
    assert "Traceback" not in found.stderr
    assert not any(Path(path).exists() for path in OUTPUTS)


@pytest.mark.slow
def test_the_bins_of_a_scorecard_are_made_without_a_warning_and_twice_the_same(run_stage):
    change()
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["train"]["scorecard"] |= {"C": [0.1, 1.0]}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    outputs = [path.replace("dt", "scorecard") for path in OUTPUTS]
    written = []
    for seed in ("1", "2"):
        found = run_stage("train", "scorecard", PYTHONHASHSEED=seed)
        assert found.returncode == 0, found.stderr
        written.append({path: Path(path).read_bytes() for path in outputs})
    assert written[0] == written[1]
    assert family_of(joblib.load("models/scorecard.joblib")) == "scorecard"
