"""Tests of features computed from others: what an expression may be, and what it gives."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.core.columns import BAD, GROUP, LINE
from credit.core.errors import InputError
from credit.features.derived import build_derivation, check_derived, derive

NUMBERS = ("amount", "duration", "age")
# Names that are Python's, or a data frame's, may be a lender's too.
ODD = ("class", "mean", "index")


@pytest.fixture
def applicants() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "amount": [1000.0, 2640.0, np.nan, 300.0],
            "duration": [10.0, 24.0, 12.0, np.nan],
            "age": [20.0, 31.0, 44.0, 60.0],
            "purpose": ["car", "tv", None, "car"],
        },
        index=[7, 3, 5, 9],
    )


@st.composite
def expressions(draw, depth: int = 3) -> str:
    """Write an expression of what is allowed, with as many brackets as come."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*NUMBERS, "2", "0.5", "1e-3", "-3", "+age"]))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    operator = draw(st.sampled_from(["+", "-", "*", "/", " - ", " * "]))
    written = f"{left}{operator}{right}"
    powers = [f"({written}) ** 2"] if any(name in written for name in NUMBERS) else []
    return draw(st.sampled_from([written, f"({written})", f"-({written})", *powers]))


@settings(max_examples=60)
@given(expressions())
def test_an_expression_is_read_as_python_reads_it(expression):
    table = pd.DataFrame({"amount": [1000.0, 2400.0], "duration": [10.0, 24.0], "age": [20.0, 31.0]})
    if not any(name in expression for name in NUMBERS):
        with pytest.raises(InputError):
            check_derived({"x": expression}, NUMBERS, NUMBERS)
        return
    check_derived({"x": expression}, NUMBERS, NUMBERS)
    found = build_derivation({"x": expression}).fit_transform(table)["x"]
    for place in range(2):
        try:
            by_hand = eval(expression, {}, table.iloc[place].to_dict())
        except ZeroDivisionError:
            by_hand = math.nan
        by_hand = by_hand if np.isfinite(by_hand) else math.nan
        assert found[place] == pytest.approx(by_hand, nan_ok=True)


def test_derived_features_stand_beside_the_others_and_missing_stays_missing(applicants):
    derived = {"instalment": "amount / duration", "end": " age + duration / 12\n"}
    before = applicants.copy()
    found = derive(applicants, derived)
    assert found["instalment"].tolist() == pytest.approx([100.0, 110.0, np.nan, np.nan], nan_ok=True)
    assert found["end"].tolist() == pytest.approx([20 + 10 / 12, 33.0, 45.0, np.nan], nan_ok=True)
    pd.testing.assert_frame_equal(found[list(before)], before)
    pd.testing.assert_frame_equal(applicants, before)
    pd.testing.assert_frame_equal(build_derivation(derived).fit_transform(applicants)[list(found)], found)


def test_without_derived_features_applicants_stay_as_they_are(applicants):
    assert derive(applicants, {}) is applicants


@pytest.mark.parametrize(
    ("expression", "applicants_without"),
    [
        ("amount / (duration - 24)", 1),
        ("(age - 44) / (duration - 12) + amount * 0", 0),  # 0 / 0, but of one whose amount is not known
        ("(age - 31) / (duration - 24)", 1),  # 0 / 0
        ("(10 - duration) ** 0.5", 2),  # a root of less than zero
        ("age ** 999", 4),
    ],
)
def test_what_is_no_finite_number_for_a_known_applicant_is_refused(applicants, expression, applicants_without):
    check_derived({"x": expression}, NUMBERS, NUMBERS)
    if not applicants_without:
        assert derive(applicants, {"x": expression})["x"].isna().sum() == 2
        return
    with pytest.raises(InputError) as raised:
        derive(applicants, {"x": expression})
    assert str(raised.value) == (
        f"params.yaml: 'features.derived.x' ({expression}): "
        f"expected a finite number of every applicant, got none for {applicants_without}"
    )


