"""Rates of groups and their comparison: by hand, by pandas, and where there are too few."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from credit.core.intervals import difference, proportion, ratio, wilson
from credit.fairness.rates import (
    BELOW,
    NOBODY,
    NOISE,
    PASSED,
    TOO_FEW,
    compare_groups,
    rates_by_group,
)

LIMITS = {"min_group_size": 1, "min_bads": 1, "min_goods": 1}


def decisions(rows: list[tuple[str, int, float, tuple[int, ...]]]) -> pd.DataFrame:
    """Build decisions from a row an applicant: group, bad, PD, and whether rejected in each repeat."""
    return pd.DataFrame(
        [
            {"line": line, "group": group, "bad": bad, "pd": pd_, "rejected": rejected}
            for line, (group, bad, pd_, repeats) in enumerate(rows, start=2)
            for rejected in repeats
        ]
    )


def group(name: str, *, goods: int, goods_rejected: int, bads: int, bads_rejected: int) -> list[tuple]:
    """Build applicants of one group, PD 0.3, one repeat."""
    return [
        *((name, 0, 0.3, (int(place < goods_rejected),)) for place in range(goods)),
        *((name, 1, 0.3, (int(place < bads_rejected),)) for place in range(bads)),
    ]


def compared(*groups: list[tuple], four_fifths: float = 0.8, **limits: int) -> pd.DataFrame:
    rates = rates_by_group(decisions([row for rows in groups for row in rows]), **{**LIMITS, **limits})
    return compare_groups(rates, four_fifths=four_fifths).set_index(["group", "metric"])


@pytest.fixture
def rates():
    """Four of one group, two repeats: 3 of 8 decisions reject; 2 bads in 4, of whose 4 decisions 3 reject."""
    table = decisions([("a", 1, 0.6, (1, 1)), ("a", 1, 0.4, (0, 1)), ("a", 0, 0.2, (0, 0)), ("a", 0, 0.1, (0, 0))])
    return rates_by_group(table, **LIMITS).set_index("metric")


def test_rates_by_hand(rates):
    assert rates["value"].to_dict() == pytest.approx(
        {
            "approval_rate": 5 / 8,
            "tpr": 3 / 4,
            "fpr": 0,
            "bad_rate": 1 / 2,
            "mean_pd": 1.3 / 4,
            "observed_minus_expected": 0.5 - 1.3 / 4,
        }
    )
    assert rates["n"].to_dict() == {**dict.fromkeys(rates.index, 4), "tpr": 2, "fpr": 2}
    assert rates["bad"].to_dict() == {**dict.fromkeys(rates.index, 2), "fpr": 0}


def test_intervals_are_those_of_their_formulas(rates):
    found = {metric: tuple(row) for metric, row in rates[["value", "low", "high"]].iterrows()}
    shares = {"approval_rate": (5 / 8, 4), "tpr": (3 / 4, 2), "fpr": (0, 2), "bad_rate": (1 / 2, 4)}
    for metric, (share, n) in shares.items():
        assert found[metric] == (share, *wilson(share * n, n))
    assert found["observed_minus_expected"] == pytest.approx([end - 1.3 / 4 for end in (1 / 2, *wilson(2, 4))])
    expected = stats.ttest_1samp([0.6, 0.4, 0.2, 0.1], 0).confidence_interval(0.95)
    assert found["mean_pd"] == pytest.approx((1.3 / 4, expected.low, expected.high))


applicants = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 1),
        st.floats(0, 1),
        st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.slow
@settings(max_examples=40)
@given(applicants)
def test_rates_are_those_of_pandas(rows):
    table = decisions(rows)
    found = rates_by_group(table, **LIMITS).pivot(index="group", columns="metric", values="value")
    by_applicant = table.groupby("line").agg(group=("group", "first"), bad=("bad", "first"), no=("rejected", "mean"))
    of_group = by_applicant.groupby("group")["no"].mean()
    assert found["approval_rate"].to_dict() == pytest.approx((1 - of_group).to_dict())
    for metric, outcome in (("tpr", 1), ("fpr", 0)):
        expected = by_applicant[by_applicant["bad"] == outcome].groupby("group")["no"].mean()
        assert found[metric].to_dict() == pytest.approx(expected.reindex(found.index).to_dict(), nan_ok=True)


def test_repeating_the_cross_validation_adds_no_applicants(rates):
    table = decisions([("a", 1, 0.6, (1,)), ("a", 0, 0.2, (0,)), ("b", 0, 0.3, (1,)), ("b", 1, 0.1, (0,))])
    twice = pd.concat([table, table])
    pd.testing.assert_frame_equal(rates_by_group(twice, **LIMITS), rates_by_group(table, **LIMITS))


def test_a_rate_of_nobody_is_unknown_and_says_so():
    found = rates_by_group(decisions(group("a", goods=9, goods_rejected=0, bads=0, bads_rejected=0)), **LIMITS)
    tpr = found.set_index("metric").loc["tpr"]
    assert tpr[["value", "low", "high"]].isna().all()
    assert (tpr["n"], tpr["verdict"], tpr["reason"]) == (0, TOO_FEW, "0 bad applicants, fewer than 1")


def test_one_applicant_has_no_interval_of_a_mean_pd():
    found = rates_by_group(decisions([("a", 0, 0.2, (0,))]), **LIMITS).set_index("metric").loc["mean_pd"]
    assert found["value"] == 0.2
    assert np.isnan(found["low"])
    assert np.isnan(found["high"])


def test_a_group_below_the_limit_is_given_but_not_judged():
    rows = group("a", goods=20, goods_rejected=5, bads=9, bads_rejected=6)
    found = rates_by_group(decisions(rows), min_group_size=30, min_bads=5, min_goods=5)
    assert set(found["verdict"]) == {TOO_FEW}
    assert set(found["reason"]) == {"29 applicants, fewer than 30"}
    assert found[["value", "low", "high"]].notna().all(axis=None)
    enough = rates_by_group(decisions(rows), min_group_size=29, min_bads=9, min_goods=9)
    assert not (enough["verdict"] == TOO_FEW).any()
    assert set(enough["reason"]) == {""}


def test_too_few_of_an_outcome_silence_its_rate_only():
    rows = group("a", goods=9, goods_rejected=5, bads=40, bads_rejected=6)
    found = rates_by_group(decisions(rows), min_group_size=30, min_bads=40, min_goods=10).set_index("metric")
    assert list(found.index[found["verdict"] == TOO_FEW]) == ["fpr"]
    assert found.loc["fpr", "reason"] == "9 good applicants, fewer than 10"
    found = rates_by_group(decisions(rows), min_group_size=30, min_bads=41, min_goods=9).set_index("metric")
    assert found.loc[["tpr", "fpr"], "reason"].to_list() == ["40 bad applicants, fewer than 41", ""]


@pytest.mark.parametrize(("bads", "verdict"), [(5, "PDs too high"), (27, NOISE), (33, NOISE), (60, "PDs too low")])
def test_calibration_is_judged_by_its_interval(bads, verdict):
    rows = group("a", goods=100 - bads, goods_rejected=0, bads=bads, bads_rejected=0)  # PD 0.3 each
    found = rates_by_group(decisions(rows), **LIMITS).set_index("metric")
    assert found.loc["observed_minus_expected", "verdict"] == verdict
    assert set(found["verdict"].drop("observed_minus_expected")) == {""}


A = group("a", goods=140, goods_rejected=20, bads=60, bads_rejected=40)  # 140 of 200 approved


def test_groups_are_compared_with_the_one_approved_most():
    found = compared(group("b", goods=70, goods_rejected=40, bads=30, bads_rejected=27), A)
    assert set(found["against"]) == {"a"}
    assert set(found.index.get_level_values("group")) == {"b"}
    expected = {
        "approval_ratio": ratio(proportion(0.33, 100), proportion(0.7, 200)),
        "tpr_difference": difference(proportion(0.9, 30), proportion(2 / 3, 60)),
        "fpr_difference": difference(proportion(4 / 7, 70), proportion(1 / 7, 140)),
    }
    for metric, estimate in expected.items():
        row = tuple(found.loc[("b", metric), ["value", "low", "high"]])
        assert row == pytest.approx((estimate.mean, estimate.low, estimate.high))
    assert found["verdict"].to_list() == [BELOW, "higher", "higher"]
    assert found["n"].to_list() == [100, 30, 70]
    assert found["n_against"].to_list() == [200, 60, 140]


@pytest.mark.parametrize(("rejected", "verdict"), [(150, BELOW), (90, NOISE), (80, NOISE), (62, PASSED)])
def test_four_fifths_is_judged_by_the_whole_interval(rejected, verdict):
    found = compared(A, group("b", goods=200, goods_rejected=rejected, bads=0, bads_rejected=0)).loc["b"]
    assert found.loc["approval_ratio", "verdict"] == verdict
    lenient = compared(A, group("b", goods=200, goods_rejected=rejected, bads=0, bads_rejected=0), four_fifths=0.2)
    assert lenient.loc[("b", "approval_ratio"), "verdict"] == PASSED


def test_a_small_group_is_compared_but_is_neither_judged_nor_compared_with():
    small = group("small", goods=20, goods_rejected=0, bads=2, bads_rejected=0)  # all approved
    found = compared(A, small, min_group_size=30, min_bads=10, min_goods=10)
    assert set(found.index.get_level_values("group")) == {"small"}
    assert set(found["against"]) == {"a"}
    assert found["value"].iloc[0] == pytest.approx(1 / 0.7)
    assert set(found["verdict"]) == {TOO_FEW}
    assert set(found["reason"]) == {"22 applicants, fewer than 30"}


def test_too_few_of_an_outcome_on_the_other_side_are_named_with_their_group():
    few_bads = group("best", goods=100, goods_rejected=0, bads=3, bads_rejected=3)
    found = compared(A, few_bads, min_group_size=30, min_bads=10, min_goods=10).loc["a"]
    assert found["verdict"].to_list() == [PASSED if found["low"].iloc[0] > 0.8 else BELOW, TOO_FEW, "higher"]
    assert found.loc["tpr_difference", "reason"] == "best: 3 bad applicants, fewer than 10"


def test_where_no_group_has_enough_none_is_compared():
    found = compared(A, group("b", goods=3, goods_rejected=1, bads=3, bads_rejected=1), min_group_size=1000)
    assert set(found["verdict"]) == {TOO_FEW}
    assert set(found["reason"]) == {"no group has enough applicants"}
    assert found["value"].isna().all()
    assert set(found.index.get_level_values("group")) == {"a", "b"}


def test_one_group_is_compared_with_none():
    assert compared(A).empty
    assert compared(A, min_group_size=1000).empty


def test_where_nobody_is_approved_there_is_no_ratio():
    nobody = [group(name, goods=40, goods_rejected=40, bads=20, bads_rejected=20) for name in "ab"]
    found = compared(*nobody).loc["b"]
    assert found.loc["approval_ratio", "verdict"] == NOBODY
    assert np.isnan(found.loc["approval_ratio", "value"])
    assert found.loc["fpr_difference", "verdict"] == NOISE


def test_of_equal_groups_the_first_is_compared_with():
    assert set(compared([(f"z{row[0]}", *row[1:]) for row in A], A)["against"]) == {"a"}
