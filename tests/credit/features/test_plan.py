import numpy as np
import pandas as pd
import pytest

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.features.plan import Caps, FeaturePlan, Levels, make_plan

DICTIONARY = Dictionary(
    columns={
        "age": Column(role="numeric"),
        "late": Column(role="numeric"),
        "flat": Column(role="numeric"),
        "void": Column(role="numeric"),
        "half": Column(role="numeric"),
        "housing": Column(role="nominal", codes={1: "free", 2: "rent", 3: "own"}),
        "city": Column(role="nominal"),
        "grade": Column(role="ordinal", codes={"A": "best", "B": "middle", "C": "worst"}),
        "bad": Column(role="target", codes={0: "good", 1: "bad"}, bad_codes=(1,)),
    }
)


@pytest.fixture
def applicants() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [*np.arange(1.0, 100.0), 1000.0],
            "late": [0.0] * 95 + [1.0, 2.0, 3.0, 4.0, 98.0],
            "flat": 7.0,
            "void": np.nan,
            "half": [1.0] * 50 + [np.nan] * 50,
            "housing": [2.0] * 60 + [3.0] * 39 + [1.0],
            "city": ["Ulm"] * 50 + ["Bonn"] * 45 + ["Rust", "Au", None, None, None],
            "grade": ["A"] * 50 + ["B"] * 50,
            "bad": [0, 1] * 50,
        }
    )


@pytest.fixture
def plan(applicants) -> FeaturePlan:
    return make_plan(applicants, DICTIONARY, rare_share=0.02, outlier_iqr=3.0)


def test_caps_are_tukeys_fences_within_what_was_observed(plan):
    # quartiles 25.75 and 75.25 (numpy, linear), so the upper fence is 75.25 + 3 * 49.5; the lower is below 1
    assert plan.numeric["age"] == Caps(lower=1.0, upper=223.75)
    assert plan.numeric["late"] == Caps(lower=0.0, upper=98.0)  # equal quartiles cap nothing


def test_a_plan_has_every_column_that_tells_something_with_its_levels(plan):
    assert plan.dropped == {"flat": "constant", "void": "no value observed"}
    assert plan.features == ["age", "late", "half", "housing", "city", "grade"]
    assert plan.nominal["housing"] == Levels(kept=(2, 3), rare=(1,))
    assert plan.nominal["city"] == Levels(kept=("Bonn", "Ulm"), rare=("Au", "Rust"))
    assert plan.ordinal["grade"].kept == ("A", "B", "C")


@pytest.mark.parametrize(("pooled", "many"), [(50, False), (51, True)])
def test_where_most_applicants_have_a_rare_level_the_feature_is_one_of_many_levels(applicants, pooled, many):
    applicants["city"] = [f"town {place // 4}" for place in range(pooled)] + ["Ulm"] * (100 - pooled)
    found = make_plan(applicants, DICTIONARY, rare_share=0.05, outlier_iqr=3.0)
    assert ("city" in found.many_levels) == many
    assert ("city" in found.nominal) != many
    assert found.features[-1] == ("city" if many else "grade")
    if many:
        assert found.many_levels["city"] == 14


def test_a_few_applicants_more_with_one_level_do_not_turn_a_feature_of_many_levels(applicants):
    applicants["city"] = [f"town {place // 4}" for place in range(100)]
    one, other = (
        make_plan(table, DICTIONARY, rare_share=0.05, outlier_iqr=3.0)
        for table in (applicants, applicants.assign(city=applicants["city"].where(applicants.index > 4, "town 9")))
    )
    assert one.many_levels == {"city": 25}
    assert other.many_levels == {"city": 24}


def test_names_that_hardly_two_share_are_left_out(applicants):
    applicants["city"] = [f"town {place}" for place in range(60)] + ["Ulm"] * 40
    assert make_plan(applicants, DICTIONARY, 0.02, 3.0).dropped["city"] == "61 levels among 100 applicants"


def test_levels_that_no_applicant_has_are_not_rare(applicants):
    applicants["housing"] = [2.0] * 60 + [3.0] * 40
    assert make_plan(applicants, DICTIONARY, 0.02, 3.0).nominal["housing"] == Levels(kept=(2, 3))


