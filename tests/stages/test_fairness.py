"""Which groups are looked at and how they are decided on; credit/fairness has the rates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference

from tests.small_graph import run

pytestmark = pytest.mark.slow
PROTECTED = ["personal_status_sex", "age", "foreign_worker"]
OOF, TRAIN = "data/processed/oof/best.parquet", "data/processed/train.parquet"


@pytest.fixture
def oof(project) -> pd.DataFrame:
    """Raise the PDs of the young, forget the status of two; give every PD with the columns of its applicant."""
    train = pd.read_parquet(TRAIN)
    train.loc[[5, 50], "personal_status_sex"] = np.nan
    train.to_parquet(TRAIN)
    table = pd.read_parquet(OOF).merge(train[["line", *PROTECTED]])
    table["pd"] = (table["pd"] + 0.3 * (table["age"] <= 25)).clip(0, 1)
    table[["fold", "line", "bad", "pd"]].sample(frac=1, random_state=1).to_parquet(OOF)
    return table


@pytest.fixture
def cutoff(oof) -> float:
    """Give a cutoff that is the PD of an applicant, who is rejected."""
    cutoff = float(oof.loc[oof["age"] > 25, "pd"].sort_values().iloc[200])
    Path("metrics/evaluation.json").write_text(json.dumps({"threshold": cutoff}), encoding="utf-8")
    return cutoff


def change_columns(columns: dict[str, dict]) -> None:
    path = Path("data/dictionary.yaml")
    dictionary = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, changes in columns.items():
        dictionary["columns"][name] |= changes
    path.write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")


def table_of(found: dict, name: str) -> pd.DataFrame:
    return pd.DataFrame(found[name]).set_index(["column", "group", "metric"])


def of_the_young(found: dict, name: str) -> pd.DataFrame:
    return table_of(found, name).xs("age", level="column").xs("<= 25 years", level="group")


def test_groups_are_those_of_the_protected_columns_and_their_applicants_are_counted_once(oof):
    found = table_of(run("fairness"), "groups")
    people = oof.drop_duplicates("line")
    sexes, young = people["personal_status_sex"].value_counts(), (people["age"] <= 25).sum()
    expected = {
        ("", "all applicants"): 200,
        ("personal_status_sex", "male: divorced/separated"): sexes[1],
        ("personal_status_sex", "female: non-single or male: single"): sexes[2],
        ("personal_status_sex", "male: married/widowed"): sexes[3],
        ("personal_status_sex", "female: single"): sexes[4],
        ("personal_status_sex", "missing"): 2,
        ("age", "<= 25 years"): young,
        ("age", "> 25 years"): 200 - young,
        ("foreign_worker", "yes"): (people["foreign_worker"] == 1).sum(),
        ("foreign_worker", "no"): (people["foreign_worker"] == 2).sum(),
    }
    assert list(found.xs("approval_rate", level="metric")["n"].to_dict().items()) == list(expected.items())
    assert set(found.xs("missing", level="group")["verdict"]) == {"too few to say"}


def test_decisions_are_those_at_the_models_cutoff_on_out_of_fold_pds(oof, cutoff):
    found = run("fairness")
    value = of_the_young(found, "groups")["value"]
    young = oof[oof["age"] <= 25]
    assert value["approval_rate"] == pytest.approx((young["pd"] < cutoff).mean(), abs=1e-6)
    assert value["tpr"] == pytest.approx((young["pd"] >= cutoff)[young["bad"] == 1].mean(), abs=1e-6)
    assert value["fpr"] == pytest.approx((young["pd"] >= cutoff)[young["bad"] == 0].mean(), abs=1e-6)
    assert value["mean_pd"] == pytest.approx(young["pd"].mean(), abs=1e-6)
    assert value["bad_rate"] == pytest.approx(young["bad"].mean(), abs=1e-6)
    everyone = table_of(found, "groups").loc[("", "all applicants", "approval_rate"), "value"]
    assert everyone == pytest.approx((oof["pd"] < cutoff).mean(), abs=1e-6)
    assert found["basis"] == [{"model": "best", "cutoff": pytest.approx(cutoff, abs=1e-6), "n": 200, "repeats": 2}]


def test_comparisons_are_those_of_fairlearn_where_a_column_has_two_groups(oof, cutoff):
    found = of_the_young(run("fairness"), "comparisons")
    decided = {"y_true": 1 - oof["bad"], "y_pred": oof["pd"] < cutoff}  # fairlearn's positive is good
    young = oof["age"] <= 25
    expected = demographic_parity_ratio(**decided, sensitive_features=young)
    assert found.loc["approval_ratio", "value"] == pytest.approx(expected, abs=1e-6)
    widest = found.loc[["tpr_difference", "fpr_difference"], "value"].abs().max()
    assert widest == pytest.approx(equalized_odds_difference(**decided, sensitive_features=young), abs=1e-6)
    assert set(found["against"]) == {"> 25 years"}


def test_bare_numbers_are_the_lowest_judged_ratio_and_how_many_fail(cutoff):
    found = run("fairness")
    ratios = table_of(found, "comparisons").xs("approval_ratio", level="metric")
    judged = ratios[ratios["verdict"] != "too few to say"]
    assert 0 < len(judged) < len(ratios)
    assert found["lowest_approval_ratio"] == judged["value"].min()
    assert found["groups_below_four_fifths"] == (judged["verdict"] == "below four fifths").sum() > 0
    bare = {key for key, value in found.items() if not isinstance(value, list)}
    assert bare == {"groups_below_four_fifths", "lowest_approval_ratio"}
    table = pd.read_csv("plots/fairness.csv", keep_default_na=False)
    assert len(table) == len(found["groups"]) + len(found["comparisons"])
    assert list(table["who"].unique())[:2] == ["all applicants", "personal_status_sex: male: divorced/separated"]


def test_without_a_protected_column_it_says_so_and_goes_on(oof, caplog):
    change_columns({name: {"protected": False} for name in PROTECTED})
    found = run("fairness")
    assert "no column is protected" in caplog.text
    assert {row["group"] for row in found["groups"]} == {"all applicants"}
    assert (found["comparisons"], found["lowest_approval_ratio"], found["groups_below_four_fifths"]) == ([], None, 0)
    assert len(pd.read_csv("plots/fairness.csv")) == 6


def test_a_number_without_a_cut_is_cut_at_its_median_and_what_cannot_be_is_said(oof, caplog):
    change_columns({"telephone": {"role": "ignored", "protected": True, "codes": None}})
    found = run("fairness", fairness__cut={"agee": [30], "foreign_worker": [1]})
    median = f"{oof.drop_duplicates('line')['age'].median():g}"
    groups = [row["group"] for row in found["groups"] if row["column"] == "age" and row["metric"] == "tpr"]
    assert groups == [f"<= {median} years", f"> {median} years"]
    for said in (
        "age is cut at its median; params.yaml: 'fairness.cut' can say where else",
        "'fairness.cut.foreign_worker' has no effect: foreign_worker is no protected number",
        "'fairness.cut.agee' has no effect: agee is no protected number",
        "telephone is protected but its role is ignored",
    ):
        assert said in caplog.text
