"""Tests of the column pipelines: every encoding, unseen and missing values, single rows, odd plans."""

import numpy as np
import pandas as pd
import pytest

from credit.features.plan import Caps, FeaturePlan, Levels
from credit.features.preprocessing import ENCODINGS, NOMINAL, WOE, build_preprocessing

by_role = pytest.mark.parametrize("encoding", NOMINAL, indirect=True)  # all but the bins of every column
NOTHING = FeaturePlan(numeric={}, nominal={}, ordinal={}, dropped={})


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] if name == WOE else []) for name in ENCODINGS])
def encoding(request):
    return request.param


@pytest.fixture
def fitted(plan, applicants, encoding):
    return build_preprocessing(plan, encoding).fit(applicants.features, applicants.bad)


def row(applicants, **values) -> pd.DataFrame:
    return applicants.features.head(1).assign(**values)


def test_every_encoding_gives_finite_numbers(fitted, applicants, encoding):
    found = fitted.transform(applicants.features)
    assert found.dtype == float
    assert np.isfinite(found).all()
    # Two numeric, two ordinal; of purpose (three levels and the others) and housing (three levels):
    nominal = {"binary": 3 + 2, "one_hot": 4 + 3, "ordinal": 2, "codes": 2, "count": 2, "woe": 2}
    assert found.shape == (200, 4 + nominal[encoding])


@pytest.mark.parametrize("encoding", ["binary", "one_hot", "ordinal", "codes"], indirect=True)
def test_levels_that_differ_have_codes_that_differ(fitted, applicants):
    codes = {
        level: tuple(fitted.transform(row(applicants, purpose=level))[0]) for level in ("car", "house", "tv", "boat")
    }
    assert len(set(codes.values())) == 4


def test_count_is_the_share_of_the_level(plan, applicants):
    found = build_preprocessing(plan, "count").fit_transform(applicants.features)
    shares = applicants.features["purpose"].map(applicants.features["purpose"].value_counts(normalize=True))
    assert found[:, 2] == pytest.approx(shares.to_numpy())


@by_role
def test_ordinal_levels_keep_their_order(fitted, applicants):
    codes = [fitted.transform(row(applicants, savings=level))[0] for level in (1, 2, 3, 4, 5)]
    column = np.ptp(codes, axis=0).argmax()
    steps = np.diff([code[column] for code in codes])
    assert steps == pytest.approx(np.full(4, steps[0]))
    assert steps[0] > 0


def test_an_unseen_level_is_taken_for_a_rare_one(fitted, applicants):
    rare, unseen = (fitted.transform(row(applicants, purpose=level)) for level in ("boat", "rocket"))
    assert np.array_equal(rare, unseen)
    assert np.isfinite(fitted.transform(row(applicants, housing=9.0, savings=0.0))).all()


@by_role
def test_missing_values_are_imputed_by_the_median_and_the_most_frequent(fitted, applicants):
    features = applicants.features
    instead = {
        "duration": features["duration"].median(),
        "purpose": "car",
        "housing": features["housing"].mode()[0],
        "savings": features["savings"].mode()[0],
    }
    missing = row(applicants, duration=np.nan, housing=np.nan, savings=np.nan).astype({"purpose": "str"})
    missing["purpose"] = missing["purpose"].where([False])
    assert missing[list(instead)].isna().all(axis=None)
    assert fitted.transform(missing) == pytest.approx(fitted.transform(row(applicants, **instead)))


@pytest.mark.slow
@pytest.mark.parametrize("values", [0, 1, 195])
@pytest.mark.parametrize("name", ["duration", "purpose", "housing", "savings"])
def test_a_column_with_hardly_any_value_in_a_fold_is_borne(plan, applicants, encoding, name, values):
    # It happens to a column that is nearly always missing; scikit-learn's imputer then warns and drops it.
    features = applicants.features.copy()
    features[name] = features[name].where(np.arange(200) < values)
    preprocessing = build_preprocessing(plan, encoding).fit(features, applicants.bad)
    assert np.isfinite(preprocessing.transform(applicants.features)).all()


@by_role
def test_values_beyond_the_caps_equal_the_cap(fitted, applicants):
    for name, caps in {"duration": (4.0, 60.0), "amount": (250.0, 9000.0)}.items():
        for beyond, cap in zip((-1e6, 1e6), caps, strict=True):
            at, past = (fitted.transform(row(applicants, **{name: value})) for value in (cap, beyond))
            assert np.array_equal(at, past)
        within = fitted.transform(row(applicants, **{name: caps[1] - 1}))
        assert not np.array_equal(within, fitted.transform(row(applicants, **{name: caps[1]})))


def test_numbers_are_centred_scaled_and_made_symmetric(plan, applicants):
    found = build_preprocessing(plan, "ordinal").fit_transform(applicants.features)[:, :2]
    assert found.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert found.std(axis=0) == pytest.approx(1)
    capped = applicants.features["amount"].clip(250, 9000)
    assert abs(pd.Series(found[:, 1]).skew()) < 0.3 < abs(capped.skew())


def test_codes_are_numbers_as_they_are_and_places_of_levels(plan, applicants):
    found = build_preprocessing(plan, "codes").fit_transform(applicants.features)
    capped = applicants.features[["duration", "amount"]].clip([4, 250], [60, 9000], axis=1)
    assert np.array_equal(found[:, :2], capped)
    assert all(np.isin(column, range(-1, 5)).all() for column in found[:, 2:].T)
    ordinal = build_preprocessing(plan, "ordinal").fit_transform(applicants.features)
    for one, other in zip(found.T, ordinal.T, strict=True):
        order = np.argsort(one, kind="stable")
        assert (np.diff(other[order]) >= -1e-12).all()


