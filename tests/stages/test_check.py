"""Which checks look at what, on the small graph with something wrong in it; credit/check has each of them by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.check.record import TITLES
from tests.small_graph import run

pytestmark = pytest.mark.slow
LIMITS = {
    "max_auc_change": 0.3, "max_miscalibration": 0.5, "max_slope_off": 0.9, "max_psi": 0.9, "max_bad_rate_change": 0.9,
    "max_missing": 0.5, "min_bads_per_feature": 1, "min_auc": 0.55, "max_auc": 0.95, "max_iv": 5.0, "max_alone": 1.0,
    "max_overfitting": 0.9, "max_behind": 0.5,
}  # fmt: skip
BEHIND = {"difference": -0.6, "difference_low": -0.7, "difference_high": -0.5}
OOF = "data/processed/oof/best.parquet"


@pytest.fixture(autouse=True)
def sound(project):
    """Leave nothing to fail: outcomes that are drawn by the PDs, no group, and no move against expectation."""
    oof = pd.read_parquet(OOF)
    chance = oof.groupby("line")["pd"].mean()
    bad = np.random.default_rng(1).random(len(chance)) < chance
    oof.assign(bad=bad[oof["line"]].astype("int64").to_numpy()).to_parquet(OOF)
    change_json("explanation", {"monotonicity": []})
    change_json("fairness", {"groups": [], "comparisons": []})


def checked() -> dict:
    return run("check", check=LIMITS)


def failed(found: dict) -> set[str]:
    return {record["code"] for record in found["checks"] if record["result"] == "failed"}


def test_every_check_is_made_once_and_counted_and_a_sound_run_passes():
    found = checked()
    assert failed(found) == set()
    results = [record["result"] for record in found["checks"]]
    assert [record["code"] for record in found["checks"]] == list(TITLES)
    counts = {name: name.replace("_", " ") for name in ("passed", "failed", "not_decided", "not_applicable")}
    assert {name: found[name] for name in counts} == {name: results.count(result) for name, result in counts.items()}
    assert set(found) == {*counts, "checks"}  # `dvc exp show` makes a column of every number outside a list
    for record in found["checks"]:
        assert set(record) == {"code", "title", "result", "reason", "numbers"}
        assert record["reason"]
        assert (record["result"] == "not applicable") == (not record["numbers"])


def change_json(name: str, change: dict) -> None:
    path = Path(f"metrics/{name}.json")
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")


def change_list(name: str, key: str, **columns: object) -> None:
    records = json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8"))[key]
    change_json(name, {key: pd.DataFrame(records).assign(**columns).to_dict("records")})


def measured(**by_sample: float) -> None:
    """Change the AUCs of some samples."""
    table = pd.DataFrame(json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))["performance"])
    for sample, value in by_sample.items():
        rows = (table["sample"].str.replace("-", "_").str.replace(" ", "_") == sample) & (table["metric"] == "auc")
        table.loc[rows, ["value", "low", "high", "se"]] = [value, value - 0.02, value + 0.02, 0.01]
    change_json("evaluation", {"performance": table.to_dict("records")})


def equal_applicants() -> None:
    train, test = (pd.read_parquet(f"data/processed/{side}.parquet") for side in ("train", "test"))
    features = train.columns.drop(["line", "applicant_group", "bad"])
    test.loc[0, features] = train.loc[5, features]
    test.to_parquet("data/processed/test.parquet")


def wrong_pds() -> None:
    path = "data/processed/test_pds.parquet"
    pd.read_parquet(path).assign(pd=0.9).to_parquet(path)
    path = "data/processed/test_by_fold/best.parquet"
    pd.read_parquet(path).assign(pd=0.9).to_parquet(path)


def goods_rejected() -> None:
    path = "data/processed/test_pds.parquet"
    scored = pd.read_parquet(path)
    scored.assign(pd=0.9 - 0.8 * scored["bad"]).to_parquet(path)


def told_all() -> None:
    for side in ("train", "test"):
        path = f"data/processed/{side}.parquet"
        table = pd.read_parquet(path)
        table.assign(amount=1000.0 * table["bad"] + table["line"] % 7).to_parquet(path)


def moved() -> None:
    family = json.loads(Path("metrics/evaluation.json").read_text(encoding="utf-8"))["estimator"]
    move = {"attribute": "amount", "family": family, "expected": "increasing", "n": 9, "start": "a", "end": "b"}
    change_json("explanation", {"monotonicity": [move | {"average": 0.3, "average_low": 0.2, "average_high": 0.4}]})


def judged_groups() -> None:
    group = {"column": "age", "group": "young", "n": 9, "low": 0.1, "high": 0.2, "value": 0.15, "against": "old"}
    few = group | {"metric": "approval_rate", "verdict": "too few to say", "reason": "9 applicants"}
    below = group | {"metric": "approval_ratio", "verdict": "below four fifths"}
    change_json("fairness", {"groups": [few], "comparisons": [below]})


ROWS = ("ingested", "prepared", "merged", "rejected", "indeterminate")
SPOILT: dict[str, tuple[Callable[[], None], set[str]]] = {
    "an applicant on both sides": (equal_applicants, {"CR001"}),
    "another AUC of the test applicants": (lambda: measured(test=0.6, out_of_fold=0.96), {"CR002"}),
    "other PDs": (wrong_pds, {"CR003", "CR004"}),
    "other rows": (
        lambda: change_json("data_quality", {"rows": dict.fromkeys(ROWS, 9) | {"alike_not_merged": 2}}),
        {"CR007", "CR009"},
    ),
    "many features": (lambda: change_json("eda", {"features_used": 200}), {"CR010"}),
    "an AUC of chance": (lambda: measured(test=0.5, out_of_fold=0.5), {"CR011"}),
    "an AUC too good": (lambda: measured(test=0.99, out_of_fold=0.99), {"CR012"}),
    "a feature that tells all": (told_all, {"CR013"}),
    "overfitting": (lambda: measured(in_sample=9.9), {"CR014"}),
    "a cutoff that rejects the goods alone": (goods_rejected, {"CR015"}),
    "a family behind": (lambda: change_list("selection", "ranking", **BEHIND), {"CR016"}),
    "a move against expectation": (moved, {"CR020"}),
    "groups": (judged_groups, {"CR018", "CR019"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_fails_its_checks_and_no_other(name):
    spoil, expected = SPOILT[name]
    spoil()
    assert failed(checked()) == expected


def test_a_failed_check_is_a_warning_and_no_failure(caplog):
    told_all()
    checked()
    (warned,) = [message for message in caplog.messages if message.startswith("CR013")]
    assert warned.startswith("CR013 No feature knows the outcome: failed; ")
