"""What a cutoff does to a population, against repeated applicants and a bootstrap; score bands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from credit.core.intervals import bootstrap, wald
from credit.cutoff.approvals import (
    approval_rate,
    as_cheap_as,
    bad_rate_of_approved,
    cost_at,
    cost_on_grid,
    population_mean,
    saved_at,
    score_bands,
    upper_ends,
)
from credit.metrics.decision import Cost, best_cutoff, expected_cost
from tests.credit.strategies import both_kinds

COST = Cost(accept_bad=5, reject_good=1)
METRICS = {"cost", "approved", "bad_rate_approved"}


def scored(n: int, seed: int, repeats: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes, and PDs that are calibrated but for a little noise in each repeat."""
    generator = np.random.default_rng(seed)
    chance = generator.beta(1.5, 3.5, n)
    noise = generator.normal(scale=0.03, size=(repeats, n))
    return (generator.random(n) < chance).astype(int), np.clip(chance + noise, 0.001, 0.999)


def at(bad, pds, cutoff, bad_rate) -> dict:
    return {
        "cost": cost_at(bad, pds, cutoff, COST, bad_rate),
        "approved": approval_rate(bad, pds, cutoff, bad_rate),
        "bad_rate_approved": bad_rate_of_approved(bad, pds, cutoff, bad_rate),
    }


@given(both_kinds(20, 40), st.floats(0.01, 1))
def test_in_a_population_like_the_applicants_it_is_what_happens_to_these(case, cutoff):
    bad, pds = case
    found = at(bad, pds[None], cutoff, bad.mean())
    approved = pds < cutoff
    assert found["cost"].mean == pytest.approx(expected_cost(bad, pds, cutoff, COST))
    assert found["approved"].mean == pytest.approx(approved.mean())
    if approved.any():
        assert found["bad_rate_approved"].mean == pytest.approx(bad[approved].mean())


@pytest.mark.parametrize("times", [1, 2, 7])
def test_another_bad_rate_is_that_of_applicants_who_come_more_often(times):
    bad, pds = scored(80, 3)
    rows = np.concatenate([np.flatnonzero(bad == 0), np.tile(np.flatnonzero(bad == 1), times)])
    more_bad, more_pds = bad[rows], pds[0][rows]
    found = at(bad, pds, 0.3, more_bad.mean())
    assert found["cost"].mean == pytest.approx(expected_cost(more_bad, more_pds, 0.3, COST))
    assert found["approved"].mean == pytest.approx((more_pds < 0.3).mean())
    assert found["bad_rate_approved"].mean == pytest.approx(more_bad[more_pds < 0.3].mean())


@pytest.mark.parametrize("rate", [0.3, 0.05])
def test_intervals_are_those_of_a_bootstrap_of_applicants(rate):
    bad, pds = scored(600, 5, repeats=2)

    def metrics(bad, pds):
        bads, goods = np.mean(pds[bad == 1] < 0.3), np.mean(pds[bad == 0] < 0.3)  # of both repeats
        approved = rate * bads + (1 - rate) * goods
        cost = 5 * rate * bads + (1 - rate) * (1 - goods)
        return {"cost": cost, "approved": approved, "bad_rate_approved": rate * bads / approved}

    drawn = bootstrap(metrics, bad, pds.T, draws=2000, seed=1)
    for name, found in at(bad, pds, 0.3, rate).items():
        assert found.mean == pytest.approx(drawn[name].mean, rel=0.02)
        assert found.se == pytest.approx(drawn[name].se, rel=0.06), name
        assert (found.low, found.high) == pytest.approx((drawn[name].low, drawn[name].high), abs=0.25 * found.se + 1e-3)


def test_an_applicant_in_many_repeats_is_no_new_evidence():
    bad, pds = scored(100, 6)
    once, often = (at(bad, np.repeat(pds, repeats, axis=0), 0.3, 0.2) for repeats in (1, 50))
    for name in METRICS:
        assert often[name] == pytest.approx(once[name])


def test_a_mean_over_a_population_by_hand():
    # Bads have 1 and 3 (mean 2, variance 2, over 2 of them 1), goods 0, 0 and 3 (mean 1, variance 3, over 3 of them 1).
    found = population_mean(np.array([1, 3, 0, 0, 3]), np.array([1, 1, 0, 0, 0]), 0.1)
    assert found[:2] == pytest.approx((0.1 * 2 + 0.9 * 1, np.sqrt(0.01 + 0.81)))
    assert (found.low, found.high) == pytest.approx((1.1 - 1.959964 * found.se, 1.1 + 1.959964 * found.se))


def test_a_single_bad_applicant_has_no_standard_error():
    found = population_mean(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 0]), 0.5)
    assert found.mean == 2
    assert np.isnan(found[1:]).all()


def test_a_population_without_bads_is_that_of_the_goods():
    bad, values = np.zeros(4, dtype=int), np.array([1.0, 2.0, 3.0, 6.0])
    assert population_mean(values, bad, 0.0) == wald(3.0, values.std(ddof=1) / 2)


