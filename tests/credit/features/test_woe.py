"""Tests of the weights of evidence: their values, the order of bins, odd columns, and that fitting is quiet."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from credit.core.errors import InputError
from credit.features.plan import FeaturePlan
from credit.features.woe import SMALLEST_BIN, UNSEEN, bin_numbers, binning_of, build_binning, encoder_of
from credit.model.pipeline import Calibration, ModelSpec, fit_pd_model
from tests.credit.small_specs import candidate

NOMINAL, ORDERED = ["purpose", "housing"], ["duration", "amount", "savings", "job"]


@pytest.fixture(scope="module")
def many(draw_applicants):
    return draw_applicants(600, 5)


@pytest.fixture(scope="module")
def fitted(plan, many):
    return build_binning(plan).fit(many.features, many.bad)


def weights(fitted, plan, features) -> pd.DataFrame:
    return pd.DataFrame(fitted.transform(features), columns=plan.all_features, index=features.index)


def row(many, **values) -> pd.DataFrame:
    return many.features.head(1).assign(**values)


def without_values(column: pd.Series) -> pd.Series:
    return column.where(np.zeros(len(column), dtype=bool))


def test_a_weight_is_the_log_ratio_of_the_shares_of_goods_and_bads_in_the_bin(fitted, plan, many):
    found = weights(fitted, plan, many.features)
    goods, bads = (many.bad == 0).sum(), (many.bad == 1).sum()
    assert min(found[name].nunique() for name in ("duration", "savings", "purpose")) > 1
    for name in plan.all_features:
        counts = pd.crosstab(found[name], many.bad)
        expected = np.log((counts[0] / goods) / (counts[1] / bads))
        assert expected.to_numpy() == pytest.approx(counts.index.to_numpy(), abs=1e-9)


@pytest.mark.parametrize("name", ORDERED)
def test_bins_of_ordered_features_are_intervals_in_which_the_bad_rate_only_rises_or_only_falls(
    fitted, plan, many, name
):
    order = many.features[name].argsort(kind="stable").to_numpy()
    along = weights(fitted, plan, many.features)[name].to_numpy()[order]
    steps = np.diff(along)[np.diff(along) != 0]
    assert (steps > 0).all() or (steps < 0).all()


def test_no_bin_is_small(fitted, plan, many):
    found = weights(fitted, plan, many.features)
    for name in plan.all_features:
        assert found[name].value_counts().min() >= SMALLEST_BIN * len(found)


def test_a_rare_level_is_told_apart_or_gathered_and_an_unseen_one_counts_as_rare(fitted, plan, many):
    rare, unseen = (weights(fitted, plan, row(many, purpose=level))["purpose"][0] for level in ("boat", "rocket"))
    assert rare == unseen
    assert rare in set(weights(fitted, plan, many.features)["purpose"])


def test_an_unseen_ordered_level_counts_as_missing_not_as_the_lowest(plan, many):
    features = many.features.copy()
    features.loc[many.bad == 1, "savings"] = features.loc[many.bad == 1, "savings"].mask(np.arange(180) < 60)
    features.loc[many.bad == 0, "savings"] = features.loc[many.bad == 0, "savings"].mask(np.arange(420) < 20)
    fitted = build_binning(plan).fit(features, many.bad)
    unseen, missing, lowest = (
        weights(fitted, plan, row(many, savings=value))["savings"][0] for value in (9.0, np.nan, 1.0)
    )
    assert unseen == missing == pytest.approx(np.log((20 / 420) / (60 / 180)))
    assert missing != lowest


@pytest.mark.parametrize("name", ["duration", "purpose", "savings"])
def test_missing_values_are_a_bin_of_their_own(plan, many, name):
    features = many.features.copy()
    gone = np.arange(600) % 5 == 0
    features[name] = features[name].mask(gone)
    found = weights(build_binning(plan).fit(features, many.bad), plan, features)[name]
    bad = many.bad[gone]
    expected = np.log(((bad == 0).sum() / (many.bad == 0).sum()) / (bad.sum() / many.bad.sum()))
    assert found[gone].to_numpy() == pytest.approx(np.full(gone.sum(), expected))


@pytest.mark.parametrize(
    ("name", "value"), [("duration", None), ("purpose", None), ("savings", None), ("housing", 9.0)]
)
def test_a_missing_or_unseen_value_weighs_nothing_where_none_was_fitted_to(fitted, plan, many, name, value):
    applicants = many.features.head(3).copy()
    applicants[name] = value if value else without_values(applicants[name])
    assert weights(fitted, plan, applicants)[name].abs().max() < 1e-12


@pytest.mark.parametrize("outcome", [0, 1])
def test_missing_values_of_one_kind_of_applicants_only_weigh_nothing(plan, many, outcome):
    features = many.features.copy()
    features.loc[np.flatnonzero(many.bad == outcome)[:20], "duration"] = np.nan
    found = weights(build_binning(plan).fit(features, many.bad), plan, features)
    assert np.isfinite(found.to_numpy()).all()
    assert (found.loc[features["duration"].isna(), "duration"] == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duration", "purpose", "housing", "savings"])
@pytest.mark.parametrize("kept", [0, 600])
def test_a_column_without_any_value_or_of_one_weighs_nothing_and_leaves_the_others_alone(
    fitted, plan, many, name, kept
):
    values = pd.Series(many.features[name].iloc[0], index=many.features.index).astype(many.features[name].dtype)
    features = many.features.assign(**{name: values.where(np.arange(600) < kept)})
    empty = build_binning(plan).fit(features, many.bad)
    for asked in (features, many.features):
        assert weights(empty, plan, asked)[name].abs().max() < 1e-12
    others = [other for other in plan.all_features if other != name]
    pd.testing.assert_frame_equal(
        weights(empty, plan, many.features)[others], weights(fitted, plan, many.features)[others]
    )


@pytest.mark.parametrize("role", ["numeric", "nominal", "ordinal"])
def test_a_plan_may_lack_a_role_or_have_no_other(fitted, plan, many, role):
    nothing = FeaturePlan(numeric={}, nominal={}, ordinal={}, dropped={})
    every = weights(fitted, plan, many.features)
    for part in (plan.model_copy(update={role: {}}), nothing.model_copy(update={role: getattr(plan, role)})):
        found = weights(build_binning(part).fit(many.features, many.bad), part, many.features)
        pd.testing.assert_frame_equal(found, every[part.all_features])


@pytest.mark.parametrize("n", [2, 5, 25, 600])
def test_a_few_rows_or_bads_give_finite_weights(plan, many, n):
    bad = np.arange(n) % 2 if n < 600 else (np.arange(n) == 7).astype(int)
    found = build_binning(plan).fit(many.features.head(n), bad).transform(many.features)
    assert found.shape == (600, 6)
    assert np.isfinite(found).all()


def test_numbers_may_be_whole_and_columns_in_any_order(fitted, plan, many):
    shuffled = many.features[many.features.columns[::-1]].astype({"duration": int, "savings": int, "housing": int})
    assert np.array_equal(fitted.transform(shuffled.assign(more="x")), fitted.transform(many.features))


def test_one_row_equals_its_row_of_the_batch(fitted, many):
    batch = fitted.transform(many.features)
    for place in (0, 599):
        assert np.array_equal(fitted.transform(many.features.iloc[[place]]), batch[[place]])


def fit(plan, many, method="none", encoding="woe"):
    calibration = Calibration(method=method, folds=2)
    return fit_pd_model(ModelSpec("scorecard", candidate(encoding), plan, calibration, 1), many, cutoff=0.5).estimator_


@pytest.mark.slow
@pytest.mark.parametrize("derived", [{}, {"instalment": "amount / duration"}])
@pytest.mark.parametrize("method", ["none", "sigmoid", "isotonic"])
def test_the_bins_of_a_model_are_found_and_numbered(plan, many, method, derived):
    numeric = dict(plan.numeric) | dict.fromkeys(derived, plan.numeric["amount"])
    plan = plan.model_copy(update={"numeric": numeric, "derived": derived})
    model = fit(plan, many, method)
    assert list(binning_of(model).variable_names) == plan.all_features
    found = bin_numbers(model, many.features)
    weighed = pd.DataFrame(encoder_of(model).transform(many.features), columns=plan.all_features)
    assert list(found.columns) == plan.all_features
    for name in plan.all_features:  # the same number, the same weight; other numbers, other weights
        pairs = pd.concat([found[name], weighed[name]], axis=1).drop_duplicates()
        assert pairs.iloc[:, 0].is_unique
        assert pairs.iloc[:, 1].is_unique


def test_the_bin_of_an_unseen_level_is_that_of_a_missing_value_where_no_level_is_rare(plan, many):
    model = fit(plan, many)
    seen = set(bin_numbers(model, many.features)["housing"])
    unseen, missing = (bin_numbers(model, row(many, housing=value))["housing"][0] for value in (9.0, np.nan))
    assert unseen == missing
    assert missing not in {UNSEEN, *seen}


@pytest.mark.parametrize("derived", [{}, {"instalment": "amount / duration"}])
def test_a_model_without_bins_is_refused(plan, many, derived):
    numeric = dict(plan.numeric) | dict.fromkeys(derived, plan.numeric["amount"])
    plan = plan.model_copy(update={"numeric": numeric, "derived": derived})
    with pytest.raises(InputError, match=r"^expected a model whose encoding is woe, got one without bins$"):
        binning_of(fit(plan, many, encoding="one_hot"))


QUIET = """
import warnings
import numpy as np, pandas as pd
from credit.features.woe import build_binning
from credit.features.plan import Caps, FeaturePlan, Levels
numeric, ordinal = {"age": Caps(lower=0, upper=1)}, {"job": Levels(kept=(1, 2))}
plan = FeaturePlan(numeric=numeric, nominal={"home": Levels(kept=("a", "b"))}, ordinal=ordinal, dropped={})
features = pd.DataFrame({"age": np.arange(60.0) % 7, "home": ["a", "b", "a"] * 20, "job": [1.0, 2.0] * 30})
build_binning(plan).fit(features, np.arange(60) % 3 == 0).transform(features)
for message, module in (("Setting an item of incompatible dtype", "pandas"), ("of another kind", "optbinning.binning")):
    try:
        warnings.warn_explicit(message, FutureWarning, "x.py", 1, module=module)
    except FutureWarning:
        continue
    print("hidden:", message)
"""


@pytest.mark.slow
def test_importing_and_fitting_is_quiet_and_other_warnings_are_not_hidden(repository):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
