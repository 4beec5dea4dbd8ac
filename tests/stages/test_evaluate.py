"""The stage in a directory of its own, with a small model and few bootstrap draws."""

import json
import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import brier_score_loss, confusion_matrix, f1_score, roc_auc_score

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.intervals import cross_validated
from credit.core.split import repeated_folds
from credit.features.plan import Caps, FeaturePlan, Levels
from credit.io.files import as_plain
from credit.metrics.calibration import measures
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model, out_of_fold
from stages import evaluate
from tests.credit.small_specs import candidate

HEADLINE = {"estimator", "auc", "gini", "ks", "accuracy", "precision", "recall", "f1", "brier", "cost", "threshold"}
PAGES = ("performance", "confusion", "roc", "pr", "calibration", "gain", "cost")
CUTOFF = 0.3


def applicants(n: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"line": np.arange(2, n + 2) * 3 + seed})
    table["duration"] = generator.integers(4, 72, n).astype(float)
    table["savings"] = generator.integers(1, 4, n).astype(float)
    latent = 0.05 * table["duration"] - table["savings"] + generator.logistic(size=n)
    return table.assign(bad=(latent > 0.8).astype("int64"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Fit a model once, and write what the stage reads."""
    root = tmp_path_factory.mktemp("made")
    for directory in ("models", "data/processed/oof"):
        (root / directory).mkdir(parents=True)
    train, test = applicants(120, 1), applicants(60, 2)
    train.to_parquet(root / "data/processed/train.parquet")
    test.to_parquet(root / "data/processed/test.parquet")
    plan = FeaturePlan(
        numeric={"duration": Caps(lower=4, upper=60)},
        nominal={},
        ordinal={"savings": Levels(kept=(1, 2, 3))},
        dropped={},
    )
    spec = ModelSpec("lr", candidate("ordinal"), plan, Calibration(method="sigmoid", folds=3), 1)
    rows = Applicants(train[plan.features], train["bad"].to_numpy(), np.arange(len(train)))
    folds = repeated_folds(rows.groups, rows.bad, 3, 2, 1)
    oof = out_of_fold(spec, rows, folds, processes=1)
    oof.insert(1, "line", train["line"].to_numpy()[oof.pop("position")])
    model = fit_pd_model(spec, rows, CUTOFF)
    for name in ("lr", "best"):
        oof.to_parquet(root / f"data/processed/oof/{name}.parquet")
        joblib.dump(model, root / f"models/{name}.joblib")
    return root


@pytest.fixture
def run(made, workspace):
    (workspace / "models").symlink_to(made / "models")
    (workspace / "data/processed").symlink_to(made / "data/processed")

    def run_with(**sections):
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        params |= {"evaluate": {"bootstrap": 100}, "out_of_fold": {"folds": 3, "repeats": 2}, **sections}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        evaluate.main(logging.getLogger("evaluate"))
        return json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))

    return run_with


def test_headline_metrics_are_those_of_the_untouched_test_applicants(run):
    found = run(model="best")
    assert {name for name, value in found.items() if not isinstance(value, list)} == HEADLINE
    test = pd.read_parquet("data/processed/test.parquet")
    pds = joblib.load("models/best.joblib").predict_proba(test[["duration", "savings"]])[:, 1]
    (_, rejected_goods), (accepted_bads, _) = confusion_matrix(test["bad"], pds >= CUTOFF)
    assert (found["estimator"], found["threshold"]) == ("lr", CUTOFF)
    assert found["auc"] == pytest.approx(roc_auc_score(test["bad"], pds), abs=1e-6)
    assert found["gini"] == pytest.approx(2 * found["auc"] - 1, abs=2e-6)
    assert found["brier"] == pytest.approx(brier_score_loss(test["bad"], pds), abs=1e-6)
    assert found["f1"] == pytest.approx(f1_score(test["bad"], pds >= CUTOFF), abs=1e-6)
    assert found["cost"] == pytest.approx((5 * accepted_bads + rejected_goods) / 60, abs=1e-6)


def test_every_page_has_a_table_and_a_picture(run):
    run(model="lr")
    for name in PAGES:
        assert len(pd.read_csv(f"plots/{name}.csv"))
        assert Path(f"plots/{name}.png").read_bytes().startswith(b"\x89PNG")
    tables = sorted([*PAGES, "classification_report", "reliability"])
    assert sorted(path.stem for path in Path("plots").glob("*.csv")) == tables
    confusion = pd.read_csv("plots/confusion.csv")
    assert len(confusion) == 60  # one row an applicant: what DVC's template wants
    for name in ("roc", "pr", "calibration", "reliability", "gain", "cost"):
        assert list(pd.read_csv(f"plots/{name}.csv")["sample"].unique()) == ["test", "out of fold"]


def test_performance_has_an_interval_and_n_for_every_sample_and_metric(run):
    headline = run()
    table = pd.read_csv("plots/performance.csv")
    assert table.groupby("sample")["n"].unique().map(list).to_dict() == {
        "out of fold": [120],
        "in-sample": [120],
        "test": [60],
    }
    assert (table["low"] <= table["high"]).all()
    test = table[table["sample"] == "test"].set_index("metric")["value"]
    assert test.to_dict() == {name: headline[name] for name in HEADLINE - {"estimator", "threshold"}}


def test_out_of_fold_is_the_mean_of_the_folds_as_everywhere(run):
    found = run()
    folds = pd.read_parquet("data/processed/oof/lr.parquet").groupby("fold")
    aucs = [roc_auc_score(rows["bad"], rows["pd"]) for _, rows in folds]
    table = pd.read_csv("plots/performance.csv").set_index(["sample", "metric"])
    by_hand = dict(zip(("value", "se", "low", "high"), cross_validated(np.array(aucs), 1 / 3), strict=True))
    assert table.loc[("out of fold", "auc"), list(by_hand)].to_dict() == pytest.approx(by_hand, abs=1e-6)
    assert pd.DataFrame(found["performance"]).set_index(["sample", "metric"])["value"].equals(table["value"])


def test_the_pds_of_the_test_applicants_are_kept(run):
    run()
    kept, test = (pd.read_parquet(f"data/processed/{name}.parquet") for name in ("test_pds", "test"))
    pds = joblib.load("models/lr.joblib").predict_proba(test[["duration", "savings"]])[:, 1]
    assert kept.equals(pd.DataFrame({"line": test["line"], "bad": test["bad"], "pd": pds}))


def test_a_second_run_writes_the_same_bytes(run):
    written = []
    for _ in range(2):
        run()
        written.append({path: path.read_bytes() for path in sorted(Path("plots").iterdir())})
    assert written[0] == written[1]


def test_calibration_is_measured_on_test_and_on_all_repeats_out_of_fold(run):
    found = pd.DataFrame(run(model="lr")["calibration"]).set_index(["sample", "measure"])
    large = found.xs("mean PD minus bad rate", level="measure")
    assert large["n"].to_dict() == {"test": 60, "out of fold": 120}
    test, oof = (pd.read_parquet(f"data/processed/{name}.parquet") for name in ("test", "oof/lr"))
    pds = joblib.load("models/lr.joblib").predict_proba(test[["duration", "savings"]])[:, 1]
    assert large.loc["test", "mean"] == pytest.approx(pds.mean() - test["bad"].mean(), abs=1e-6)
    assert large.loc["out of fold", "mean"] == pytest.approx(oof["pd"].mean() - oof["bad"].mean(), abs=1e-6)
    assert found.groupby("sample").size().to_dict() == {"test": 3, "out of fold": 3}
    assert ((found["low"] < found["mean"]) & (found["mean"] < found["high"])).all()


def test_out_of_fold_may_be_of_a_sample_of_the_training_applicants(run):
    path = Path("data/processed/oof/lr.parquet")
    everyone = pd.read_parquet(path)
    Path("data/processed").unlink()  # a link to what the other tests read too
    Path("data/processed/oof").mkdir(parents=True)
    everyone[everyone["line"] % 2 == 0].to_parquet(path)
    for name, n, seed in (("train", 120, 1), ("test", 60, 2)):
        applicants(n, seed).to_parquet(f"data/processed/{name}.parquet")
    run(model="lr")
    n = pd.read_csv("plots/performance.csv").groupby("sample")["n"].first()
    assert n.to_dict() == {"test": 60, "out of fold": 60, "in-sample": 120}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"evaluate": {"bootstrap": 10}}, r"'evaluate.bootstrap' must be .* 100, got 10"),
        (
            {"decision": {"cost": {"accept_bad": 5, "reject_good": -1}}},
            r"'decision.cost.reject_good' must be .*, got -1",
        ),
        ({"evaluate": {"bootstrap": 100, "draws": 1}}, r"unknown key 'evaluate.draws'"),
    ],
)
def test_wrong_params_are_refused_with_one_line(sections, message, run):
    with pytest.raises(InputError, match=message):
        run(**sections)
    assert not Path("metrics").exists()
    assert not Path("plots").exists()


def test_a_model_that_is_not_there_ends_the_process_with_one_line(run, run_stage):
    run(model="lr")
    Path("metrics/evaluation.json").unlink()
    params = Path("params.yaml")
    params.write_text(params.read_text(encoding="utf-8").replace("model: lr", "model: gbm"), encoding="utf-8")
    found = run_stage("evaluate")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith("evaluate: ")
    assert f"'model' must be best or one of {', '.join(FAMILIES)}, got 'gbm'" in line
    assert not Path("metrics/evaluation.json").exists()


@pytest.mark.parametrize(
    ("bad", "pds", "without"),
    [
        (np.tile([0, 1], 30), np.full(60, 0.3), {"slope"}),
        (np.zeros(60), np.linspace(0.1, 0.6, 60), {"slope", "intercept, slope held at 1"}),
    ],
    ids=["a constant PD", "goods alone"],
)
def test_a_measure_of_calibration_that_does_not_exist_says_why(bad, pds, without):
    records = evaluate.calibration_records(measures(bad, pds[None]))
    assert {record["measure"] for record in records if "not_applicable" in record} == without
    for record in json.loads(json.dumps(as_plain(records), allow_nan=False)):
        assert ("not_applicable" in record) == (record["mean"] is None)
