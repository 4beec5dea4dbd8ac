import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.core.errors import InputError, UnfittableError
from credit.core.split import applicant_groups, held_out_too, holdout, repeated_folds


@st.composite
def portfolios(draw) -> tuple[np.ndarray, np.ndarray]:
    """Groups of one to three equal applicants, about a third of them bad."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=30, max_size=60))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return groups, (groups % 3 == 0).astype(int)


def test_equal_rows_are_one_applicant_also_where_values_are_missing():
    features = pd.DataFrame({"a": [1.0, 2.0, 1.0, np.nan, np.nan], "b": ["x", "x", "x", None, None]})
    assert applicant_groups(features).tolist() == applicant_groups(features[["b", "a"]]).tolist() == [0, 1, 0, 2, 2]


@settings(max_examples=30)
@given(portfolios(), st.integers(0, 9))
def test_no_applicant_is_on_both_sides(portfolio, seed):
    groups, bad = portfolio
    test = holdout(groups, bad, 0.2, seed)
    assert not set(groups[test]) & set(groups[~test])
    assert set(bad[test]) == set(bad[~test]) == {0, 1}


@settings(max_examples=20)
@given(portfolios(), st.integers(0, 9))
def test_folds_hold_out_every_row_once_a_repeat_and_straddle_no_applicant(portfolio, seed):
    groups, bad = portfolio
    folds = repeated_folds(groups, bad, folds=4, repeats=2, seed=seed)
    assert len(folds) == 8
    for fitted, held_out in folds:
        assert not set(groups[fitted]) & set(groups[held_out])
        assert sorted([*fitted, *held_out]) == list(range(len(bad)))
    for repeat in (folds[:4], folds[4:]):
        assert sorted(np.concatenate([held_out for _, held_out in repeat])) == list(range(len(bad)))


def test_bads_are_spread_in_proportion():
    groups, bad = np.arange(1000), (np.arange(1000) < 300).astype(int)
    test = holdout(groups, bad, 0.2, seed=1)
    assert (test.sum(), bad[test].sum()) == (200, 60)
    assert {bad[held_out].sum() for _, held_out in repeated_folds(groups, bad, 5, 2, 1)} == {60}


def test_a_seed_gives_one_split_and_another_seed_another():
    groups, bad = np.arange(100), np.arange(100) % 2
    assert (holdout(groups, bad, 0.3, 1) == holdout(groups, bad, 0.3, 1)).all()
    assert (holdout(groups, bad, 0.3, 1) != holdout(groups, bad, 0.3, 2)).any()


def test_too_few_bads_are_refused_in_one_line():
    groups, bad = np.arange(20), np.array([1] + [0] * 19)
    with pytest.raises(InputError, match="cannot split 20 applicants, 1 of them bad"):
        holdout(groups, bad, 0.2, 1)
    with pytest.raises(
        UnfittableError, match="at least 2 distinct good and 2 distinct bad applicants for folds, got 1"
    ):
        repeated_folds(groups, bad, 5, 1, 1)
    for outcome in (0, 1):
        with pytest.raises(UnfittableError, match="got 0 of one kind"):
            repeated_folds(groups, np.full(20, outcome), 5, 1, 1)


@pytest.mark.parametrize("few", [2, 3, 7])
def test_folds_are_no_more_than_the_rarer_outcome_has_applicants(few):
    groups, rarer = np.arange(30), (np.arange(30) < few).astype(int)
    for bad in (rarer, 1 - rarer):
        folds = repeated_folds(groups, bad, 5, 2, 1)
        assert len(folds) == 2 * min(few, 5)
        assert all(0 < bad[rows].sum() < len(rows) for fold in folds for rows in fold)


@pytest.mark.parametrize("more", [0, 1, 7, 40])
def test_further_rows_are_held_out_once_each_by_the_folds_of_the_first_repeat(more):
    bad = np.tile([0, 0, 1], 20)
    folds = repeated_folds(np.arange(60), bad, 5, 2, seed=1)
    found = held_out_too(folds, 60, more, once=5)
    for (training, validation), (same, with_more) in zip(folds, found, strict=True):
        assert np.array_equal(training, same)
        assert np.array_equal(with_more[: len(validation)], validation)
    theirs = [with_more[len(validation) :] for (_, validation), (_, with_more) in zip(folds, found, strict=True)]
    assert sorted(np.concatenate(theirs[:5])) == list(range(60, 60 + more))
    assert np.concatenate(theirs[5:]).size == 0
    assert np.ptp([len(rows) for rows in theirs[:5]]) <= 1
