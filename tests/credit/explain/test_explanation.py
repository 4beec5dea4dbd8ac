"""The record of one applicant: that its parts sum to the PD, its words, and which change it names."""

import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Dictionary
from credit.core.records import check
from credit.explain.explanation import contributions_table, explain, reason_in_words
from tests.credit.models import Formula

DICTIONARY = check(
    Dictionary,
    {
        "columns": {
            "duration": {
                "role": "numeric",
                "unit": "months",
                "label": "duration of the credit",
                "actionable": True,
                "monotonicity": "increasing",
            },
            "savings": {"role": "ordinal", "codes": {1: "none", 2: "below 100 DM", 3: "100 DM and more"}},
            "purpose": {"role": "nominal", "codes": {"car": "a car", "tv": "a television"}},
            "job_years": {"role": "numeric"},
            "debts": {"role": "numeric"},
            "sex": {"role": "nominal", "codes": {1: "female", 2: "male"}, "protected": True},
            "y": {"role": "target", "codes": {0: "repaid", 1: "not"}, "bad_codes": [1]},
        }
    },
    "d.yaml",
)
FEATURES = DICTIONARY.features


def training() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "duration": generator.integers(4, 72, 150).astype(float),
            "savings": generator.integers(1, 4, 150).astype(float),
            "purpose": generator.choice(["car", "tv"], 150),
            "job_years": generator.integers(0, 20, 150).astype(float),
            "debts": generator.integers(0, 3, 150).astype(float),
            "sex": generator.choice([1.0, 2.0], 150),
        }
    )


def formula(rows: pd.DataFrame) -> pd.Series:
    score = 0.06 * rows["duration"] - rows["savings"].fillna(1) + 0.6 * (rows["purpose"] == "car")
    return 1 / (1 + np.exp(1.2 - score + 0.1 * rows["job_years"] - 0.3 * rows["debts"] - 0.8 * (rows["sex"] == 2)))


MODEL = Formula(formula, FEATURES, threshold=0.3)
REJECTED = {"duration": 60.0, "savings": np.nan, "purpose": "car", "job_years": 1.0, "debts": 2.0, "sex": 2.0}
APPROVED = {"duration": 6.0, "savings": 3.0, "purpose": "tv", "job_years": 9.0, "debts": 0.0, "sex": 1.0}


def explained(values: dict) -> dict:
    return explain(MODEL, pd.DataFrame([values]), training(), DICTIONARY, seed=1)


@pytest.mark.parametrize("values", [REJECTED, APPROVED])
def test_the_parts_sum_to_the_pd(values):
    record = explained(values)
    reasons = sum(reason["contribution"] for reason in record["reasons"])
    rest = record["other_attributes"] + record["protected_attributes"]
    assert record["compared_with"]["mean_pd"] + reasons + rest == pytest.approx(record["pd"], abs=1e-12)
    unprotected = sum(part["contribution"] for part in record["contributions"])
    assert unprotected == pytest.approx(reasons + record["other_attributes"], abs=1e-12)
    assert record["pd"] == pytest.approx(formula(pd.DataFrame([values])).iloc[0])


def test_protected_attributes_are_kept_apart():
    record = explained(REJECTED)
    named = {part["attribute"] for part in [*record["reasons"], *record["contributions"]]}
    assert named == set(FEATURES) - {"sex"}
    assert record["protected_attributes"] > 0.02


def test_reasons_are_in_the_words_of_the_dictionary():
    record = explained(REJECTED)
    words = {reason["title"]: reason["value"] for reason in record["reasons"]}
    assert words.items() <= {
        ("duration of the credit", "60 months"),
        ("savings", "not known"),
        ("purpose", "a car"),
        ("job years", "1"),
        ("debts", "2"),
    }
    assert len(words) == 4
    assert record["reasons"][0]["title"] == "duration of the credit"
    assert record["decision"] == "rejected"


@pytest.mark.parametrize(
    ("expected", "values", "against"),
    [
        ({"duration": "increasing", "savings": "decreasing"}, {"savings": 1.0}, set()),
        ({"duration": "decreasing", "savings": "increasing"}, {"savings": 1.0}, {"duration", "savings"}),
        ({"purpose": None, "job_years": "increasing"}, {"job_years": np.nan}, set()),
    ],
)
def test_reasons_against_the_expected_direction_are_marked(expected, values, against):
    described = DICTIONARY.model_dump()
    for name in FEATURES:
        described["columns"][name]["monotonicity"] = expected.get(name)
    table = training().assign(debts=np.tile([0.0, 1.0, 2.0], 50))
    dictionary = check(Dictionary, described, "d.yaml")
    record = explain(MODEL, pd.DataFrame([REJECTED | values]), table, dictionary, seed=1)
    marked = {part["attribute"] for part in record["contributions"] if part["against_expectation"]}
    assert marked == against
    for reason in record["reasons"]:
        assert ("(against expectation)" in reason_in_words(reason)) == (reason["attribute"] in against)


def test_the_smallest_change_of_a_rejected_applicant_is_named_from_and_to():
    record = explained(REJECTED | {"duration": 60.0, "savings": 3.0, "job_years": 9.0})
    (change,) = record["smallest_change"]["changes"]
    assert (change["title"], change["from"]) == ("duration of the credit", "60 months")
    months = float(change["to"].removesuffix(" months"))
    shorter = sorted(value for value in set(training()["duration"]) if value < 60)
    assert months in shorter
    after = formula(pd.DataFrame([REJECTED | {"duration": months, "savings": 3.0, "job_years": 9.0}])).iloc[0]
    assert record["smallest_change"]["pd"] == pytest.approx(after)
    assert after < 0.3
    longer = shorter[shorter.index(months) + 1 :]  # and still rejected: what is named is the smallest
    tried = pd.DataFrame([REJECTED | {"duration": value, "savings": 3.0, "job_years": 9.0} for value in longer])
    assert longer
    assert (formula(tried) >= 0.3).all()
    assert record["variants_tried"] == len(shorter) + len(longer) + 1


def test_where_no_change_approves_there_is_none_and_an_approved_one_needs_none():
    hopeless, approved = explained(REJECTED | {"debts": 30.0}), explained(APPROVED)
    assert (hopeless["smallest_change"], approved["smallest_change"]) == (None, None)
    assert hopeless["variants_tried"] > approved["variants_tried"] == 0
    assert approved["decision"] == "approved"


def test_the_table_has_for_each_example_parts_that_sum_to_its_pd():
    records = [
        {"example": name, "line": line} | explained(values)
        for name, line, values in (("no", 7, REJECTED), ("yes", 9, APPROVED))
    ]
    table = contributions_table(records)
    sums = table.groupby("example")["contribution"].sum()
    assert sums.to_dict() == pytest.approx({record["example"]: record["pd"] for record in records})
    assert table.groupby("line")["part"].first().unique().tolist() == ["mean PD of those compared with"]
    assert "duration of the credit: 60 months" in set(table["part"])
    assert list(table["part"].tail(2)) == ["other attributes", "protected attributes"]
    assert table["label"].is_unique
    assert table["label"].iloc[0] == "line 7: mean PD of those compared with"
    assert contributions_table([]).empty
