"""Tests of the scale: odds and points, whole scores against a cutoff, and bands that hold everyone once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.intervals import wilson
from credit.scorecard.scale import Scale, bands_of_points

SCALE = Scale(points=600.0, odds=20.0, points_to_double=20.0)


@pytest.mark.parametrize(("odds", "points"), [(20, 600), (40, 620), (10, 580), (80, 640)])
def test_the_points_are_those_of_the_odds(odds, points):
    assert SCALE.score(1 / (1 + odds)) == pytest.approx(points)


def test_offset_and_factor_are_those_of_siddiqi():
    # Siddiqi 2006, ch. 6: 600 points at 30:1 and 20 to double give a factor of 28.8539 and an offset of 501.8622.
    scale = Scale(points=600.0, odds=30.0, points_to_double=20.0)
    assert scale.factor == pytest.approx(28.8539, abs=5e-5)
    assert scale.offset == pytest.approx(501.8622, abs=5e-5)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.floats(0.1, 500))
def test_a_score_leads_back_to_its_pd(pds, points, odds, points_to_double):
    scale = Scale(points=points, odds=odds, points_to_double=points_to_double)
    assert scale.pd_at(scale.score(pds)) == pytest.approx(pds, rel=1e-6)


@given(st.floats(1e-6, 1 - 1e-6))
def test_the_lowest_approved_score_is_the_first_whole_one_below_the_cutoff(cutoff):
    lowest = SCALE.lowest_approved(cutoff)
    assert lowest == round(lowest)
    assert SCALE.pd_at(lowest) < cutoff
    assert SCALE.pd_at(lowest - 1) >= cutoff * (1 - 1e-12)


def test_a_whole_score_at_the_cutoff_is_rejected():
    assert SCALE.lowest_approved(0.5) == np.floor(SCALE.offset) + 1
    even = Scale(points=500.0, odds=1.0, points_to_double=20.0)
    assert even.lowest_approved(0.5) == 501


@pytest.mark.parametrize(("cutoff", "lowest"), [(0.0, np.inf), (1.0, -np.inf), (1.01, -np.inf)])
def test_a_cutoff_at_the_ends_approves_nobody_or_everyone(cutoff, lowest):
    assert SCALE.lowest_approved(cutoff) == lowest


@pytest.fixture
def scored():
    generator = np.random.default_rng(2)
    pds = generator.beta(1.2, 2.5, 500)
    return (generator.random(500) < pds).astype(int), pds


@pytest.mark.parametrize("cutoff", [0.0, 0.01, 1 / 6, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("points_to_double", [0.3, 7.0, 20.0, 50.0])
def test_bands_hold_every_whole_score_once_and_decide_by_the_cutoff(scored, cutoff, points_to_double):
    scale = Scale(points=600.0, odds=20.0, points_to_double=points_to_double)
    table = bands_of_points(*scored, scale, cutoff)
    assert table["order"].tolist() == list(range(len(table)))
    assert np.isnan(table["start"].iloc[0])
    assert np.isnan(table["end"].iloc[-1])
    assert (table["start"].to_numpy()[1:] == table["end"].to_numpy()[:-1] + 1).all()
    assert (table["start"].dropna() == table["start"].dropna().round()).all()
    assert 2 <= len(table) <= 13
    lowest = scale.lowest_approved(cutoff)
    for band in table.itertuples():
        ends = [end for end in (band.start, band.end) if not np.isnan(end)]
        assert {end >= lowest for end in ends} == {band.decision == "approve"}
    scores = np.round(scale.score(scored[1]))
    expected = pd.Series(scores >= lowest).map({True: "approve", False: "reject"}).value_counts()
    found = table.groupby("decision")["n"].sum()
    assert found[found > 0].to_dict() == expected.to_dict()


def test_bands_count_their_applicants_with_an_interval(scored):
    bad, pds = scored
    table = bands_of_points(bad, pds, SCALE, 1 / 6)
    scores = np.round(SCALE.score(pds))
    assert table["n"].sum() == 500
    assert table["bad"].sum() == bad.sum()
    for band in table.itertuples():
        own = ~(scores < band.start) & ~(scores > band.end)
        assert (band.n, band.bad) == (own.sum(), bad[own].sum())
        assert [band.low, band.high] == pytest.approx([float(end) for end in wilson(band.bad, band.n)])
        assert band.bad_rate == pytest.approx(band.bad / band.n)


def test_bands_say_their_pds_and_their_points(scored):
    table = bands_of_points(*scored, SCALE, 1 / 6)
    assert table["pd_highest"].iloc[0] == 1
    assert table["pd_lowest"].iloc[-1] == 0
    assert table["pd_highest"].to_numpy()[1:] == pytest.approx(SCALE.pd_at(table["start"].to_numpy()[1:]))
    assert table["pd_lowest"].to_numpy()[:-1] == pytest.approx(SCALE.pd_at(table["end"].to_numpy()[:-1]))
    assert (table["pd_highest"] > table["pd_lowest"]).all()
    names = table["band"].tolist()
    assert names[0].startswith("up to ")
    assert names[-1].endswith(" or more")
    assert all(" to " in name for name in names[1:-1])


def test_pds_of_nought_and_one_have_a_band_and_the_tails_are_gathered(scored):
    table = bands_of_points(np.array([0, 1, 0, 1]), np.array([0.0, 1.0, 0.2, 0.6]), SCALE, 0.3)
    assert table["n"].iloc[0] >= 1
    assert table["n"].sum() == 4
    bad, pds = scored
    assert len(bands_of_points(np.append(bad, [0, 1]), np.append(pds, [1e-12, 1 - 1e-12]), SCALE, 0.2)) <= 13
