"""A sample of the applicants where there are more than a search or a family takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.core.split import repeated_folds, stratified_sample
from credit.model.pipeline import Calibration, ModelSpec, fit_pd_model, out_of_fold
from tests.credit.small_specs import candidate

TREE = candidate(max_depth=4)


@st.composite
def outcomes(draw) -> tuple[np.ndarray, int]:
    """Give outcomes of both kinds, in any order, and a number of rows below theirs."""
    rows = draw(st.integers(3, 400))
    bads = draw(st.integers(1, rows - 1))
    bad = np.random.default_rng(draw(st.integers(0, 9))).permutation(np.arange(rows) < bads).astype(int)
    return bad, draw(st.integers(1, rows - 1) | st.just(rows - 1))


@settings(max_examples=100)
@given(outcomes(), st.integers(0, 9))
def test_a_sample_has_the_size_asked_for_and_bads_in_proportion(given_outcomes, seed):
    bad, most = given_outcomes
    rows = stratified_sample(bad, most, seed)
    assert len(rows) == most
    assert (np.diff(rows) > 0).all()  # in the order of the table, none twice
    assert set(rows) <= set(range(len(bad)))
    assert abs(bad[rows].sum() - most * bad.mean()) <= 0.5
    assert (stratified_sample(bad, most, seed) == rows).all()


@pytest.mark.parametrize("most", [None, 300, 301, 10_000])
def test_all_rows_are_taken_where_there_are_no_more_than_the_limit(most):
    assert stratified_sample(np.arange(300) % 3 // 2, most, seed=1).tolist() == list(range(300))


def test_the_seed_decides_and_every_row_is_taken_by_some_seed():
    bad = (np.arange(200) < 60).astype(int)
    samples = [stratified_sample(bad, 100, seed) for seed in range(20)]
    assert {bad[rows].sum() for rows in samples} == {30}
    assert len({tuple(rows) for rows in samples}) == 20
    assert set(np.concatenate(samples)) == set(range(200))


def test_sampled_applicants_keep_their_features_outcomes_and_groups(draw_applicants):
    applicants = draw_applicants(300, 4)
    twice = applicants.rows(np.repeat(np.arange(300), 2))
    sample = twice.rows(twice.sample(150, seed=3))
    rows = stratified_sample(twice.bad, 150, 3)
    assert sample.features.equals(twice.features.iloc[rows])
    assert (sample.bad == twice.bad[rows]).all()
    assert (sample.groups == twice.groups[rows]).all()
    assert sample.bad.mean() == pytest.approx(twice.bad.mean(), abs=1 / 150)
    # Rows alike that are both in the sample stay on one side of its folds.
    assert len(set(sample.groups)) < 150
    for fitted, held_out in repeated_folds(sample.groups, sample.bad, 3, 1, 1):
        assert not set(sample.groups[fitted]) & set(sample.groups[held_out])


@pytest.fixture
def spec(plan):
    return ModelSpec("dt", TREE, plan, Calibration(method="sigmoid", folds=3), 11)


def rows_fitted_to(model) -> int:
    return len(model.estimator.cv.test_fold)


@pytest.mark.slow
def test_a_model_is_fitted_to_the_sample_and_no_more(spec, draw_applicants):
    applicants = draw_applicants(400, 5)
    limited = fit_pd_model(spec._replace(max_rows=150), applicants, cutoff=0.3)
    by_hand = fit_pd_model(spec, applicants.rows(applicants.sample(150, spec.seed)), cutoff=0.3)
    to_all = fit_pd_model(spec, applicants, cutoff=0.3)
    assert [rows_fitted_to(model) for model in (limited, by_hand, to_all)] == [150, 150, 400]
    pds = [model.predict_proba(applicants.features)[:, 1] for model in (limited, by_hand, to_all)]
    assert np.array_equal(pds[0], pds[1])
    assert not np.allclose(pds[0], pds[2])


@pytest.mark.slow
def test_all_applicants_are_judged_by_models_fitted_to_a_sample(spec, draw_applicants):
    applicants = draw_applicants(400, 5)
    folds = repeated_folds(applicants.groups, applicants.bad, 4, 1, 1)
    limited = out_of_fold(spec._replace(max_rows=150), applicants, folds, processes=1)
    assert sorted(limited["position"]) == list(range(400))
    assert limited["pd"].between(0, 1).all()
    to_all = out_of_fold(spec, applicants, folds, processes=1)
    assert not np.allclose(limited["pd"], to_all["pd"])
    # As many rows as a fold leaves to fit to are no more than the limit.
    unlimited = out_of_fold(spec._replace(max_rows=300), applicants, folds, processes=1)
    assert np.array_equal(unlimited["pd"], to_all["pd"])
