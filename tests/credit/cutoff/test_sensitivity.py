"""Tests of how the best cutoff moves: identities, Bayes' rule, and populations made by repeating applicants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from credit.cutoff.sensitivity import METRICS, by_bad_rate, by_cost_ratio, shifted_cost, shifted_pd
from credit.metrics.decision import Cost, best_cutoff, expected_cost, stable_cutoff

COST = Cost(accept_bad=5, reject_good=1)
SHARE = st.floats(0.01, 0.99)


@pytest.fixture(scope="module")
def oof() -> pd.DataFrame:
    """Give calibrated PDs of 500 applicants in two repeats; 150 are bad."""
    generator = np.random.default_rng(7)
    bad = (np.arange(500) < 150).astype(int)
    score = generator.normal(1.2 * bad)
    chance = 0.3 * norm.pdf(score, 1.2) / (0.3 * norm.pdf(score, 1.2) + 0.7 * norm.pdf(score, 0))
    pds = np.clip(np.tile(chance, 2) + generator.normal(scale=0.01, size=1000), 0.001, 0.999)
    return pd.DataFrame({"line": np.tile(np.arange(500), 2), "bad": np.tile(bad, 2), "pd": pds})


def wide(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    return table.pivot(index=scenario, columns="metric", values="mean")


def test_today_is_among_the_scenarios_and_nothing_is_saved_there(oof):
    today = stable_cutoff(oof, COST)
    for table, scenario, own in (
        (by_cost_ratio(oof, COST, today, [2, 8]), "cost_ratio", 5),
        (by_bad_rate(oof, COST, today, [0.1, 0.5]), "bad_rate", 0.3),
    ):
        assert table.loc[table["today"], scenario].unique().tolist() == [own]
        found = wide(table, scenario).loc[own]
        assert found["cutoff"] == pytest.approx(today)
        assert found["break_even_cutoff"] == pytest.approx(1 / 6)
        assert found["saved"] == 0
        assert found["cost"] == pytest.approx(found["cost_of_staying"])
        assert found["cost"] == pytest.approx(expected_cost(oof["bad"], oof["pd"], today, COST))
        assert found["approved"] == pytest.approx((oof["pd"] < today).mean())
        assert found["cost_without_model"] == pytest.approx(0.7)  # rejecting all; approving all costs 1.5


def test_scenarios_stand_in_order_once_each_with_all_metrics_and_n(oof):
    table = by_cost_ratio(oof, COST, 0.2, [8, 5, 2, 8])
    assert table["cost_ratio"].unique().tolist() == [2, 5, 8]
    assert table["metric"].to_list() == [*METRICS] * 3
    assert set(table["n"]) == {500}
    assert set(table["bad"]) == {150}
    measured = table[table["metric"].isin(["approved", "bad_rate_approved", "cost", "cost_of_staying", "saved"])]
    assert ((measured["low"] <= measured["mean"]) & (measured["mean"] <= measured["high"])).all()
    assert by_bad_rate(oof, COST, 0.2, [0.3])["bad_rate"].unique().tolist() == [0.3]


def test_each_ratio_is_judged_by_its_own_costs(oof):
    found = wide(by_cost_ratio(oof, Cost(accept_bad=10, reject_good=2), 0.2, [2, 8]), "cost_ratio")
    for ratio, row in found.iterrows():
        cost = Cost(accept_bad=2 * ratio, reject_good=2)  # rejecting a good one costs what it does today
        bad, pds = oof["bad"], oof["pd"]
        assert row["break_even_cutoff"] == pytest.approx(1 / (1 + ratio))
        assert row["cutoff"] == stable_cutoff(oof, cost)
        assert row["cost"] == pytest.approx(expected_cost(bad, pds, row["cutoff"], cost))
        assert row["cost_of_staying"] == pytest.approx(expected_cost(bad, pds, 0.2, cost))
        assert row["saved"] == pytest.approx(row["cost_of_staying"] - row["cost"])
        assert row["cost_without_model"] == pytest.approx(min(2 * ratio * 0.3, 2 * 0.7))
        assert row["bad_rate_approved"] == pytest.approx(bad[pds < row["cutoff"]].mean())
    assert found["cutoff"].is_monotonic_decreasing
    assert found["approved"].is_monotonic_decreasing


def test_another_bad_rate_is_that_of_applicants_who_come_more_often(oof):
    # Goods seven times: 150 bads among 150 + 7 * 350. Their PDs are moved by Bayes' rule, the costs are today's.
    bads, goods = oof[oof["bad"] == 1], oof[oof["bad"] == 0]
    rate = 150 / (150 + 7 * 350)
    population = pd.concat([bads, *[goods] * 7])
    moved = shifted_pd(population["pd"].to_numpy(), 0.3, rate)
    table = by_bad_rate(oof, COST, 0.2, [rate])
    found = wide(table, "bad_rate").loc[rate]
    assert found["shifted_cutoff"] == pytest.approx(shifted_pd(found["cutoff"], 0.3, rate))
    assert shifted_pd(found["break_even_cutoff"], 0.3, rate) == pytest.approx(1 / 6)
    rejected = moved >= found["shifted_cutoff"]
    bad = population["bad"].to_numpy()
    assert found["approved"] == pytest.approx(1 - rejected.mean())
    assert found["bad_rate_approved"] == pytest.approx(bad[~rejected].mean())
    assert found["cost"] == pytest.approx(expected_cost(bad, moved, found["shifted_cutoff"], COST))
    assert found["cost_of_staying"] == pytest.approx(expected_cost(bad, population["pd"].to_numpy(), 0.2, COST))
    # The cheapest cutoff is the same applicant's, whether PDs are moved or costs are.
    moved_best = best_cutoff(bad, moved, COST)
    as_if_best = best_cutoff(oof["bad"].to_numpy(), oof["pd"].to_numpy(), shifted_cost(COST, 0.3, rate))
    assert np.array_equal(moved >= moved_best, population["pd"] >= as_if_best)


@given(st.floats(-6, 6), SHARE, SHARE)
def test_shifted_pds_are_those_of_bayes_rule_with_the_other_prior(score, old, new):
    def posterior(prior):
        bads, goods = prior * norm.pdf(score, 1), (1 - prior) * norm.pdf(score, -1)
        return bads / (bads + goods)

    assert shifted_pd(posterior(old), old, new) == pytest.approx(posterior(new), abs=1e-12)


@given(st.floats(0, 1), SHARE, SHARE)
def test_shifting_there_and_back_changes_nothing(pds, old, new):
    assert shifted_pd(pds, old, old) == pytest.approx(pds)
    assert shifted_pd(shifted_pd(pds, old, new), new, old) == pytest.approx(pds)


@given(st.floats(0.1, 20), st.floats(0.1, 20), SHARE, SHARE)
def test_the_break_even_cutoff_is_that_on_the_shifted_scale(accept_bad, reject_good, old, new):
    cost = Cost(accept_bad=accept_bad, reject_good=reject_good)
    assert shifted_pd(shifted_cost(cost, old, new).break_even_cutoff, old, new) == pytest.approx(cost.break_even_cutoff)
    assert shifted_cost(cost, old, old) == cost


def test_certain_pds_stay_certain():
    assert shifted_pd(np.array([0.0, 1.0]), 0.3, 0.01).tolist() == [0, 1]
