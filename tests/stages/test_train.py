"""The stage in a directory of its own, with few applicants and few candidates."""

import json
import logging
from pathlib import Path
from typing import get_args

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from joblib import parallel_config

from credit.decision import Cost, cross_fitted_cutoffs, expected_cost, stable_cutoff
from credit.errors import InputError
from credit.families import FAMILIES, family_of
from stages import train

PLAN = {
    "numeric": {"duration": {"lower": 4, "upper": 60}},
    "nominal": {"purpose": {"kept": ["car", "tv"], "rare": ["boat"]}},
    "ordinal": {"savings": {"kept": [1, 2, 3]}},
    "dropped": {"telephone": "constant"},
}
SMALL = {
    "search": {"folds": 2, "repeats": 1, "metric": "auc"},
    "out_of_fold": {"folds": 3, "repeats": 2},
    "calibration": {"method": "sigmoid", "folds": 2},
}
TREE = {"encoding": ["one_hot", "ordinal"], "resampler": "none", "max_depth": [1, 3], "min_samples_leaf": 5}
PROGRESS = Path("plots/progress/dt")
OUTPUTS = ["models/dt.joblib", "data/processed/oof/dt.parquet", "metrics/train/dt.json", "plots/search/dt.csv"]


def applicants(n: int = 90) -> pd.DataFrame:
    generator = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "line": np.arange(2, n + 2),
            "duration": generator.integers(4, 72, n).astype(float),
            "purpose": generator.choice(["car", "tv", "boat"], n),
            "savings": generator.integers(1, 4, n).astype(float),
            "telephone": 1.0,
        }
    )
    return table.assign(
        bad=(0.05 * table["duration"] - table["savings"] + generator.logistic(size=n) > 0.8).astype("int64")
    )


@pytest.fixture
def settings(workspace):
    """Write the inputs of the stage; give a function that changes sections of the params."""
    Path("data/processed").mkdir()
    applicants().to_parquet("data/processed/train.parquet")
    Path("data/processed/feature_plan.json").write_text(json.dumps(PLAN), encoding="utf-8")

    def change(dt=None, **sections):
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        params |= {**SMALL, **sections}
        params["train"]["dt"] = {**TREE, **(dt or {})}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")

    change()
    return change


@pytest.fixture
def run(settings):
    def run_dt():
        with parallel_config(backend="sequential"):
            train.main(logging.getLogger("train dt"), "dt")

    return run_dt


def left_behind() -> list[str]:
    """List the files that are no inputs, nor those of dvclive; these there must be only if the search ended."""
    kept = ("params.yaml", "data/dictionary.yaml", "data/south_german_errata.csv")
    inputs = (*kept, "data/processed/train.parquet", "data/processed/feature_plan.json")
    found = [path for path in Path().rglob("*") if path.is_file() and str(path) not in inputs]
    return sorted(str(path) for path in found if PROGRESS not in path.parents)


def test_the_families_of_the_params_are_those_there_are():
    assert set(get_args(train.FamilyName)) == set(FAMILIES)


def test_the_outputs_agree_with_one_another(run):
    run()
    assert left_behind() == sorted(OUTPUTS)
    assert (PROGRESS / "plots/metrics/score.tsv").is_file()
    report = json.loads(Path("metrics/train/dt.json").read_text(encoding="utf-8"))
    tried = pd.read_csv("plots/search/dt.csv")
    held_out = pd.read_parquet("data/processed/oof/dt.parquet")
    model = joblib.load("models/dt.joblib")

    assert (len(tried), set(tried["n"])) == (4, {90})
    (picked,) = tried[tried["picked"]].to_dict("records")
    assert picked["score"] == tried["score"].max() > tried["score"].min()
    assert {pick["setting"]: pick["value"] for pick in report["picked"]} == {name: picked[name] for name in TREE}

    assert list(held_out.columns) == ["fold", "line", "bad", "pd"]
    assert sorted(held_out["line"]) == sorted([*range(2, 92)] * 2)
    outcome = applicants().set_index("line")["bad"]
    assert np.array_equal(held_out["bad"], outcome[held_out["line"]])
    assert held_out["pd"].between(0, 1).all()

    cost = Cost(accept_bad=5, reject_good=1)
    assert model.threshold == report["cutoff"] == round(stable_cutoff(held_out, cost), 6)
    cutoffs = cross_fitted_cutoffs(held_out, cost)
    costs = [expected_cost(rows["bad"], rows["pd"], cutoffs[fold], cost) for fold, rows in held_out.groupby("fold")]
    assert report["oof_cost"] == pytest.approx(np.mean(costs), abs=1e-6)
    for estimate in report["estimates"]:
        assert estimate["mean"] == report[f"oof_{estimate['metric']}"]
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert estimate["n"] == 90
    assert family_of(model) == "dt"
    assert list(model.feature_names_in_) == ["duration", "purpose", "savings"]


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes(run, settings):
    settings(dt={"max_depth": 2, "encoding": "binary"})
    run()
    first = {path: Path(path).read_bytes() for path in OUTPUTS}
    run()
    assert {path: Path(path).read_bytes() for path in OUTPUTS} == first