def test_the_target_plays_no_part(applicants, plan):
    permuted = applicants.assign(bad=applicants["bad"].to_numpy()[::-1])
    assert make_plan(permuted, DICTIONARY, 0.02, 3.0) == plan
    assert make_plan(applicants.drop(columns="bad"), DICTIONARY, 0.02, 3.0) == plan


def test_the_order_of_rows_plays_no_part(applicants, plan):
    assert make_plan(applicants.sample(frac=1, random_state=1), DICTIONARY, 0.02, 3.0) == plan


DERIVED = {"youth": "100 - age", "share": "late / (age + late)"}


@pytest.fixture
def with_derived(applicants) -> FeaturePlan:
    return make_plan(applicants, DICTIONARY, 0.02, 3.0, derived=DERIVED)


def test_a_derived_feature_is_a_number_that_the_model_sees_and_does_not_need(plan, with_derived):
    assert with_derived.features == plan.features
    assert with_derived.all_features == ["age", "late", "youth", "share", "half", "housing", "city", "grade"]
    assert with_derived.derived == DERIVED
    assert with_derived.dropped == plan.dropped
    assert plan.all_features == plan.features


def test_the_caps_of_a_derived_feature_are_those_of_its_own_values(with_derived):
    # of 100 - age, whose quartiles are 24.75 and 74.25: it is -900 for the applicant of 1000 years
    assert with_derived.numeric["youth"] == Caps(lower=24.75 - 3 * 49.5, upper=99.0)


def test_a_plan_with_derived_features_survives_being_written_and_read(with_derived):
    assert FeaturePlan.model_validate_json(with_derived.model_dump_json()) == with_derived


def test_a_plan_written_before_there_were_derived_features_is_read(plan):
    assert FeaturePlan.model_validate(plan.model_dump(exclude={"derived"})) == plan


@pytest.mark.parametrize(
    ("derived", "message"),
    [
        ({"x": "age / housing"}, r"'features.derived.x': expected an expression of .* age, late, half, got 'age / hou"),
        ({"x": "age / flat"}, r"'features.derived.x': expected an expression of .* age, late, half, got 'age / flat'"),
        ({"city": "age / late"}, r"'features.derived.city': expected a name that no column has"),
        ({"void": "age / half"}, r"'features.derived.void': expected a name that no column has"),
        ({"x": "age / late"}, r"'features.derived.x' \(age / late\): expected a finite number .* got none for 95$"),
    ],
)
def test_a_derived_feature_that_cannot_be_is_refused(applicants, derived, message):
    with pytest.raises(InputError, match=rf"^params.yaml: {message}"):
        make_plan(applicants, DICTIONARY, 0.02, 3.0, derived=derived)


@pytest.mark.parametrize("name", ["age", "housing", "grade"])
def test_an_excluded_column_is_left_out_and_the_others_stay_as_they_are(applicants, plan, name):
    found = make_plan(applicants, DICTIONARY, 0.02, 3.0, exclude=[name])
    assert found.dropped == {**plan.dropped, name: "excluded by features.exclude"}
    assert found.features == [other for other in plan.features if other != name]
    for role in ("numeric", "nominal", "ordinal"):
        kept = {other: treated for other, treated in getattr(plan, role).items() if other != name}
        assert getattr(found, role) == kept


def test_what_is_excluded_is_named_once_though_it_tells_nothing_too(applicants, plan):
    found = make_plan(applicants, DICTIONARY, 0.02, 3.0, exclude=["flat", "flat"])
    assert found.dropped == {**plan.dropped, "flat": "excluded by features.exclude"}


def test_nothing_is_derived_from_an_excluded_column(applicants):
    with pytest.raises(InputError, match=r"'features.derived.x': expected an .* and late, half, got 'late / age'$"):
        make_plan(applicants, DICTIONARY, 0.02, 3.0, exclude=["age"], derived={"x": "late / age"})


def test_a_plan_without_any_feature_is_refused_with_one_line(applicants, plan):
    with pytest.raises(InputError) as raised:
        make_plan(applicants, DICTIONARY, 0.02, 3.0, exclude=plan.features)
    assert str(raised.value).startswith(
        "expected a feature that a model can see, got none; left out are flat (constant), void (no value observed), "
        "age (excluded by features.exclude), "
    )
    make_plan(applicants, DICTIONARY, 0.02, 3.0, exclude=plan.features[1:])
