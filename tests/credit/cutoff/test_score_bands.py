"""Tests of the score bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from credit.cutoff.score_bands import score_bands, upper_ends
from tests.credit.strategies import both_kinds


@given(both_kinds(20, 60), st.integers(2, 12))
def test_nobody_is_lost_and_ties_stay_together(case, bands):
    bad, pds = case
    found = score_bands(bad, pds, upper_ends(pds, bands))
    assert list(found["band"]) == list(range(1, len(found) + 1))
    assert len(found) <= bands
    assert (found["n"].sum(), found["bad"].sum()) == (len(bad), bad.sum())
    assert (found["n"] > 0).all()
    assert (found["pd_high"].to_numpy()[:-1] < found["pd_low"].to_numpy()[1:]).all()
    assert ((found["pd_low"] <= found["pd_mean"] + 1e-12) & (found["pd_mean"] <= found["pd_high"] + 1e-12)).all()


@given(both_kinds(20, 60))
def test_a_cutoff_just_above_a_band_approves_what_the_band_says(case):
    bad, pds = case
    found = score_bands(bad, pds, upper_ends(pds, 5))
    for row in found.itertuples():
        approved = pds < np.nextafter(row.pd_high, np.inf)
        assert row.approved == pytest.approx(approved.mean())
        assert row.bad_rate_approved == pytest.approx(bad[approved].mean())
        for count, of, ends in (
            (row.bad, row.n, (row.low, row.high)),
            (approved.sum(), len(bad), (row.approved_low, row.approved_high)),
            (bad[approved].sum(), approved.sum(), (row.bad_rate_approved_low, row.bad_rate_approved_high)),
        ):
            wilson = binomtest(int(count), int(of)).proportion_ci(method="wilson")
            assert ends == pytest.approx((wilson.low, wilson.high), abs=1e-9)
    assert found["approved"].iloc[-1] == 1
    assert found["bad_rate_approved"].iloc[-1] == pytest.approx(bad.mean())


def test_tenths_by_hand():
    pds = np.arange(100) / 100
    found = score_bands((pds >= 0.75).astype(int), pds, upper_ends(pds, 10))
    assert list(found["n"]) == [10] * 10
    assert list(found["bad"]) == [0] * 7 + [5, 10, 10]
    assert list(found["bad_rate"]) == [0] * 7 + [0.5, 1, 1]
    assert list(found["pd_high"]) == pytest.approx(np.arange(0.09, 1, 0.1))
    assert list(found["bad_rate_approved"].round(3)) == [0] * 7 + [0.062, 0.167, 0.25]


def test_other_applicants_are_put_into_the_same_bands():
    ends = np.array([0.2, 0.4, 0.6])
    found = score_bands(np.array([0, 1, 1, 0]), np.array([0.05, 0.2, 0.61, 0.99]), ends)
    assert found[["n", "bad"]].to_numpy().tolist() == [[2, 1], [0, 0], [2, 1]]
    # In the second band is nobody, so it has no bad rate; a cutoff above it approves what one above the first does.
    empty = found.iloc[1]
    assert np.isnan(empty[["pd_low", "pd_high", "pd_mean", "bad_rate", "low", "high"]].to_numpy(dtype=float)).all()
    assert empty[["approved", "bad_rate_approved"]].to_list() == [0.5, 0.5]


def test_an_empty_lowest_band_approves_nobody():
    found = score_bands(np.array([0, 1]), np.array([0.5, 0.7]), np.array([0.2, 0.8]))
    assert found["approved"].to_list() == [0, 1]
    assert np.isnan(found["bad_rate_approved"].iloc[0])


def test_a_constant_score_and_a_single_applicant_are_one_band():
    assert upper_ends(np.full(7, 0.3), 10).tolist() == [0.3]
    assert upper_ends(np.array([0.4]), 10).tolist() == [0.4]
    found = score_bands(np.array([1]), np.array([0.4]), np.array([0.4]))
    assert found[["n", "bad", "bad_rate", "approved"]].to_numpy().tolist() == [[1, 1, 1, 1]]