def test_a_pinned_setting_is_not_searched(run, settings):
    settings(dt={"max_depth": 2, "encoding": "ordinal"})
    run()
    (tried,) = pd.read_csv("plots/search/dt.csv").to_dict("records")
    assert (tried["picked"], tried["max_depth"], tried["encoding"]) == (True, 2, "ordinal")
    assert joblib.load("models/dt.joblib").estimator_.calibrated_classifiers_[0].estimator[-1].get_depth() == 2


def test_rows_alike_are_held_out_together(run):
    table = applicants()
    pd.concat([table, table.head(30).assign(line=range(92, 122))]).to_parquet("data/processed/train.parquet")
    run()
    folds = pd.read_parquet("data/processed/oof/dt.parquet").groupby("line")["fold"].agg(set)
    assert all(folds[line] == folds[line + 90] for line in range(2, 32))


def rows_used(settings, run, family_limit: int | None, search_limit: int | None) -> dict[str, int]:
    """Train on 240 applicants with these limits; give what the metrics file says they were used for."""
    applicants(240).to_parquet("data/processed/train.parquet")
    settings(dt={"max_rows": family_limit}, search={**SMALL["search"], "max_rows": search_limit})
    run()
    return {used["used_to"]: used["n"] for used in json.loads(Path(OUTPUTS[2]).read_text(encoding="utf-8"))["rows"]}


@pytest.mark.parametrize(
    ("family_limit", "search_limit", "fit", "search"),
    [(110, 130, 110, 130), (239, None, 239, 240), (None, 239, 240, 239), (150, None, 150, 240)],
)
def test_a_large_table_is_searched_and_fitted_by_samples(
    family_limit, search_limit, fit, search, run, settings, caplog
):
    caplog.set_level(logging.INFO)
    assert rows_used(settings, run, family_limit, search_limit) == {"search": search, "fit": fit, "judge": 240}
    assert f"settings are searched on {search} applicants, the model is fitted to {fit}" in caplog.messages
    assert set(pd.read_csv("plots/search/dt.csv")["n"]) == {search}
    assert len(joblib.load("models/dt.joblib").estimator.cv.test_fold) == fit
    # But every train applicant is judged, twice as ever.
    held_out = pd.read_parquet("data/processed/oof/dt.parquet")
    assert sorted(held_out["line"]) == sorted([*range(2, 242)] * 2)
    (n,) = {estimate["n"] for estimate in json.loads(Path(OUTPUTS[2]).read_text(encoding="utf-8"))["estimates"]}
    assert n == 240


def test_limits_that_are_not_reached_change_nothing(run, settings, caplog):
    caplog.set_level(logging.INFO)
    assert rows_used(settings, run, None, None) == {"search": 240, "fit": 240, "judge": 240}
    before = {path: Path(path).read_bytes() for path in OUTPUTS}
    assert rows_used(settings, run, 1000, 240) == {"search": 240, "fit": 240, "judge": 240}
    assert {path: Path(path).read_bytes() for path in OUTPUTS} == before
    assert not any("settings are searched on" in message for message in caplog.messages)


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
        ({"calibration": {"method": "platt", "folds": 2}}, r"'calibration.method' must be 'sigmoid' or 'isotonic'"),
        ({"out_of_fold": {"folds": 1, "repeats": 1}}, r"'out_of_fold.folds' must be .* 2, got 1"),
        ({"out_of_fold": {"folds": 80, "repeats": 1}}, r"expected at least 80 distinct .* for 80 folds, got \d+"),
        ({"speed": "high"}, r"unknown key 'speed'"),
    ],
)
def test_wrong_params_are_refused_with_one_line(changes, message, run, settings):
    settings(**changes)
    with pytest.raises(InputError, match=message) as raised:
        run()
    assert "\n" not in str(raised.value)
    assert left_behind() == []
    assert not PROGRESS.exists()


def test_a_family_without_params_is_refused(run):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    del params["train"]["dt"]
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    with pytest.raises(InputError, match=r"^params.yaml: expected 'train.dt', found "):
        run()


def test_an_unknown_family_ends_the_process_with_one_line(run_stage):
    found = run_stage("train", "gbm")
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        f"usage: python -m stages.train FAMILY, one of {', '.join(FAMILIES)}; got ['gbm']"
    ]
    assert left_behind() == []
    assert not PROGRESS.exists()


@pytest.mark.slow
def test_a_fault_met_in_a_worker_process_ends_the_process_with_one_line(run_stage, settings):
    settings(dt={"max_depth": -1})
    found = run_stage("train", "dt")
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("train dt: 'train.dt' cannot be fitted with encoding=one_hot")
    assert "Traceback" not in found.stderr
    assert not any(Path(path).exists() for path in OUTPUTS)
