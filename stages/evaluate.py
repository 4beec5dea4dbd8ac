"""evaluate: one model on the untouched test applicants, beside what it shows on those it was made from."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import joblib
import numpy as np
import pandas as pd
from pydantic import Field

from credit import curves
from credit.charts import evaluation as charts
from credit.checked import Record, Seed
from credit.columns import BAD, LINE
from credit.decision import Cost, Decision
from credit.errors import InputError
from credit.families import FAMILIES, family_of
from credit.intervals import bootstrap
from credit.metrics import classification_report, headline
from stages.files import read_params, read_parquet, write_csv, write_figure, write_json
from stages.runner import run_stage

PLOTS = Path("plots")

Curve = Callable[[np.ndarray, np.ndarray], pd.DataFrame]


class Evaluate(Record):
    bootstrap: Annotated[int, Field(ge=100)]


class Params(Record):
    model: str
    seed: Seed
    decision: Decision
    evaluate: Evaluate


def check_model(name: str) -> None:
    """Refuse a model that no stage makes."""
    if name not in ("best", *FAMILIES):
        raise InputError(f"params.yaml: 'model' must be best or one of {', '.join(FAMILIES)}, got {name!r}")


def performance(
    samples: dict[str, tuple[np.ndarray, np.ndarray]], cutoff: float, cost: Cost, draws: int, seed: int
) -> pd.DataFrame:
    """Headline metrics with intervals; a row a sample and metric.

    `samples` maps a name to the outcomes, shape (n,), and the PDs, shape (repeats, n).
    """
    rows = []
    for sample, (bad, pds) in samples.items():
        estimates = bootstrap(lambda bad, pd: headline(bad, pd, cutoff, cost), bad, pds, draws=draws, seed=seed)
        for metric, value in estimates.items():
            rows.append({"sample": sample, "metric": metric, **value._asdict(), "n": len(bad), "bad": int(bad.sum())})
    return pd.DataFrame(rows).rename(columns={"mean": "value"})


def repeats_of(held_out: pd.DataFrame, lines: pd.Series) -> np.ndarray:
    """Arrange out-of-fold PDs as one row a repeat, applicants in the order of `lines`."""
    repeat = held_out.groupby("line").cumcount()
    return held_out.assign(repeat=repeat).pivot(index="repeat", columns="line", values="pd")[lines].to_numpy()


def on_both(curve: Curve, samples: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """Compute a curve for the test applicants and, out of fold in the first repeat, for the training applicants."""
    tables = []
    for sample in ("test", "out of fold"):
        bad, pds = samples[sample]
        tables.append(curve(bad, pds[0]).assign(sample=sample))
    return pd.concat(tables, ignore_index=True)


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    check_model(params.model)
    cost = params.decision.cost
    model = joblib.load(f"models/{params.model}.joblib")
    train, test = read_parquet("data/processed/train.parquet"), read_parquet("data/processed/test.parquet")
    held_out = read_parquet(f"data/processed/oof/{params.model}.parquet")
    features, cutoff = list(model.feature_names_in_), float(model.threshold)
    pds = {
        "test": model.predict_proba(test[features])[:, 1],
        "resubstitution": model.predict_proba(train[features])[:, 1],
    }
    samples = {
        "test": (test[BAD].to_numpy(), pds["test"][None]),
        "out of fold": (train[BAD].to_numpy(), repeats_of(held_out, train[LINE])),
        "resubstitution": (train[BAD].to_numpy(), pds["resubstitution"][None]),
    }
    bad, pd_test = test[BAD].to_numpy(), pds["test"]
    rejected = model.predict(test[features])

    table = performance(samples, cutoff, cost, params.evaluate.bootstrap, params.seed)
    decisions = pd.DataFrame({"line": test[LINE], "actual": bad, "predicted": rejected, "pd": pd_test})
    estimator = family_of(model)
    write_json(
        "metrics/evaluation.json", {"estimator": estimator, **headline(bad, pd_test, cutoff, cost), "threshold": cutoff}
    )
    pages = {
        "performance": (table, charts.performance),
        "confusion": (decisions, charts.confusion),
        "roc": (on_both(curves.roc, samples), charts.roc),
        "pr": (on_both(curves.precision_recall, samples), charts.precision_recall),
        "calibration": (on_both(curves.calibration, samples), charts.calibration),
        "gain": (on_both(curves.gain, samples), charts.gain),
        "cost": (
            on_both(lambda bad, pd: curves.cost(bad, pd, cost), samples),
            lambda table: charts.cost(table, cutoff, cost),
        ),
    }
    write_csv(PLOTS / "classification_report.csv", classification_report(bad, rejected))
    for name, (page, draw) in pages.items():
        write_csv(PLOTS / f"{name}.csv", page)
        write_figure(PLOTS / f"{name}.png", draw(page))
    log.info("%s on %d test applicants, cutoff %.3f", estimator, len(test), cutoff)
    for metric in ("auc", "brier", "cost"):
        row = table[(table["sample"] == "test") & (table["metric"] == metric)].iloc[0]
        log.info("%s %.3f [%.3f, %.3f]", metric, row["value"], row["low"], row["high"])


if __name__ == "__main__":
    run_stage("evaluate", main)
