"""Checks of the split."""

import numpy as np
import pandas as pd
import pytest

from credit.check.split import bad_rate_stable, later_applicants_tested, nobody_lost, nobody_on_both_sides
from tests.credit.check.told import untold, value

TRAIN = pd.DataFrame({"amount": [1.0, 2.0, np.nan], "purpose": ["car", "tv", None]})
ROWS = {"ingested": 12, "prepared": 9, "merged": 2, "rejected": 1}


@pytest.mark.parametrize(
    ("amounts", "purposes", "shared"),
    [
        ([1.0, 2.0], ["tv", "car"], 0),
        ([1.0, 2.0], ["car", "tv"], 2),
        ([np.nan, 3.0], [None, "car"], 1),
        ([3.0, 3.0], ["car", "car"], 0),
    ],
)
def test_a_test_applicant_who_equals_a_training_one_fails_cr001(amounts, purposes, shared):
    found = nobody_on_both_sides(TRAIN, pd.DataFrame({"amount": amounts, "purpose": purposes}))
    assert found.result == ("failed" if shared else "passed")
    assert value(found, "test applicants who equal a training applicant") == shared
    assert f"{shared} of 2 test applicants" in found.reason
    assert not untold(found)


def test_bad_rates_that_differ_by_more_than_noise_fail_cr006():
    train, test = np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [15, 35])
    same = bad_rate_stable(train, test)
    assert (same.result, value(same, "test less training")) == ("passed", 0)
    worse = bad_rate_stable(train, np.repeat([1, 0], [30, 20]))
    assert worse.result == "failed"
    assert value(worse, "test less training") == pytest.approx(0.3)
    assert bad_rate_stable(train, np.repeat([1, 0], [0, 50])).result == "failed"
    assert not untold(worse)


def test_the_interval_of_cr006_is_newcombes():
    # Newcombe 1998, table II, row 10 of the differences: 56/70 less 48/80 is 0.2 [0.0524, 0.3339]
    found = bad_rate_stable(np.repeat([1, 0], [48, 32]), np.repeat([1, 0], [56, 14]))
    (difference,) = [number for number in found.numbers if number.name == "test less training"]
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("change", "train", "test", "result"),
    [
        ({}, 6, 3, "passed"),
        ({"rejected": 0}, 6, 3, "failed"),
        ({"ingested": 11}, 6, 3, "failed"),
        ({}, 5, 3, "failed"),
        ({}, 6, 4, "failed"),
    ],
)
def test_a_row_that_is_nowhere_fails_cr007(change, train, test, result):
    found = nobody_lost(ROWS | change, train, test)
    assert found.result == result
    assert not untold(found)


def test_cr017_asks_for_a_column_of_times():
    assert later_applicants_tested(None, None, "random").result == "not applicable"


@pytest.mark.parametrize(("split", "result"), [("time", "passed"), ("random", "failed")])
def test_cr017_tells_training_applicants_as_late_as_test_ones(split, result):
    times = pd.to_datetime(["2025-01-01", "2025-03-01", None])
    found = later_applicants_tested(pd.Series(times), pd.Series(times[1:2]), split)
    assert (found.result, value(found, "training applicants as late as a test one")) == (result, 1)
    assert not untold(found)


def test_cr006_tells_each_sample_with_its_own_number():
    check = bad_rate_stable(np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [30, 20]))
    test, train, gap = check.numbers
    assert check.reason == f"test {test}; training {train}; difference {gap}"
