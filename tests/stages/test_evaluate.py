"""What the evaluation says of the test applicants and out of fold, beside scikit-learn's metrics."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, confusion_matrix, f1_score, roc_auc_score

from credit.core.intervals import cross_validated
from tests.small_graph import run

pytestmark = pytest.mark.slow
HEADLINE = {"estimator", "auc", "gini", "ks", "accuracy", "precision", "recall", "f1", "brier", "cost", "threshold"}


@pytest.fixture
def found(project) -> dict:
    return run("evaluate", model="lr")


def pds_of(name: str, model: str = "lr") -> tuple[pd.DataFrame, np.ndarray]:
    """Read a side of the split, and score it."""
    table, fitted = pd.read_parquet(f"data/processed/{name}.parquet"), joblib.load(f"models/{model}.joblib")
    return table, fitted.predict_proba(table[fitted.feature_names_in_])[:, 1]


def test_headline_metrics_are_those_of_the_untouched_test_applicants(found):
    assert {name for name, value in found.items() if not isinstance(value, list)} == HEADLINE
    test, pds = pds_of("test")
    cutoff = joblib.load("models/lr.joblib").threshold
    (_, rejected_goods), (accepted_bads, _) = confusion_matrix(test["bad"], pds >= cutoff)
    assert (found["estimator"], found["threshold"]) == ("lr", cutoff)
    assert found["auc"] == pytest.approx(roc_auc_score(test["bad"], pds), abs=1e-6)
    assert found["gini"] == pytest.approx(2 * found["auc"] - 1, abs=2e-6)
    assert found["brier"] == pytest.approx(brier_score_loss(test["bad"], pds), abs=1e-6)
    assert found["f1"] == pytest.approx(f1_score(test["bad"], pds >= cutoff), abs=1e-6)
    assert found["cost"] == pytest.approx((5 * accepted_bads + rejected_goods) / len(test), abs=1e-6)


def test_tables_are_of_test_and_out_of_fold_and_confusion_has_a_row_an_applicant(found):
    assert len(pd.read_csv("plots/confusion.csv")) == 50  # what DVC's template wants
    for name in ("roc", "pr", "calibration", "reliability", "gain", "cost"):
        assert list(pd.read_csv(f"plots/{name}.csv")["sample"].unique()) == ["test", "out of fold"]


def test_performance_has_an_interval_and_n_for_every_sample_and_metric(found):
    table = pd.read_csv("plots/performance.csv")
    assert table.groupby("sample")["n"].unique().map(list).to_dict() == {
        "out of fold": [200],
        "in-sample": [200],
        "test": [50],
    }
    assert (table["low"] <= table["high"]).all()
    test = table[table["sample"] == "test"].set_index("metric")["value"]
    assert test.to_dict() == {name: found[name] for name in HEADLINE - {"estimator", "threshold"}}
    in_sample = table.set_index(["sample", "metric"]).loc[("in-sample", "auc"), "value"]
    train, pds = pds_of("train")
    assert in_sample == pytest.approx(roc_auc_score(train["bad"], pds), abs=1e-6)


def test_out_of_fold_is_the_mean_of_the_folds_as_everywhere(found):
    folds = pd.read_parquet("data/processed/oof/lr.parquet").groupby("fold")
    aucs = [roc_auc_score(rows["bad"], rows["pd"]) for _, rows in folds]
    table = pd.read_csv("plots/performance.csv").set_index(["sample", "metric"])
    by_hand = dict(zip(("value", "se", "low", "high"), cross_validated(np.array(aucs), 1 / 2), strict=True))
    assert table.loc[("out of fold", "auc"), list(by_hand)].to_dict() == pytest.approx(by_hand, abs=1e-6)
    assert pd.DataFrame(found["performance"]).set_index(["sample", "metric"])["value"].equals(table["value"])


def test_the_pds_of_the_test_applicants_are_kept(found):
    test, pds = pds_of("test")
    kept = pd.read_parquet("data/processed/test_pds.parquet")
    assert kept.equals(pd.DataFrame({"line": test["line"], "bad": test["bad"], "pd": pds}))


def test_calibration_is_measured_on_test_and_on_all_repeats_out_of_fold(found):
    measures = pd.DataFrame(found["calibration"]).set_index(["sample", "measure"])
    large = measures.xs("mean PD minus bad rate", level="measure")
    assert large["n"].to_dict() == {"test": 50, "out of fold": 200}
    (test, pds), oof = pds_of("test"), pd.read_parquet("data/processed/oof/lr.parquet")
    assert large.loc["test", "mean"] == pytest.approx(pds.mean() - test["bad"].mean(), abs=1e-6)
    assert large.loc["out of fold", "mean"] == pytest.approx(oof["pd"].mean() - oof["bad"].mean(), abs=1e-6)
    assert measures.groupby("sample").size().to_dict() == {"test": 3, "out of fold": 3}
    assert ((measures["low"] < measures["mean"]) & (measures["mean"] < measures["high"])).all()
