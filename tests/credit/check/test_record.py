"""The record of a check."""

import re

import numpy as np
import pytest

from credit.check.record import TITLES, Effect, Number, decide, judge, within
from credit.core.intervals import wald


def test_codes_are_in_order_and_titles_distinct():
    assert list(TITLES) == [f"CR{number:03d}" for number in range(1, len(TITLES) + 1)]
    assert len(set(TITLES.values())) == len(TITLES)


def test_every_check_is_told_by_its_code(repository):
    sources = [path.read_text(encoding="utf-8") for path in (repository / "credit/check").glob("*.py")]
    judged = {code for source in sources for code in re.findall(r'(?:judge|decide)\("(CR\d{3})"', source)}
    assert judged == set(TITLES)


def test_a_check_says_whether_it_passed_and_why():
    passed, failed = judge("CR001", True, "none", []), judge("CR001", False, "two", [Number("shared", 2, n=10)])
    assert (passed.result, failed.result) == ("passed", "failed")
    assert failed.as_record() == {
        "code": "CR001",
        "title": "No applicant on both sides of the split",
        "result": "failed",
        "reason": "two",
        "numbers": [{"name": "shared", "value": 2, "n": 10}],
    }


@pytest.mark.parametrize(
    ("ends", "result"),
    [
        ([(0.0, 0.1), (-1.0, 0.0)], "passed"),
        ([(0.0, 0.1), (0.0, 0.11)], "not decided"),
        ([(0.0, 0.11), (0.11, 0.5)], "failed"),
        ([(-np.inf, np.inf)], "not decided"),
    ],
)
def test_a_check_is_decided_by_whole_intervals(ends, result):
    found = decide("CR002", [Effect(low, high, limit=0.1) for low, high in ends], "so", [])
    assert found.result == result
    assert found.reason == ("so; applicants are too few to tell" if result == "not decided" else "so")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_fault_to_either_side_is_as_large(sign):
    effect = within(wald(sign * 0.5, 0.1), 0.2)
    assert (effect.low, effect.high) == pytest.approx((0.304004, 0.695996), abs=1e-6)
    assert within(wald(sign * 0.1, 0.1), 0.2).low == 0


def test_a_number_that_does_not_exist_makes_a_check_not_applicable():
    found = decide("CR002", [Effect(np.nan, np.nan, 0.1)], "so", [Number("AUC", np.nan)])
    assert (found.result, found.numbers) == ("not applicable", ())


def test_a_number_is_written_with_its_interval_and_n():
    assert str(Number("AUC", 0.78976, 0.72068, 0.8571, 200)) == "0.790 [0.721, 0.857], n = 200"
    assert str(Number("difference", -0.0001, -0.0004, 0.1)) == "0.000 [0.000, 0.100]"
    assert str(Number("PSI", 0.5)) == "0.500"
