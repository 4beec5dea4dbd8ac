"""Checks of how protected groups are decided on."""

import pytest

from credit.check.groups import four_fifths, groups_large_enough
from credit.fairness.rates import BELOW, NOBODY, NOISE, PASSED, TOO_FEW
from tests.credit.check.reasons import unrecorded


def rate(group: str, metric: str = "approval_rate", n: int = 60, too_few: bool = False, column: str = "age") -> dict:
    reason = f"{n} applicants, fewer than 50" if too_few else ""
    return {"column": column, "group": group, "metric": metric, "n": n, "verdict": TOO_FEW * too_few, "reason": reason}


def comparison(group: str, verdict: str, value: float | None = 0.7, metric: str = "approval_ratio") -> dict:
    ends = {"low": None, "high": None} if value is None else {"low": value - 0.1, "high": value + 0.1}
    named = {"column": "age", "group": group, "against": "old", "metric": metric, "verdict": verdict, "n": 60}
    return {**named, "value": value, **ends}


def test_a_group_with_too_few_fails_cr018_and_is_named_once():
    everybody = rate("all", too_few=True, column="")
    rates = [everybody, rate("young", n=7, too_few=True), rate("young", "tpr", n=2, too_few=True), rate("old")]
    found = groups_large_enough(rates)
    assert found.result == "failed"
    assert found.reason == "1 of 2 groups too small: age: young (7 applicants, fewer than 50)"
    assert not unrecorded(found, "fewer than 50")
    assert groups_large_enough([everybody, rate("young"), rate("old")]).result == "passed"
    assert groups_large_enough([everybody]).result == "not applicable"


def test_of_very_many_groups_with_too_few_the_first_are_named():
    found = groups_large_enough([rate(f"town {number}", n=number, too_few=True) for number in range(30)])
    assert found.reason.startswith("30 of 30 groups too small: age: town 0 (0 applicants, fewer than 50); ")
    assert found.reason.endswith("age: town 19 (19 applicants, fewer than 50); and 10 more")
    assert not unrecorded(found, "fewer than 50", *(f"town {number} " for number in range(30)))


def test_a_ratio_clearly_below_four_fifths_fails_cr019_and_is_named():
    rows = [comparison("young", BELOW, 0.5), comparison("mid", NOISE, 0.75), comparison("few", TOO_FEW, 0.2)]
    rows.append(comparison("old", BELOW, 0.1, metric="tpr_difference"))
    found = four_fifths(rows, 0.8)
    assert found.result == "failed"
    assert found.reason == (
        "1 of 2 ratios of approval rates surely below 0.8; lowest: age: young against old 0.500 [0.400, 0.600], n = 60"
    )
    assert not unrecorded(found)


@pytest.mark.parametrize(("lowest", "result"), [(0.85, "not decided"), (0.9, "passed"), (0.75, "not decided")])
def test_a_ratio_passes_with_its_whole_interval_and_the_lowest_is_told(lowest, result):
    found = four_fifths([comparison("young", NOISE, lowest), comparison("mid", PASSED, 1.0)], 0.8)
    assert found.result == result
    assert "lowest: age: young" in found.reason


def test_ratios_that_mean_nothing_are_not_judged():
    assert four_fifths([], 0.8).result == "not applicable"
    assert four_fifths([comparison("few", TOO_FEW), comparison("none", NOBODY, None)], 0.8).result == "not applicable"
