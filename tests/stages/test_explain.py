"""The stage in a directory of its own, with small models."""

import json
import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from credit.core.errors import InputError
from stages import explain

FEATURES = ["status", "duration", "amount", "savings", "other_debtors", "age"]
PAGES = ("importance", "reasons")
SETTINGS = {"max_rows": 1000, "repeats": 3, "tolerance": 0.01}
CUTOFF = 0.3
MOVES = [{"attribute": "duration", "family": "lr", "share": 0.25, "n": 70}]


def applicants(n: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"line": np.arange(2, n + 2) * 3 + seed})
    for name, levels in (("status", 4), ("savings", 5), ("other_debtors", 3)):
        table[name] = generator.integers(1, levels + 1, n).astype(float)
    table["duration"] = generator.integers(4, 72, n).astype(float)
    table["amount"] = generator.integers(250, 9000, n).astype(float)
    table["age"] = generator.integers(19, 75, n).astype(float)
    latent = 0.05 * table["duration"] - table["status"] - 0.02 * table["age"] + generator.logistic(size=n)
    return table.assign(bad=(latent > latent.quantile(0.7)).astype("int64"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write models: the family dt is a tree, the others are logistic regressions."""
    root = tmp_path_factory.mktemp("made")
    for directory in ("models", "data/processed"):
        (root / directory).mkdir(parents=True)
    train, test = applicants(150, 1), applicants(70, 2)
    train.to_parquet(root / "data/processed/train.parquet")
    test.to_parquet(root / "data/processed/test.parquet")
    for family in ("lr", "dt", "best"):
        inner = DecisionTreeClassifier(random_state=1) if family == "dt" else LogisticRegression()
        pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), inner)
        model = FixedThresholdClassifier(pipeline, threshold=CUTOFF, pos_label=1, response_method="predict_proba")
        joblib.dump(model.fit(train[FEATURES], train["bad"]), root / f"models/{family}.joblib")
    return root


@pytest.fixture
def run(made, workspace):
    (workspace / "models").symlink_to(made / "models")
    (workspace / "data/processed").symlink_to(made / "data/processed")
    (workspace / "metrics").mkdir()
    (workspace / "metrics/monotonicity.json").write_text(json.dumps({"monotonicity": MOVES}), encoding="utf-8")

    def run_with(**sections):
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        Path("params.yaml").write_text(yaml.safe_dump(params | {"explain": SETTINGS, **sections}), encoding="utf-8")
        explain.main(logging.getLogger("explain"))
        return json.loads(Path("metrics/explanation.json").read_text(encoding="utf-8"))

    return run_with


def test_every_number_stands_in_a_list_so_that_dvc_makes_no_column_of_it(run):
    found = run()
    assert set(found) == {"importance", "monotonicity", "examples"}
    assert found["monotonicity"] == MOVES  # as select_best found it
    assert all(isinstance(part, list) and part for part in found.values())


def test_every_page_has_a_table_and_a_picture(run):
    run()
    for name in PAGES:
        assert len(pd.read_csv(f"plots/{name}.csv"))
        assert Path(f"plots/{name}.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.stem for path in Path("plots").glob("*.csv")) == sorted(PAGES)
    assert sorted(path.stem for path in Path("plots").glob("*.png")) == sorted(PAGES)


def test_importance_is_of_the_model_asked_for_with_n_and_interval(run):
    found = pd.DataFrame(run(model="lr")["importance"])
    assert len(found) == 2 * len(FEATURES)
    assert (found["n"] == 70).all()
    assert (found["low"] <= found["importance"]).all()
    assert set(found.groupby("metric").first()["attribute"]) <= {"status", "duration"}
    assert found.equals(pd.DataFrame(run(model="best")["importance"]))
    assert not found.equals(pd.DataFrame(run(model="dt")["importance"]))


def test_examples_are_an_approved_a_close_and_a_clear_one_each_summing_to_its_pd(run):
    found = run()["examples"]
    test = pd.read_parquet("data/processed/test.parquet")
    pds = joblib.load("models/best.joblib").predict_proba(test[FEATURES])[:, 1]
    by_line = dict(zip(test["line"], pds, strict=True))
    assert [example["decision"] for example in found] == ["approved", "rejected", "rejected"]
    assert found[1]["pd"] == pytest.approx(pds[pds >= CUTOFF].min(), abs=1e-6)
    assert found[2]["pd"] == pytest.approx(pds.max(), abs=1e-6)
    table = pd.read_csv("plots/reasons.csv").groupby("line")["contribution"].sum()
    for example in found:
        assert example["pd"] == pytest.approx(by_line[example["line"]], abs=1e-6)
        assert table[example["line"]] == pytest.approx(example["pd"], abs=1e-5)
        assert "age" not in {part["attribute"] for part in example["contributions"]}
        assert example["protected_attributes"] != 0


@pytest.mark.parametrize(
    ("pds", "expected"),
    [
        ([0.1, 0.5, 0.2, 0.9, 0.3, 0.15], {"approved": 5, "rejected, a close call": 4, "rejected, a clear case": 3}),
        ([0.1, 0.5], {"approved": 0, "rejected, a close call": 1}),
        ([0.1, 0.2], {"approved": 1}),
        ([0.5, 0.4], {"rejected, a close call": 1, "rejected, a clear case": 0}),
    ],
)
def test_examples_are_picked_as_far_as_there_are_any(pds, expected):
    assert explain.pick_examples(np.array(pds), 0.3) == expected


def test_a_second_run_writes_the_same_bytes(run):
    written = []
    for _ in range(2):
        run()
        files = [*sorted(Path("plots").iterdir()), Path("metrics/explanation.json")]
        written.append({path: path.read_bytes() for path in files})
    assert written[0] == written[1]


def test_a_large_table_is_looked_at_in_part(run):
    found = run(explain={**SETTINGS, "max_rows": 40})
    assert {row["n"] for row in found["importance"]} == {40}
    assert all(example["compared_with"]["n"] < 40 for example in found["examples"])


def test_a_dictionary_without_actionable_columns_is_fine(run):
    path = Path("data/dictionary.yaml")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith("actionable:")]
    path.write_text("".join(kept), encoding="utf-8")
    found = run()
    assert len(found["importance"]) == 2 * len(FEATURES)
    assert [(example["smallest_change"], example["variants_tried"]) for example in found["examples"]] == [(None, 0)] * 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"repeats": 1}, r"'explain.repeats' must be .* 2, got 1"),
        ({"tolerance": 1}, r"'explain.tolerance' must be .*, got 1"),
        ({"max_rows": 5}, r"'explain.max_rows' must be .*, got 5"),
        ({"rows": 5}, r"unknown key 'explain.rows'"),
    ],
)
def test_wrong_params_are_refused_with_one_line(settings, message, run):
    with pytest.raises(InputError, match=message):
        run(explain=SETTINGS | settings)
    assert not Path("metrics/explanation.json").exists()
    assert not Path("plots").exists()


def test_a_model_that_is_not_there_ends_the_process_with_one_line(run, run_stage):
    run()
    Path("metrics/explanation.json").unlink()
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")) | {"model": "gbm"}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    found = run_stage("explain")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line == "explain: models/gbm.joblib: expected the model that an earlier stage writes, got no such file"
    assert not Path("metrics/explanation.json").exists()