@pytest.mark.parametrize("expression", ["age ** -2", "age ** 5 / 10 ** 6", "(age + 1) ** 0.5", "2 ** -3 * age"])
def test_powers_of_columns_and_of_plain_numbers_are_computed(applicants, expression):
    check_derived({"x": expression}, NUMBERS, NUMBERS)
    by_hand = [eval(expression, {}, {"age": age}) for age in applicants["age"]]
    assert derive(applicants, {"x": expression})["x"].to_list() == pytest.approx(by_hand)


@pytest.mark.parametrize("expression", ["1 / 0 * age", "9.0 ** 999 * age"])
def test_numbers_that_cannot_be_computed_are_refused_with_one_line(applicants, expression):
    with pytest.raises(InputError) as raised:
        check_derived({"x": expression}, NUMBERS, NUMBERS)
        derive(applicants, {"x": expression})
    assert str(raised.value).startswith("params.yaml: 'features.derived")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("expression", ["amount / 1e12", "age - age", "age ** 0"])
def test_values_that_the_written_plan_could_not_tell_apart_are_refused(applicants, expression):
    with pytest.raises(InputError, match=r"^params.yaml: 'features.derived.x' .* differ in 6 decimal digits, got none"):
        derive(applicants, {"x": expression})


@pytest.mark.parametrize(
    "expression",
    [
        "", "  ", "5", "amount +", "amount duration", "(amount", "amount / / duration", "1.2.3 * amount",
        "amount // duration", "amount % duration", "amount, duration", "amount = duration", "amount < duration",
        "amount\n/ duration", "(amount\n/ duration)", "amount # of money", "amount / purpose", "amount / weight",
        "amount.mean()", "amount.duration", "amount(duration)", "mean(amount)", "sin(amount)", "abs(amount)",
        "amount[0]", "@amount", "'amount' * 2", "True * amount", "amount if amount else age", "not amount",
        "amount and age", "9 ** 9 ** 9 ** 9 * age", "age ** 9 ** 9 ** 9", "(2 * 3) ** 9 ** 9 + age", "2 ** age",
        "age ** duration", "amount * 2j", "__import__('os')", "lambda: amount", "`amount` + 1",
    ],
)  # fmt: skip
def test_what_is_no_expression_of_numbers_is_refused_with_one_line(expression):
    with pytest.raises(InputError) as raised:
        check_derived({"x": expression}, NUMBERS, (*NUMBERS, "purpose"))
    assert str(raised.value) == (
        "params.yaml: 'features.derived.x': expected an expression of + - * / ( ), ** to a plain number, numbers and "
        f"amount, duration, age, got {expression!r}"
    )


@pytest.mark.parametrize("name", ODD[1:])
def test_a_column_may_be_called_like_something_of_pandas(name):
    table = pd.DataFrame({name: [1.0, 3.0], "age": [20.0, 31.0]}, index=[5, 6])
    check_derived({"x": f"{name} * age"}, list(table), list(table))
    assert derive(table, {"x": f"{name} * age"})["x"].tolist() == [20.0, 93.0]


def test_a_column_called_like_a_word_of_python_cannot_be_in_an_expression():
    with pytest.raises(InputError, match=r"^params.yaml: 'features.derived.x': expected an expression of"):
        check_derived({"x": "class / age"}, ODD, ODD)


@pytest.mark.parametrize(
    "name", ["amount", "purpose", *(LINE, GROUP, BAD), "class", "None", "two words", "2x", "", "x.y"]
)
def test_a_name_that_cannot_be_had_is_refused_with_one_line(name):
    with pytest.raises(InputError) as raised:
        check_derived({name: "amount / duration"}, NUMBERS, (*NUMBERS, "purpose"))
    assert str(raised.value) == (
        f"params.yaml: 'features.derived.{name}': expected a name that no column has, of letters, digits and _"
    )


def test_a_derived_feature_is_not_derived_from_another():
    with pytest.raises(InputError, match=r"'features.derived.twice': expected an expression of .*, got 'rate \* 2'$"):
        check_derived({"rate": "amount / duration", "twice": "rate * 2"}, NUMBERS, NUMBERS)
