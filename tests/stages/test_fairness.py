"""The stage in a directory of its own, with made-up applicants, PDs and cutoff."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from fairlearn.metrics import demographic_parity_ratio, equalized_odds_difference

from credit.core.errors import InputError
from stages import fairness

CUTOFF = 0.3
SETTINGS = {"cut": {"age": [25]}, "four_fifths": 0.8, "min_group_size": 20, "min_bads": 5, "min_goods": 5}
PROTECTED = ["personal_status_sex", "age", "foreign_worker"]


@pytest.fixture
def applicants(workspace):
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
    Path("data/processed/oof").mkdir(parents=True)
    Path("metrics").mkdir()
    table.to_parquet("data/processed/train.parquet")
    pd.concat(repeats).sample(frac=1, random_state=1).to_parquet("data/processed/oof/lr.parquet")
    Path("metrics/evaluation.json").write_text(json.dumps({"threshold": CUTOFF}), encoding="utf-8")
    return table


@pytest.fixture
def run(applicants):
    def run_with(columns: dict | None = None, **settings):
        params = {"model": "lr", "fairness": {**SETTINGS, **settings}}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        dictionary = yaml.safe_load(Path("data/dictionary.yaml").read_text(encoding="utf-8"))
        for name, changes in (columns or {}).items():
            dictionary["columns"][name] |= changes
        Path("data/dictionary.yaml").write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")
        fairness.main(logging.getLogger("fairness"))
        return json.loads(Path("metrics/fairness.json").read_text(encoding="utf-8"))

    return run_with


def table_of(found: dict, name: str) -> pd.DataFrame:
    return pd.DataFrame(found[name]).set_index(["column", "group", "metric"])


def of_the_young(found: dict, name: str) -> pd.DataFrame:
    table = pd.DataFrame(found[name]).query("column == 'age' and group == '<= 25 years'")
    return table.set_index("metric")


def test_groups_are_those_of_the_protected_columns_and_their_applicants_are_counted_once(run, applicants):
    found = table_of(run(), "groups")
    n = found.xs("approval_rate", level="metric")["n"]
    expected = {
        ("", "all applicants"): 200,
        ("personal_status_sex", "male: divorced/separated"): (applicants["personal_status_sex"] == 1).sum(),
        ("personal_status_sex", "female: non-single or male: single"): (applicants["personal_status_sex"] == 2).sum(),
        ("personal_status_sex", "male: married/widowed"): (applicants["personal_status_sex"] == 3).sum(),
        ("personal_status_sex", "missing"): 2,
        ("age", "<= 25 years"): (applicants["age"] <= 25).sum(),
        ("age", "> 25 years"): (applicants["age"] > 25).sum(),
        ("foreign_worker", "yes"): 8,
        ("foreign_worker", "no"): 192,
    }
    assert list(n.to_dict().items()) == list(expected.items())  # in this order
    assert list(dict.fromkeys(column for column, _, _ in found.index)) == ["", *PROTECTED]
    assert set(found.xs("yes", level="group")["verdict"]) == {"too few to say"}


def test_decisions_are_those_at_the_models_cutoff_on_out_of_fold_pds(run, applicants):
    value = of_the_young(run(), "groups")["value"]
    oof = pd.read_parquet("data/processed/oof/lr.parquet").merge(applicants[["line", "age"]])
    of_young = oof[oof["age"] <= 25]
    assert value["approval_rate"] == pytest.approx((of_young["pd"] < CUTOFF).mean(), abs=1e-6)
    assert value["tpr"] == pytest.approx((of_young["pd"] >= CUTOFF)[of_young["bad"] == 1].mean(), abs=1e-6)
    assert value["fpr"] == pytest.approx((of_young["pd"] >= CUTOFF)[of_young["bad"] == 0].mean(), abs=1e-6)
    assert value["mean_pd"] == pytest.approx(of_young["pd"].mean(), abs=1e-6)
    assert value["bad_rate"] == pytest.approx(of_young["bad"].mean(), abs=1e-6)


def test_a_pd_at_the_cutoff_is_rejected(run):
    oof = pd.read_parquet("data/processed/oof/lr.parquet")
    oof.assign(pd=CUTOFF).to_parquet("data/processed/oof/lr.parquet")
    assert set(table_of(run(), "groups").xs("approval_rate", level="metric")["value"]) == {0}


def test_comparisons_are_those_of_fairlearn_where_a_column_has_two_groups(run, applicants):
    found = of_the_young(run(), "comparisons")
    oof = pd.read_parquet("data/processed/oof/lr.parquet").merge(applicants[["line", "age"]])
    decided = {"y_true": 1 - oof["bad"], "y_pred": oof["pd"] < CUTOFF}  # fairlearn's positive is good
    young = oof["age"] <= 25
    expected = demographic_parity_ratio(**decided, sensitive_features=young)
    assert found.loc["approval_ratio", "value"] == pytest.approx(expected, abs=1e-6)
    widest = found.loc[["tpr_difference", "fpr_difference"], "value"].abs().max()
    assert widest == pytest.approx(equalized_odds_difference(**decided, sensitive_features=young), abs=1e-6)
    assert set(found["against"]) == {"> 25 years"}


def test_bare_numbers_are_the_lowest_judged_ratio_and_how_many_fail(run):
    found = run()
    ratios = table_of(found, "comparisons").xs("approval_ratio", level="metric")
    judged = ratios[ratios["verdict"] != "too few to say"]
    assert ratios["value"].min() < judged["value"].min() < judged["value"].max()
    assert found["lowest_approval_ratio"] == judged["value"].min()
    assert found["groups_below_four_fifths"] == (judged["verdict"] == "below four fifths").sum() == 1
    assert [key for key, value in found.items() if not isinstance(value, list)] == [
        "groups_below_four_fifths",
        "lowest_approval_ratio",
    ]
    assert found["basis"] == [{"model": "lr", "cutoff": CUTOFF, "n": 200, "repeats": 2}]


def test_the_table_holds_what_the_metrics_hold(run):
    found = run()
    table = pd.read_csv("plots/fairness.csv", keep_default_na=False, dtype=str)
    assert len(table) == len(found["groups"]) + len(found["comparisons"])
    assert "age: <= 25 years" in set(table["who"])
    assert table["who"].iloc[0] == "all applicants"
    assert (table["value"].str.len() <= len("-0.123456")).all()
    assert Path("plots/fairness.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_run_writes_the_same_bytes(run):
    written = []
    for _ in range(2):
        run()
        written.append([path.read_bytes() for path in [*sorted(Path("plots").iterdir()), *Path("metrics").iterdir()]])
    assert written[0] == written[1]


def test_without_a_protected_column_it_says_so_and_goes_on(run, caplog):
    found = run({name: {"protected": False} for name in PROTECTED})
    assert "no column is protected" in caplog.text
    assert {row["group"] for row in found["groups"]} == {"all applicants"}
    assert found["comparisons"] == []
    assert found["lowest_approval_ratio"] is None
    assert found["groups_below_four_fifths"] == 0
    assert len(pd.read_csv("plots/fairness.csv")) == 6
    assert Path("plots/fairness.png").exists()


def test_a_number_without_a_cut_is_cut_at_its_median_and_that_is_said(run, caplog, applicants):
    found = run(cut={})
    median = f"{applicants['age'].median():g}"
    groups = [row["group"] for row in found["groups"] if row["column"] == "age" and row["metric"] == "tpr"]
    assert groups == [f"<= {median} years", f"> {median} years"]
    assert "age is cut at its median; params.yaml: 'fairness.cut' can say where else" in caplog.text


def test_a_cut_of_codes_has_no_effect_also_where_all_have_the_same(run, caplog, applicants):
    applicants.assign(foreign_worker=1.0).to_parquet("data/processed/train.parquet")
    run(cut={"age": [25], "foreign_worker": [1]})
    assert "'fairness.cut.foreign_worker' has no effect: foreign_worker is no protected number" in caplog.text


def test_what_cannot_be_examined_is_said(run, caplog):
    run({"telephone": {"role": "ignored", "protected": True, "codes": None}}, cut={"age": [25], "agee": [30]})
    assert "telephone is protected but its role is ignored" in caplog.text
    assert "'fairness.cut.agee' has no effect: agee is no protected number" in caplog.text


def test_a_table_in_which_a_protected_column_is_absent_has_one_group_of_it(run, applicants):
    applicants.assign(age=np.nan).to_parquet("data/processed/train.parquet")
    found = run()
    assert {row["group"] for row in found["groups"] if row["column"] == "age"} == {"missing"}
    assert not [row for row in found["comparisons"] if row["column"] == "age"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cut": {"age": []}}, r"'fairness.cut.age' must be one or more different numbers, the lowest first, got "),
        ({"cut": {"age": [60, 25]}}, r"'fairness.cut.age' must be one or more different numbers, the lowest first"),
        ({"cut": {"age": [25, 25]}}, r"'fairness.cut.age' must be one or more different numbers"),
        ({"cut": {"age": [200]}}, r"'fairness.cut.age' must part the applicants, got \[200.*\]: all .* group, <= 200"),
        ({"cut": {"age": 25}}, r"'fairness.cut.age' must be a list, got 25"),
        ({"four_fifths": 0}, r"'fairness.four_fifths' must be greater than 0, got 0"),
        ({"four_fifths": 1.25}, r"'fairness.four_fifths' must be .* 1, got 1.25"),
        ({"min_group_size": 0}, r"'fairness.min_group_size' must be .* 1, got 0"),
        ({"min_bads": 2.5}, r"'fairness.min_bads' must be a whole number, got 2.5"),
        ({"few": 3}, r"unknown key 'fairness.few'; expected one of cut, four_fifths, min_group_size, min_bads"),
    ],
)
def test_wrong_params_are_refused_with_one_line(settings, message, run):
    with pytest.raises(InputError, match=message) as refused:
        run(**settings)
    assert "\n" not in str(refused.value)
    assert not Path("metrics/fairness.json").exists()
    assert not Path("plots").exists()


@pytest.mark.slow
def test_a_model_that_is_not_there_ends_the_process_with_one_line(run, run_stage):
    run()
    Path("metrics/evaluation.json").unlink()
    Path("metrics/fairness.json").unlink()
    found = run_stage("fairness")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith("fairness: ")
    assert "metrics/evaluation.json" in line
    assert not Path("metrics/fairness.json").exists()
