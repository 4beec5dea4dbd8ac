"""evaluate: one model on the untouched test applicants, beside what it shows on those it was made from."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD, LINE
from credit.core.families import family_of
from credit.core.intervals import bootstrap, cross_validated
from credit.core.records import Record, Seed
from credit.evaluate import figure as charts
from credit.evaluate.selection import Evaluate, check_model
from credit.io.files import read_model, read_params, read_parquet, write_csv, write_figure, write_json, write_parquet
from credit.metrics import curves
from credit.metrics.calibration import measures, reliability_curve
from credit.metrics.decision import Cost, Decision
from credit.metrics.metrics import HEADLINE, by_fold, classification_report, headline
from credit.metrics.out_of_fold import by_applicant, held_out_share
from stages.io.runner import run_stage

PLOTS = Path("plots")
NO_MEASURE = "applicants are all of one kind or too few, or PDs are all equal or part the bads from the goods wholly"

Curve = Callable[[np.ndarray, np.ndarray], pd.DataFrame]
Samples = dict[str, tuple[np.ndarray, np.ndarray]]  # outcomes, shape (n,), and PDs, shape (repeats, n)


class Params(Record):
    model: str
    seed: Seed
    decision: Decision
    evaluate: Evaluate


def performance(samples: Samples, oof: pd.DataFrame, cutoff: float, params: Params) -> pd.DataFrame:
    """Headline metrics with intervals; a row a sample and metric.

    Out of fold they are the means of the folds, as everywhere (the cutoff of each fold is chosen on the others); of
    test applicants, and of those fitted to, those of the model with bootstrap intervals.
    """
    estimates = {}
    for sample in ("test", "in-sample"):
        bad, pds = samples[sample]
        estimates[sample] = bootstrap(
            lambda bad, pds: headline(bad, pds, cutoff, params.decision.cost),
            bad, pds[0], draws=params.evaluate.bootstrap, seed=params.seed,
        )  # fmt: skip
    folds, share = by_fold(oof, params.decision), held_out_share(oof)
    estimates["out of fold"] = {name: cross_validated(folds[name].to_numpy(), share) for name in HEADLINE}
    rows = [
        {"sample": sample, "metric": metric, **value._asdict(), "n": len(bad), "bad": int(bad.sum())}
        for sample, (bad, _) in samples.items()
        for metric, value in estimates[sample].items()
    ]
    return pd.DataFrame(rows).rename(columns={"mean": "value"})


def on_both(curve: Curve, samples: Samples) -> pd.DataFrame:
    """Compute a curve for the test applicants and, out of fold in the first repeat, for the training applicants."""
    return on_all_repeats(lambda bad, pds: curve(bad, pds[0]), samples)


def on_all_repeats(table: Curve, samples: Samples) -> pd.DataFrame:
    """Make a table for the test applicants and, from all repeats out of fold, for the training applicants."""
    tables = [table(*samples[sample]).assign(sample=sample) for sample in ("test", "out of fold")]
    return pd.concat(tables, ignore_index=True)


def score(model: Any, train: pd.DataFrame, test: pd.DataFrame, oof: pd.DataFrame) -> Samples:
    """Give outcomes and PDs of the test applicants, and of training ones out of fold and in-sample (resubstitution)."""
    features = list(model.feature_names_in_)
    return {
        "test": (test[BAD].to_numpy(), model.predict_proba(test[features])[:, 1][None]),
        "out of fold": by_applicant(oof),
        "in-sample": (train[BAD].to_numpy(), model.predict_proba(train[features])[:, 1][None]),
    }


def score_indeterminate(model: Any, applicants: pd.DataFrame) -> pd.DataFrame:
    """Give the PDs of applicants of whom no outcome is known: columns line and pd."""
    features = list(model.feature_names_in_)
    pds = model.predict_proba(applicants[features])[:, 1] if len(applicants) else np.empty(0)
    return pd.DataFrame({LINE: applicants[LINE], "pd": pds})


def curves_of(samples: Samples, cost: Cost) -> dict[str, pd.DataFrame]:
    """Compute every curve, by its name."""
    return {
        "roc": on_both(curves.roc, samples),
        "pr": on_both(curves.precision_recall, samples),
        "calibration": on_both(curves.calibration, samples),
        "reliability": on_all_repeats(reliability_curve, samples),
        "gain": on_both(curves.gain, samples),
        "cost": on_both(lambda bad, pds: curves.cost(bad, pds, cost), samples),
    }


def draw(tables: dict[str, pd.DataFrame], calibration: pd.DataFrame, cutoff: float, cost: Cost) -> dict[str, Any]:
    """Draw every picture, by its name."""
    return {
        "performance": charts.performance(tables["performance"]),
        "confusion": charts.confusion(tables["confusion"]),
        "roc": charts.roc(tables["roc"]),
        "pr": charts.precision_recall(tables["pr"]),
        "calibration": charts.calibration(tables["calibration"], tables["reliability"], calibration),
        "gain": charts.gain(tables["gain"]),
        "cost": charts.cost(tables["cost"], cutoff, cost),
    }


def calibration_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the measures of calibration as records; one that does not exist has a reason instead of an estimate."""
    records = table.to_dict("records")
    for record in records:
        if pd.isna(record["low"]):
            record["not_applicable"] = NO_MEASURE
    return records


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    check_model(params.model)
    cost = params.decision.cost
    model = read_model(f"models/{params.model}.joblib")
    train, test = read_parquet("data/processed/train.parquet"), read_parquet("data/processed/test.parquet")
    oof = read_parquet(f"data/processed/oof/{params.model}.parquet")

    samples, cutoff, estimator = score(model, train, test, oof), float(model.threshold), family_of(model)
    bad, pds = samples["test"][0], samples["test"][1][0]
    rejected = (pds >= cutoff).astype("int64")
    tables = {
        "performance": performance(samples, oof, cutoff, params),
        "confusion": pd.DataFrame({"line": test[LINE], "actual": bad, "predicted": rejected, "pd": pds}),
        "classification_report": classification_report(bad, rejected),
        **curves_of(samples, cost),
    }

    indeterminate = score_indeterminate(model, read_parquet("data/interim/indeterminate.parquet"))
    calibration = on_all_repeats(measures, samples)
    metrics = {"estimator": estimator, **headline(bad, pds, cutoff, cost), "threshold": cutoff}
    # `dvc exp show` makes a column of every number that stands in no list.
    lists = {"calibration": calibration_records(calibration), "performance": tables["performance"].to_dict("records")}
    write_json("metrics/evaluation.json", {**metrics, **lists})
    write_parquet("data/processed/test_pds.parquet", pd.DataFrame({LINE: test[LINE], BAD: bad, "pd": pds}))
    write_parquet("data/processed/indeterminate_pds.parquet", indeterminate)
    for name, table in tables.items():
        write_csv(PLOTS / f"{name}.csv", table)
    for name, figure in draw(tables, calibration, cutoff, cost).items():
        write_figure(PLOTS / f"{name}.png", figure)
    log.info("%s on %d test applicants, cutoff %.3f", estimator, len(test), cutoff)
    on_test = tables["performance"].query("sample == 'test' and metric in ('auc', 'brier', 'cost')")
    for row in on_test.dropna(subset="value").itertuples():
        log.info("%s %.3f [%.3f, %.3f]", row.metric, row.value, row.low, row.high)
    if len(indeterminate):
        found = len(indeterminate), indeterminate["pd"].mean(), (indeterminate["pd"] >= cutoff).mean()
        log.info("%d without an outcome: mean PD %.3f, a share of %.3f rejected", *found)


if __name__ == "__main__":
    run_stage("evaluate", main)