def test_intervals_stay_within_what_is_possible():
    bad, pds = np.array([0, 0, 0, 1, 1]), np.array([[0.1, 0.2, 0.6, 0.15, 0.9]])
    for cutoff in (0.12, 0.18, 0.5, 0.7):
        found = at(bad, pds, cutoff, 0.4)
        assert found["cost"].low >= 0
        for name in ("approved", "bad_rate_approved"):
            assert 0 <= found[name].low <= found[name].mean <= found[name].high <= 1


def test_no_bad_among_the_approved_is_no_proof_that_there_are_none():
    bad, pds = np.array([0] * 8 + [1] * 4), np.array([[0.1] * 6 + [0.8] * 6])
    found = bad_rate_of_approved(bad, pds, 0.5, 1 / 3)
    wilson = binomtest(0, 6).proportion_ci(method="wilson")
    assert (found.mean, found.low, found.high) == pytest.approx((0, 0, wilson.high))
    found = bad_rate_of_approved(1 - bad, pds, 0.5, 2 / 3)  # and the other way round
    assert (found.mean, found.low, found.high) == pytest.approx((1, 1 - wilson.high, 1))


def test_nobody_approved_has_no_bad_rate():
    bad, pds = scored(30, 7)
    assert np.isnan(bad_rate_of_approved(bad, pds, 0.0, 0.3)).all()
    assert approval_rate(bad, pds, 0.0, 0.3) == (0, 0, 0, 0)


def test_savings_are_paired():
    bad, pds = scored(300, 8, repeats=2)
    saved = saved_at(bad, pds, 0.2, 0.22, COST, 0.3)
    one, other = (cost_at(bad, pds, cutoff, COST, 0.3) for cutoff in (0.2, 0.22))
    assert saved.mean == pytest.approx(other.mean - one.mean)
    assert saved.se < 0.5 * min(one.se, other.se)  # most applicants are treated alike at both
    back = saved_at(bad, pds, 0.22, 0.2, COST, 0.3)
    assert (back.mean, back.low, back.high) == pytest.approx((-saved.mean, -saved.high, -saved.low))
    assert saved_at(bad, pds, 0.2, 0.2, COST, 0.3) == (0, 0, 0, 0)


@given(both_kinds(20, 40))
def test_the_grid_runs_from_rejecting_to_accepting_everyone(case):
    bad, pds = case
    found = cost_on_grid(bad, pds[None], COST)
    assert found.iloc[0][["cutoff", "approved"]].to_list() == [0, 0]
    assert found["cost"].iloc[0] == pytest.approx(1 - bad.mean())
    assert found["approved"].iloc[-1] == 1
    assert found["cost"].iloc[-1] == pytest.approx(5 * bad.mean())
    assert found["cutoff"].between(0, 1).all()
    assert list(found["order"]) == list(range(len(found)))
    # Fewer PDs than points: every decision that there can be is there, the cheapest too.
    assert found["cost"].min() == pytest.approx(expected_cost(bad, pds, best_cutoff(bad, pds, COST), COST))


def test_the_grid_of_a_large_table_is_small_and_its_rows_are_those_of_its_cutoffs():
    bad, pds = scored(3000, 9, repeats=2)
    found = cost_on_grid(bad, pds, COST, points=51)
    assert len(found) <= 53
    row = found.iloc[20]
    assert row[["cost", "se", "low", "high"]].to_list() == list(cost_at(bad, pds, row["cutoff"], COST, bad.mean()))
    assert row["approved"] == np.mean(pds < row["cutoff"]) == pytest.approx(19 / 50, abs=0.01)


def test_cutoffs_outside_the_range_are_proved_dearer():
    bad, pds = scored(800, 10, repeats=2)
    low, high = as_cheap_as(bad, pds, 1 / 6, COST, bad.mean())
    assert 0 < low < 1 / 6 < high < 1
    for cutoff in (low, high):
        assert saved_at(bad, pds, 1 / 6, cutoff, COST, bad.mean()).low <= 0
    for cutoff in (0.5 * low, 1.3 * high, 0.0, 1.0):
        assert saved_at(bad, pds, 1 / 6, cutoff, COST, bad.mean()).low > 0


def test_a_cutoff_is_as_cheap_as_itself_even_if_it_is_the_dearest():
    bad, pds = np.repeat([0, 1], 50), np.concatenate([np.linspace(0.1, 0.3, 50), np.linspace(0.6, 0.8, 50)])[None]
    low, high = as_cheap_as(bad, pds, 0.5, COST, 0.5)
    assert low <= 0.5 <= high


@pytest.mark.slow
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


@pytest.mark.slow
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
    nobody = score_bands(np.array([0, 1]), np.array([0.5, 0.7]), np.array([0.2, 0.8])).iloc[0]
    assert (nobody["approved"], np.isnan(nobody["bad_rate_approved"])) == (0, True)


def test_a_constant_score_and_a_single_applicant_are_one_band():
    assert upper_ends(np.full(7, 0.3), 10).tolist() == [0.3]
    assert upper_ends(np.array([0.4]), 10).tolist() == [0.4]
    found = score_bands(np.array([1]), np.array([0.4]), np.array([0.4]))
    assert found[["n", "bad", "bad_rate", "approved"]].to_numpy().tolist() == [[1, 1, 1, 1]]
