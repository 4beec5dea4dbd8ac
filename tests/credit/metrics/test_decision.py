"""Tests of the cost of decisions and of the cutoff that they lead to."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from credit.core.errors import InputError
from credit.core.records import check
from credit.metrics.decision import (
    Cost,
    Decision,
    best_cutoff,
    choose_cutoff,
    cost_by_cutoff,
    cross_fitted_cutoffs,
    expected_cost,
    stable_cutoff,
    youden_cutoff,
)
from credit.metrics.metrics import headline
from tests.credit.strategies import both_kinds

FIVE_TO_ONE = Cost(accept_bad=5, reject_good=1)


@st.composite
def scored(draw):
    """Outcomes, PDs with many ties, and a cost."""
    rows = draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=30))
    costs = st.floats(0.1, 10)
    bad, tenths = np.array(rows).T
    return bad, tenths / 10, Cost(accept_bad=draw(costs), reject_good=draw(costs))


def test_expected_cost_by_hand():
    bad, pds = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.1, 0.9, 0.2, 0.3])
    # At 0.3 the second is wrongly accepted (5), the third and fifth wrongly rejected (1 each): 7 over 5.
    assert expected_cost(bad, pds, 0.3, FIVE_TO_ONE) == pytest.approx(7 / 5)


@given(scored())
def test_cost_by_cutoff_is_the_expected_cost_at_each_cutoff(case):
    bad, pds, cost = case
    cutoffs, costs = cost_by_cutoff(bad, pds, cost)
    assert (np.diff(cutoffs) > 0).all()
    assert len(cutoffs) == len(np.unique(pds)) + 1
    assert costs == pytest.approx([expected_cost(bad, pds, cutoff, cost) for cutoff in cutoffs])


@given(scored())
def test_best_cutoff_is_the_brute_force_minimum(case):
    bad, pds, cost = case
    everywhere = [expected_cost(bad, pds, cutoff, cost) for cutoff in np.linspace(0, 1.05, 106)]
    assert expected_cost(bad, pds, best_cutoff(bad, pds, cost), cost) == pytest.approx(min(everywhere))


@given(scored())
def test_no_cutoff_of_equal_cost_is_nearer_to_the_break_even_one(case):
    bad, pds, cost = case
    cutoffs, costs = cost_by_cutoff(bad, pds, cost)
    distance = np.abs(cutoffs - cost.break_even_cutoff)
    chosen = abs(best_cutoff(bad, pds, cost) - cost.break_even_cutoff)
    assert chosen == distance[costs <= costs.min() + 1e-12].min()


def test_calibrated_pds_give_the_break_even_cutoff():
    # PDs 1/120, 3/120, ... 119/120 with 120 applicants each, exactly that share of them bad: rejecting pays
    # above 20/120, and the cutoff halfway between 19/120 and 21/120 is 1/6 itself. (Elkan 2001.)
    shares = np.arange(1, 120, 2)
    bad = np.concatenate([np.arange(120) < share for share in shares]).astype(int)
    pds = np.repeat(shares / 120, 120)
    assert FIVE_TO_ONE.break_even_cutoff == pytest.approx(1 / 6)
    assert best_cutoff(bad, pds, FIVE_TO_ONE) == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("cost", "kinds", "expected"),
    [
        (Cost(accept_bad=2, reject_good=1), [1, 0, 0], 0.2),  # break-even cutoff 1/3
        (Cost(accept_bad=1, reject_good=2), [1, 1, 0], 0.6),  # break-even cutoff 2/3
    ],
)
def test_ties_go_to_the_cutoff_nearest_the_break_even_one(cost, kinds, expected):
    # At a PD of 0.3 stand bads and goods that cost the same accepted as rejected: 0.2 and 0.6 are as cheap.
    bad, pds = np.array([0, *kinds, 1]), np.array([0.1, 0.3, 0.3, 0.3, 0.9])
    assert best_cutoff(bad, pds, cost) == pytest.approx(expected)


def test_nobody_is_rejected_where_all_are_good_and_everybody_where_all_are_bad():
    pds = np.array([0.2, 0.7, 1.0])
    assert not (pds >= best_cutoff(np.zeros(3, dtype=int), pds, FIVE_TO_ONE)).any()
    assert (pds >= best_cutoff(np.ones(3, dtype=int), pds, FIVE_TO_ONE)).all()


@pytest.mark.parametrize("lower", [0.3, np.nextafter(0.3, 1)])  # halfway is rounded down to one, and up from the other
def test_neighbouring_floats_are_told_apart(lower):
    pds = np.array([lower, np.nextafter(lower, 1)])
    assert list(pds >= best_cutoff(np.array([0, 1]), pds, FIVE_TO_ONE)) == [False, True]


@pytest.mark.parametrize("wrong", [-5, 0, "five", float("inf"), None])
def test_a_cost_that_is_not_positive_is_refused(wrong):
    with pytest.raises(InputError, match=r"^params.yaml: 'cost.accept_bad' must be .*, got .*$"):
        check(Decision, {"cost": {"accept_bad": wrong, "reject_good": 1}}, "params.yaml")


def judged(bad, pds) -> pd.DataFrame:
    return pd.DataFrame({"line": np.arange(len(bad)), "fold": 0, "bad": bad, "pd": pds})


def test_the_stable_cutoff_is_nearer_to_the_right_one_where_pds_are_calibrated():
    reach = []
    for seed in range(30):
        generator = np.random.default_rng(seed)
        pds = generator.uniform(0, 0.5, 400)
        bad = (generator.random(400) < pds).astype(int)
        cutoffs = best_cutoff(bad, pds, FIVE_TO_ONE), stable_cutoff(judged(bad, pds), FIVE_TO_ONE)
        reach.append([abs(cutoff - FIVE_TO_ONE.break_even_cutoff) for cutoff in cutoffs])
    of_best, of_stable = np.mean(reach, axis=0)
    assert of_stable < 0.9 * of_best


def test_the_stable_cutoff_follows_the_cost_where_pds_are_far_from_calibrated():
    generator = np.random.default_rng(8)
    pds = generator.uniform(0, 0.5, 400)
    bad = (generator.random(400) < pds).astype(int)
    too_high = 0.5 + pds  # every PD is above the break-even cutoff: by it, everyone would be rejected
    assert stable_cutoff(judged(bad, too_high), FIVE_TO_ONE) == best_cutoff(bad, too_high, FIVE_TO_ONE)


def test_the_cheapest_cutoff_is_followed_only_if_it_saves_more_than_noise():
    # 4 of 10 goods lie between 1/6 and 0.25: it saves 0.4 an applicant, standard error 0.16.
    bad, pds = np.repeat([0, 0, 1], [4, 4, 2]), np.repeat([0.2, 0.1, 0.3], [4, 4, 2])
    assert stable_cutoff(judged(bad, pds), FIVE_TO_ONE) == pytest.approx(0.25)
    # 2 of 10: 0.2 an applicant, standard error 0.13.
    bad, pds = np.repeat([0, 0, 1], [2, 6, 2]), np.repeat([0.2, 0.1, 0.3], [2, 6, 2])
    assert best_cutoff(bad, pds, FIVE_TO_ONE) == pytest.approx(0.25)
    assert stable_cutoff(judged(bad, pds), FIVE_TO_ONE) == FIVE_TO_ONE.break_even_cutoff
    # 3 of 20: 0.15 an applicant, standard error 0.08: 1.83 of them.
    bad, pds = np.repeat([0, 0, 1], [3, 13, 4]), np.repeat([0.2, 0.1, 0.3], [3, 13, 4])
    assert best_cutoff(bad, pds, FIVE_TO_ONE) == pytest.approx(0.25)
    assert stable_cutoff(judged(bad, pds), FIVE_TO_ONE) == FIVE_TO_ONE.break_even_cutoff
    # 0.36 saves 6 goods and costs a bad, 1 / 20 an applicant, standard error 0.27; repeats make it no surer.
    bad, pds = np.repeat([0, 1, 1, 0], [6, 1, 2, 11]), np.repeat([0.22, 0.2, 0.5, 0.1], [6, 1, 2, 11])
    assert best_cutoff(bad, pds, FIVE_TO_ONE) == pytest.approx(0.36)
    for repeats in (1, 100):
        table = pd.concat([judged(bad, pds)] * repeats)
        assert stable_cutoff(table, FIVE_TO_ONE) == FIVE_TO_ONE.break_even_cutoff


@given(both_kinds(20, 60))
def test_the_youden_cutoff_has_the_largest_difference_of_the_rejection_rates(case):
    bad, pds = case
    cutoff = youden_cutoff(bad, pds)
    reached = np.mean(pds[bad == 1] >= cutoff) - np.mean(pds[bad == 0] >= cutoff)
    everywhere = [np.mean(pds[bad == 1] >= at) - np.mean(pds[bad == 0] >= at) for at in np.linspace(0, 1.05, 43)]
    assert reached == pytest.approx(max(everywhere)) == pytest.approx(headline(bad, pds, cutoff, FIVE_TO_ONE)["ks"])


def test_the_youden_cutoff_equals_scikit_learn_where_one_is_best():
    generator = np.random.default_rng(5)
    bad = (np.arange(300) < 90).astype(int)
    pds = generator.beta(1 + bad, 3)
    fpr, tpr, thresholds = roc_curve(bad, pds, drop_intermediate=False)
    best = np.argmax(tpr - fpr)
    assert thresholds[best + 1] < youden_cutoff(bad, pds) <= thresholds[best]


def test_of_equal_youden_cutoffs_that_nearest_the_bad_rate_is_taken():
    # 0.35 and 0.75 both reject half of the bads more than of the goods; half of the applicants are bad.
    bad, pds = np.array([0, 1, 0, 1]), np.array([0.1, 0.45, 0.6, 0.9])
    assert youden_cutoff(bad, pds) == pytest.approx(0.275)
    assert youden_cutoff(np.repeat(bad, [1, 1, 1, 1]), pds + 0.09) == pytest.approx(0.365)


@pytest.mark.parametrize(("kind", "said"), [(0, "got 3, all good"), (1, "got 3, all bad")])
def test_one_kind_of_applicants_has_no_youden_cutoff(kind, said):
    with pytest.raises(InputError, match=f"expected good and bad applicants, {said}$"):
        youden_cutoff(np.full(3, kind), np.array([0.1, 0.2, 0.3]))


def held_out_in_two_repeats() -> pd.DataFrame:
    """Draw PDs that are half of what they should be, so that the ways to choose a cutoff part."""
    generator = np.random.default_rng(3)
    chance = np.tile(generator.uniform(0, 0.8, 300), 2)
    bad = np.tile((generator.random(300) < chance[:300]).astype(int), 2)
    lines = np.arange(300)
    fold = np.concatenate([lines % 3, 3 + generator.permutation(lines % 3)])
    return pd.DataFrame({"fold": fold, "line": np.tile(lines, 2), "bad": bad, "pd": chance / 2})


def test_the_params_say_how_the_cutoff_is_chosen():
    oof = held_out_in_two_repeats()
    bad, pds = oof["bad"].to_numpy(), oof["pd"].to_numpy()
    by_cost, by_youden = Decision(cost=FIVE_TO_ONE), Decision(cost=FIVE_TO_ONE, cutoff="youden")
    assert choose_cutoff(oof, by_cost) == stable_cutoff(oof, FIVE_TO_ONE)
    assert choose_cutoff(oof, by_youden) == youden_cutoff(bad, pds)
    assert choose_cutoff(oof, by_cost) < choose_cutoff(oof, by_youden)
    for decision in (by_cost, by_youden):
        cutoffs = cross_fitted_cutoffs(oof, decision)
        for fold, rows in oof.groupby("fold"):
            assert cutoffs[fold] == choose_cutoff(oof[~oof["line"].isin(rows["line"])], decision)


def test_the_youden_cutoff_does_not_depend_on_the_costs():
    oof = held_out_in_two_repeats()
    decisions = [Decision(cost=Cost(accept_bad=dear, reject_good=1), cutoff="youden") for dear in (1, 20)]
    one, other = (choose_cutoff(oof, decision) for decision in decisions)
    assert one == other


def test_a_cutoff_by_anything_else_is_refused():
    params = {"cost": {"accept_bad": 5, "reject_good": 1}, "cutoff": "auc"}
    with pytest.raises(InputError, match=r"^params.yaml: 'cutoff' must be 'cost' or 'youden', got 'auc'$"):
        check(Decision, params, "params.yaml")


def test_cross_fitted_cutoffs_do_not_depend_on_the_applicants_they_judge():
    generator = np.random.default_rng(3)
    lines = np.arange(60)
    oof = pd.DataFrame(
        {
            "fold": np.concatenate([lines % 3, 3 + generator.permutation(lines % 3)]),
            "line": np.tile(lines, 2),
            "bad": np.tile((generator.random(60) < 0.4).astype(int), 2),
            "pd": generator.random(120),
        }
    )
    before = cross_fitted_cutoffs(oof, Decision(cost=FIVE_TO_ONE))
    assert list(before.index) == [0, 1, 2, 3, 4, 5]
    judged = oof.loc[oof["fold"] == 2, "line"]
    swapped = oof.assign(bad=oof["bad"].where(~oof["line"].isin(judged), 1 - oof["bad"]))
    after = cross_fitted_cutoffs(swapped, Decision(cost=FIVE_TO_ONE))
    assert after[2] == before[2]  # although these applicants stand in the other repeat too
    assert (after != before).any()
