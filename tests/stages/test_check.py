"""The stage in a directory of its own, on a made-up table and model, with what other stages would have written."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.check.record import TITLES
from credit.metrics.metrics import auc
from stages import check

LIMITS = {
    "max_psi": 0.1,
    "max_missing": 0.05,
    "min_bads_per_feature": 10,
    "max_auc": 0.95,
    "max_iv": 0.5,
    "max_overfitting": 0.1,
}
COLUMNS = {
    "amount": {"role": "numeric", "range": [0, 100]},
    "purpose": {"role": "nominal", "codes": {"car": "a car", "tv": "a television"}},
    "outcome": {"role": "target", "codes": {"good": "paid", "bad": "lost"}, "bad_codes": ["bad"]},
}


def applicants(n: int, seed: int) -> pd.DataFrame:
    """Draw applicants whose PD rises with the amount; the column `pd` is right."""
    generator = np.random.default_rng(seed)
    amount = generator.uniform(0, 100, n)
    pds = 0.01 + 0.95 * (amount / 100) ** 3
    table = {
        "line": np.arange(2, n + 2),
        "amount": amount,
        "purpose": generator.choice(["car", "tv"], n),
        "bad": (generator.random(n) < pds).astype("int64"),
        "pd": pds,
    }
    return pd.DataFrame(table)


def write_json(name: str, content: object) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def write_tables(train: pd.DataFrame, test: pd.DataFrame) -> None:
    Path("data/processed/oof").mkdir(parents=True)
    train.drop(columns="pd").to_parquet("data/processed/train.parquet")
    test.drop(columns="pd").to_parquet("data/processed/test.parquet")
    folds = [train.assign(fold=fold)[["fold", "line", "bad", "pd"]] for fold in (0, 1)]
    pd.concat(folds, ignore_index=True).to_parquet("data/processed/oof/best.parquet")
    test[["line", "bad", "pd"]].to_parquet("data/processed/test_pds.parquet")


def performance(train: pd.DataFrame, test: pd.DataFrame) -> list[dict]:
    rows = []
    for sample, table in (("test", test), ("out of fold", train), ("in-sample", train)):
        value = auc(table["bad"].to_numpy(), table["pd"].to_numpy())
        interval = {"low": value - 0.04, "high": value + 0.04}
        rows.append({"sample": sample, "metric": "auc", "value": value, "se": 0.02, **interval, "n": len(table)})
    return rows


def write_metrics(train: pd.DataFrame, test: pd.DataFrame) -> None:
    prepared = len(train) + len(test)
    rows = {"ingested": prepared, "prepared": prepared, "merged": 0, "rejected": 0, "alike_not_merged": 0}
    counts = {"kept": prepared, "restored": 0, "missing": 0, "invalid": 0}
    cells = [{"column": name, "in_file": True, **counts} for name in COLUMNS]
    write_json("metrics/data_quality.json", {"rows": rows, "cells": cells})
    information_value = [{"feature": "amount", "iv": 0.4, "n": len(train)}]
    write_json("metrics/eda.json", {"features_used": 2, "information_value": information_value})
    evaluation = {"estimator": "lr", "threshold": 1 / 6, "performance": performance(train, test)}
    write_json("metrics/evaluation.json", evaluation)
    write_json("metrics/explanation.json", {"monotonicity": []})
    write_json("metrics/fairness.json", {"groups": [], "comparisons": []})
    ranking = {"family": ["rf", "lr"], "metric": "auc", "difference": [0, -0.01], "difference_low": [0, -0.03]}
    table = pd.DataFrame(ranking | {"difference_high": [0, 0.01], "more_than_noise": False, "n": prepared})
    rankings = pd.concat([table.assign(metric="cost", more_than_noise=True), table])
    write_json("metrics/selection.json", {"ranked_by": "auc", "ranking": rankings.to_dict("records")})


@pytest.fixture
def run(workspace):
    train, test = applicants(800, 1), applicants(300, 2)
    write_tables(train, test)
    write_metrics(train, test)
    Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": COLUMNS}, sort_keys=False), encoding="utf-8")

    def run_with(**sections: object) -> dict[str, dict]:
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        own = {"check": LIMITS, "explain": {"tolerance": 0.01, "repeats": 5}} | sections
        Path("params.yaml").write_text(yaml.safe_dump(params | own), encoding="utf-8")
        check.main(logging.getLogger("check"))
        return json.loads(Path("metrics/checks.json").read_text(encoding="utf-8"))

    return run_with


def results(found: dict) -> dict[str, str]:
    return {record["code"]: record["result"] for record in found["checks"]}


def of_result(found: dict, result: str) -> set[str]:
    return {code for code, own in results(found).items() if own == result}


def test_every_check_is_made_once_and_counted(run):
    found = run()
    assert list(results(found)) == list(TITLES)
    counts = {"passed": "passed", "failed": "failed", "not_applicable": "not applicable"}
    assert {name: found[name] for name in counts} == {
        name: list(results(found).values()).count(result) for name, result in counts.items()
    }
    assert set(found) == {*counts, "checks"}  # `dvc exp show` makes a column of every number outside a list
    for record in found["checks"]:
        assert set(record) == {"code", "title", "result", "reason", "numbers"}
        assert record["reason"]
        assert (record["result"] == "not applicable") == (not record["numbers"])


def test_a_sound_run_passes_whatever_can_be_judged(run):
    found = results(run())
    not_applicable = {code for code, result in found.items() if result == "not applicable"}
    assert not_applicable == {"CR017", "CR018", "CR019", "CR020"}
    assert "failed" not in found.values()


def change_json(name: str, change: dict) -> None:
    write_json(name, json.loads(Path(name).read_text(encoding="utf-8")) | change)


def change_list(name: str, key: str, **columns: object) -> None:
    records = json.loads(Path(name).read_text(encoding="utf-8"))[key]
    change_json(name, {key: pd.DataFrame(records).assign(**columns).to_dict("records")})


def equal_applicants() -> None:
    table = pd.read_parquet("data/processed/test.parquet")
    table.loc[0, ["amount", "purpose"]] = pd.read_parquet("data/processed/train.parquet").loc[5, ["amount", "purpose"]]
    table.to_parquet("data/processed/test.parquet")


def wrong_pds() -> None:
    path = "data/processed/test_pds.parquet"
    pd.read_parquet(path).assign(pd=0.9).to_parquet(path)


def measured(**columns: object) -> Callable[[], None]:
    return lambda: change_list("metrics/evaluation.json", "performance", **columns)


@pytest.mark.parametrize(
    ("spoil", "failed"),
    [
        (equal_applicants, {"CR001"}),
        (measured(value=[0.5, 0.8, 0.8]), {"CR002"}),
        (wrong_pds, {"CR003", "CR004", "CR015"}),
        (measured(low=0.5), {"CR011"}),
        (measured(value=0.99), {"CR012"}),
        (lambda: change_list("metrics/eda.json", "information_value", iv=0.6), {"CR013"}),
        (measured(value=[0.7, 0.7, 0.9]), {"CR014"}),
        (lambda: change_json("metrics/evaluation.json", {"threshold": 1.01}), {"CR015"}),
        (lambda: change_json("metrics/selection.json", {"ranked_by": "cost"}), {"CR016"}),
    ],
)
def test_what_is_wrong_fails_its_checks_and_no_other(spoil, failed, run):
    spoil()
    assert of_result(run(), "failed") == failed


def test_what_other_stages_found_is_judged(run):
    rows = {"ingested": 9, "prepared": 9, "merged": 0, "rejected": 0, "alike_not_merged": 2}
    change_json("metrics/data_quality.json", {"rows": rows})
    change_json("metrics/eda.json", {"features_used": 200})
    move = {"attribute": "amount", "family": "lr", "expected": "increasing", "n": 9, "start": "a", "end": "b"}
    move |= {"average": 0.3, "average_low": 0.2, "average_high": 0.4}
    change_json("metrics/explanation.json", {"monotonicity": [move]})
    group = {"column": "age", "group": "young", "metric": "approval_rate", "n": 9, "verdict": "too few to say"}
    change_json("metrics/fairness.json", {"groups": [group | {"reason": "9 applicants"}]})
    assert of_result(run(), "failed") == {"CR007", "CR009", "CR010", "CR018", "CR020"}


@pytest.mark.slow
def test_a_failed_check_is_a_warning_and_no_failure(run, run_stage):
    change_list("metrics/eda.json", "information_value", iv=0.6)
    run()
    Path("metrics/checks.json").unlink()
    found = run_stage("check", LOG_LEVEL="WARNING")
    assert found.returncode == 0
    (line,) = found.stderr.splitlines()
    assert line.startswith(
        "check: CR013 No feature tells too much alone: failed; highest information value: amount 0.600"
    )
    assert Path("metrics/checks.json").exists()
