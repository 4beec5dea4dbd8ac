"""Which groups are looked at and how they are decided on, with made-up PDs; credit/fairness has the rates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference

from tests.stages.small_project import run

pytestmark = pytest.mark.slow
CUTOFF = 0.3
PROTECTED = ["personal_status_sex", "age", "foreign_worker"]
OOF, TRAIN = "data/processed/oof/best.parquet", "data/processed/train.parquet"


@pytest.fixture
def applicants(project) -> pd.DataFrame:
    """Write 200 applicants and two repeats; the PDs of the young are high, of a few foreign workers higher."""
    generator = np.random.default_rng(3)
    n = 200
    table = pd.DataFrame({"line": np.arange(n) * 2 + 3})
    table["personal_status_sex"] = generator.integers(1, 4, n).astype(float)
    table["age"] = generator.integers(19, 40, n).astype(float)
    table["foreign_worker"] = np.where(np.arange(n) < 8, 1.0, 2.0)
    table.loc[[5, 50], "personal_status_sex"] = np.nan
    chance = np.where(table["foreign_worker"] == 1, 0.8, np.where(table["age"] <= 25, 0.6, 0.2))
    table["bad"] = (generator.random(n) < chance).astype("int64")
    repeats = [
        table[["line", "bad"]].assign(fold=fold, pd=np.clip(chance + 0.2 * generator.normal(size=n), 0, 1))
        for fold in (0, 1)
    ]
    table.to_parquet(TRAIN)
    pd.concat(repeats).sample(frac=1, random_state=1).to_parquet(OOF)
    Path("metrics/evaluation.json").write_text(json.dumps({"threshold": CUTOFF}), encoding="utf-8")
    return table


@pytest.fixture
def oof(applicants) -> pd.DataFrame:
    """Give every PD with the age of its applicant."""
    return pd.read_parquet(OOF).merge(applicants[["line", "age"]])


def change_columns(columns: dict[str, dict]) -> None:
    path = Path("data/dictionary.yaml")
    dictionary = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, changes in columns.items():
        dictionary["columns"][name] |= changes
    path.write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")


def table_of(found: dict, name: str) -> pd.DataFrame:
    return pd.DataFrame(found[name]).set_index(["column", "group", "metric"])


def of_the_young(found: dict, name: str) -> pd.DataFrame:
    table = pd.DataFrame(found[name]).query("column == 'age' and group == '<= 25 years'")
    return table.set_index("metric")


def test_groups_are_those_of_the_protected_columns_and_their_applicants_are_counted_once(applicants):
    found = table_of(run("fairness"), "groups")
    sexes, young = applicants["personal_status_sex"].value_counts(), (applicants["age"] <= 25).sum()
    expected = {
        ("", "all applicants"): 200,
        ("personal_status_sex", "male: divorced/separated"): sexes[1],
        ("personal_status_sex", "female: non-single or male: single"): sexes[2],
        ("personal_status_sex", "male: married/widowed"): sexes[3],
        ("personal_status_sex", "missing"): 2,
        ("age", "<= 25 years"): young,
        ("age", "> 25 years"): 200 - young,
        ("foreign_worker", "yes"): 8,
        ("foreign_worker", "no"): 192,
    }
    assert list(found.xs("approval_rate", level="metric")["n"].to_dict().items()) == list(expected.items())
    assert set(found.xs("yes", level="group")["verdict"]) == {"too few to say"}


def test_decisions_are_those_at_the_models_cutoff_on_out_of_fold_pds(oof):
    value = of_the_young(run("fairness"), "groups")["value"]
    young = oof[oof["age"] <= 25]
    assert value["approval_rate"] == pytest.approx((young["pd"] < CUTOFF).mean(), abs=1e-6)
    assert value["tpr"] == pytest.approx((young["pd"] >= CUTOFF)[young["bad"] == 1].mean(), abs=1e-6)
    assert value["fpr"] == pytest.approx((young["pd"] >= CUTOFF)[young["bad"] == 0].mean(), abs=1e-6)
    assert value["mean_pd"] == pytest.approx(young["pd"].mean(), abs=1e-6)
    assert value["bad_rate"] == pytest.approx(young["bad"].mean(), abs=1e-6)


def test_a_pd_at_the_cutoff_is_rejected(oof):
    pd.read_parquet(OOF).assign(pd=CUTOFF).to_parquet(OOF)
    assert set(table_of(run("fairness"), "groups").xs("approval_rate", level="metric")["value"]) == {0}


def test_comparisons_are_those_of_fairlearn_where_a_column_has_two_groups(oof):
    found = of_the_young(run("fairness"), "comparisons")
    decided = {"y_true": 1 - oof["bad"], "y_pred": oof["pd"] < CUTOFF}  # fairlearn's positive is good
    young = oof["age"] <= 25
    expected = demographic_parity_ratio(**decided, sensitive_features=young)
    assert found.loc["approval_ratio", "value"] == pytest.approx(expected, abs=1e-6)
    widest = found.loc[["tpr_difference", "fpr_difference"], "value"].abs().max()
    assert widest == pytest.approx(equalized_odds_difference(**decided, sensitive_features=young), abs=1e-6)
    assert set(found["against"]) == {"> 25 years"}


def test_bare_numbers_are_the_lowest_judged_ratio_and_how_many_fail(applicants):
    found = run("fairness")
    ratios = table_of(found, "comparisons").xs("approval_ratio", level="metric")
    judged = ratios[ratios["verdict"] != "too few to say"]
    assert ratios["value"].min() < judged["value"].min() < judged["value"].max()
    assert found["lowest_approval_ratio"] == judged["value"].min()
    assert found["groups_below_four_fifths"] == (judged["verdict"] == "below four fifths").sum() == 1
    assert {key for key, value in found.items() if not isinstance(value, list)} == {
        "groups_below_four_fifths",
        "lowest_approval_ratio",
    }
    assert found["basis"] == [{"model": "best", "cutoff": CUTOFF, "n": 200, "repeats": 2}]
    table = pd.read_csv("plots/fairness.csv", keep_default_na=False)
    assert len(table) == len(found["groups"]) + len(found["comparisons"])
    assert list(table["who"].unique())[:2] == ["all applicants", "personal_status_sex: male: divorced/separated"]


def test_without_a_protected_column_it_says_so_and_goes_on(applicants, caplog):
    change_columns({name: {"protected": False} for name in PROTECTED})
    found = run("fairness")
    assert "no column is protected" in caplog.text
    assert {row["group"] for row in found["groups"]} == {"all applicants"}
    assert (found["comparisons"], found["lowest_approval_ratio"], found["groups_below_four_fifths"]) == ([], None, 0)
    assert len(pd.read_csv("plots/fairness.csv")) == 6


def test_a_number_without_a_cut_is_cut_at_its_median_and_that_is_said(applicants, caplog):
    found = run("fairness", fairness__cut={})
    median = f"{applicants['age'].median():g}"
    groups = [row["group"] for row in found["groups"] if row["column"] == "age" and row["metric"] == "tpr"]
    assert groups == [f"<= {median} years", f"> {median} years"]
    assert "age is cut at its median; params.yaml: 'fairness.cut' can say where else" in caplog.text


def test_what_has_no_effect_or_cannot_be_examined_is_said(applicants, caplog):
    applicants.assign(foreign_worker=1.0).to_parquet(TRAIN)
    change_columns({"telephone": {"role": "ignored", "protected": True, "codes": None}})
    run("fairness", fairness__cut={"age": [25], "agee": [30], "foreign_worker": [1]})
    assert "'fairness.cut.foreign_worker' has no effect: foreign_worker is no protected number" in caplog.text
    assert "'fairness.cut.agee' has no effect: agee is no protected number" in caplog.text
    assert "telephone is protected but its role is ignored" in caplog.text


