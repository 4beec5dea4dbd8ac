"""Which family is chosen, on made-up out-of-fold PDs, and how its models' PDs move."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.small_graph import run

pytestmark = pytest.mark.slow
# How well each family tells bads from goods: dt leads, lr is close behind, scorecard far.
STRENGTHS = {"lr": 1.98, "dt": 2.0, "scorecard": 0.2, "blend": 1.5}
OOF, MODEL = "data/processed/oof/{}.parquet", "models/{}.joblib"


def oof(strength: float) -> pd.DataFrame:
    """Give PDs of 100 applicants in two repeats of five folds; the noise is the same for all families."""
    generator = np.random.default_rng(5)
    bad = (np.arange(100) % 10 < 3).astype("int64")
    tables = []
    for repeat in range(2):
        fold = generator.permutation(np.arange(100) // 10 % 5) + 5 * repeat
        pds = 1 / (1 + np.exp(1 - strength * bad - generator.normal(size=100)))
        tables.append(
            pd.DataFrame({"fold": fold, "line": np.arange(2, 102), "bad": bad, "pd": pds}).sort_values("fold")
        )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(autouse=True)
def families(project):
    for family, strength in STRENGTHS.items():
        oof(strength).to_parquet(OOF.format(family), index=False)


def choose(*preference: str, metric: str = "auc", rule: str = "one_standard_error", **changes) -> dict:
    order = [*preference, *(family for family in STRENGTHS if family not in preference)]
    settings = {"metric": metric, "rule": rule, "preference": order}
    return run("select_best", out_of_fold={"folds": 5, "repeats": 2}, select_best=settings, **changes)


def moves() -> pd.DataFrame:
    return pd.DataFrame(json.loads(Path("metrics/monotonicity.json").read_text(encoding="utf-8"))["monotonicity"])


def test_the_leader_is_chosen_where_it_is_preferred_and_copied_byte_for_byte():
    found = choose("dt")
    assert (found["chosen"], found["leader"], found["runner_up"]) == ("dt", "dt", "lr")
    assert (found["ranked_by"], found["rule"]) == ("auc", "one_standard_error")
    assert found["why"] == "leads, and nothing preferred to it is within one standard error"
    assert found["lead"] >= 0
    assert [estimate["metric"] for estimate in found["estimates"]] == ["auc", "brier", "cost"]
    for estimate in found["estimates"]:
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert estimate["n"] == 100
    for path in (OOF, MODEL):
        assert Path(path.format("best")).read_bytes() == Path(path.format("dt")).read_bytes()


def test_a_preferred_family_close_behind_is_chosen_instead():
    found = choose("scorecard", "lr", "dt")
    assert (found["chosen"], found["leader"]) == ("lr", "dt")
    assert not found["lead_is_more_than_noise"]
    assert found["why"] == "preferred, and within one standard error of dt"
    assert Path(MODEL.format("best")).read_bytes() == Path(MODEL.format("lr")).read_bytes()
    table = pd.read_csv("plots/selection.csv")
    assert set(table.loc[table["chosen"], "family"]) == {"lr"}
    assert table.groupby("metric").size().to_dict() == dict.fromkeys(("auc", "brier", "cost"), len(STRENGTHS))
    assert set(pd.read_csv("plots/selection_roc.csv")["model"]) == set(STRENGTHS)


@pytest.mark.parametrize(("rule", "chosen", "other"), [("leader", "dt", "lr"), ("one_standard_error", "lr", "dt")])
def test_what_the_other_rule_would_choose_is_said_with_what_that_changes(rule, chosen, other):
    found = choose("scorecard", "lr", "dt", rule=rule)
    assert (found["chosen"], found["rule"], found["other_rule"]["chosen"]) == (chosen, rule, other)
    assert {found["rule"], found["other_rule"]["rule"]} == {"leader", "one_standard_error"}
    metrics = {(row["family"], row["metric"]): row for row in found["ranking"]}
    for row in found["other_rule"]["better_by"]:
        sign = 1 if row["metric"] == "auc" else -1
        means = [metrics[family, row["metric"]]["mean"] for family in (other, chosen)]
        assert row["mean"] == pytest.approx(sign * (means[0] - means[1]), abs=1e-6)
        assert row["low"] <= row["mean"] <= row["high"]
    assert [row["metric"] for row in found["other_rule"]["better_by"]] == ["auc", "brier", "cost"]


@pytest.mark.parametrize("metric", ["auc", "brier", "cost"])
def test_any_of_the_metrics_may_decide(metric):
    found = choose(metric=metric)
    assert found["ranked_by"] == metric
    rows = pd.read_csv("plots/selection.csv").query("metric == @metric")
    best = rows["mean"].max() if metric == "auc" else rows["mean"].min()
    assert rows.iloc[0][["family", "mean"]].tolist() == [found["leader"], best]


def test_families_that_are_not_in_the_order_take_no_part():
    for family in ("dt", "blend"):
        Path(MODEL.format(family)).unlink()
    settings = {"metric": "auc", "rule": "one_standard_error", "preference": ["scorecard", "lr"]}
    found = run("select_best", out_of_fold={"folds": 5, "repeats": 2}, select_best=settings)
    assert (found["chosen"], found["leader"], found["runner_up"]) == ("lr", "lr", "scorecard")
    assert {row["family"] for row in found["ranking"]} == {"lr", "scorecard"}


def test_pds_of_every_family_are_moved_along_every_attribute_with_an_expected_direction():
    choose()
    found = moves()
    columns = yaml.safe_load(Path("data/dictionary.yaml").read_text(encoding="utf-8"))["columns"]
    plan = json.loads(Path("data/processed/feature_plan.json").read_text(encoding="utf-8"))
    seen = {name for name, column in columns.items() if "monotonicity" in column} - set(plan["dropped"])
    assert set(found["attribute"]) == seen
    assert found.groupby("attribute")["family"].apply(list).map(sorted).map(tuple).unique().tolist() == [
        tuple(sorted(STRENGTHS))
    ]
    assert set(found["n"]) == {50}
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()
    choose(explain__max_rows=40)
    assert set(moves()["n"]) == {40}  # a large table is looked at in part


def test_a_dictionary_without_expectations_is_fine():
    path = Path("data/dictionary.yaml")
    dictionary = yaml.safe_load(path.read_text(encoding="utf-8"))
    for column in dictionary["columns"].values():
        column.pop("monotonicity", None)
    path.write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")
    choose()
    assert moves().empty
    header = Path("plots/monotonicity.csv").read_text(encoding="utf-8")
    assert header.startswith("attribute,title,expected,family,checked,n,share,low,high,")
    assert header.count("\n") == 1