def test_one_row_equals_its_row_of_the_batch(fitted, applicants):
    batch = fitted.transform(applicants.features)
    for place in (0, 57, 199):
        assert np.array_equal(fitted.transform(applicants.features.iloc[[place]]), batch[[place]])


def test_the_order_of_columns_and_extra_and_dropped_ones_do_not_matter(fitted, applicants):
    shuffled = applicants.features[applicants.features.columns[::-1]].assign(name="Ada", bad=1)
    shuffled = shuffled.drop(columns="telephone")
    assert np.array_equal(fitted.transform(shuffled), fitted.transform(applicants.features))


@pytest.mark.parametrize("role", ["numeric", "nominal", "ordinal"])
def test_a_plan_without_columns_of_a_role(plan, applicants, encoding, role):
    without = plan.model_copy(update={role: {}})
    found, everything = (
        build_preprocessing(some, encoding).fit_transform(applicants.features, applicants.bad)
        for some in (without, plan)
    )
    assert 0 < found.shape[1] < everything.shape[1]


@by_role
def test_a_plan_of_one_text_column(encoding):
    plan = NOTHING.model_copy(update={"nominal": {"purpose": Levels(kept=("car", "tv"))}})
    features = pd.DataFrame({"purpose": ["car", "tv", None, "boat", "car"]})
    found = build_preprocessing(plan, encoding).fit_transform(features)
    assert np.array_equal(found[2], found[0])  # the most frequent
    assert not np.array_equal(found[1], found[0])


def test_a_column_constant_in_a_fold_is_borne(encoding):
    plan = NOTHING.model_copy(
        update={
            "numeric": {"age": Caps(lower=20, upper=20)},
            "nominal": {"purpose": Levels(kept=("car",))},
            "ordinal": {"job": Levels(kept=(1, 2))},
        }
    )
    features = pd.DataFrame({"age": [20.0] * 6, "purpose": ["car"] * 6, "job": [1.0] * 6})
    assert np.isfinite(build_preprocessing(plan, encoding).fit_transform(features, [0, 1, 0, 0, 1, 0])).all()


@pytest.fixture
def with_derived(plan):
    """Give the plan with a feature computed from two others."""
    numeric = {**plan.numeric, "instalment": Caps(lower=0, upper=2000)}
    return plan.model_copy(update={"numeric": numeric, "derived": {"instalment": "amount / duration"}})


@pytest.fixture
def with_column(with_derived):
    """Give the same plan, but that the feature has to be among the inputs."""
    return with_derived.model_copy(update={"derived": {}})


@pytest.mark.slow
def test_a_derived_feature_is_coded_as_if_it_were_a_column(with_derived, with_column, applicants, encoding):
    features = applicants.features
    inputs = features.assign(instalment=features["amount"] / features["duration"])
    inside, outside = (
        build_preprocessing(plan, encoding).fit(given, applicants.bad).transform(given)
        for plan, given in ((with_derived, features), (with_column, inputs))
    )
    assert np.array_equal(inside, outside)
    without = build_preprocessing(with_derived.model_copy(update={"numeric": {}, "derived": {}}), encoding)
    assert inside.shape[1] == without.fit_transform(features, applicants.bad).shape[1] + 3


def test_the_inputs_are_the_columns_and_not_what_is_derived(with_derived, applicants, encoding):
    fitted = build_preprocessing(with_derived, encoding).fit(applicants.features, applicants.bad)
    assert set(with_derived.features) <= set(fitted.feature_names_in_)
    assert "instalment" not in fitted.feature_names_in_
    # One that comes with the applicants is not believed.
    told = applicants.features.assign(instalment=1e6)
    assert np.array_equal(fitted.transform(told), fitted.transform(applicants.features))


@by_role
def test_a_derived_feature_of_a_missing_value_is_imputed(with_derived, with_column, applicants, encoding):
    # The median of the derived feature, which is not the ratio of the medians.
    features = applicants.features.copy()
    features.loc[:20, "amount"] = np.nan
    inputs = features.assign(instalment=features["amount"] / features["duration"])
    fitted = build_preprocessing(with_derived, encoding).fit(features)
    by_hand = build_preprocessing(with_column, encoding).fit(inputs)
    medians = inputs[["amount", "instalment"]].median()
    filled = inputs.head(20).assign(amount=medians["amount"], instalment=medians["instalment"])
    assert fitted.transform(features.head(20)) == pytest.approx(by_hand.transform(filled))


def test_a_division_by_zero_in_a_new_applicant_counts_as_missing(with_derived, applicants, encoding):
    fitted = build_preprocessing(with_derived, encoding).fit(applicants.features, applicants.bad)
    plan_of_two = with_derived.model_copy(update={"numeric": {"instalment": Caps(lower=0, upper=2000)}})
    derived_only = build_preprocessing(plan_of_two, encoding).fit(applicants.features, applicants.bad)
    for amount in (0.0, 500.0, -500.0):  # not a number, endless, endlessly little
        assert np.isfinite(fitted.transform(row(applicants, duration=0.0, amount=amount))).all()
        missing = derived_only.transform(row(applicants, duration=np.nan))
        assert np.array_equal(derived_only.transform(row(applicants, duration=0.0, amount=amount)), missing)


def test_bins_see_the_outcome_and_the_other_encodings_do_not(plan, applicants, encoding):
    flipped = 1 - applicants.bad
    one, other = (
        build_preprocessing(plan, encoding).fit_transform(applicants.features, bad) for bad in (applicants.bad, flipped)
    )
    if encoding == WOE:
        assert one[:, 0] == pytest.approx(-other[:, 0])  # what was safe is risky
    else:
        assert np.array_equal(one, other)
