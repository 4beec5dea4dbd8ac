"""Checks of the table and of its split."""

import numpy as np
import pandas as pd
import pytest

from credit.check.data import (
    bad_rate_stable,
    enough_bads,
    few_cells_missing,
    later_applicants_tested,
    nobody_counted_twice,
    nobody_lost,
    nobody_on_both_sides,
)
from tests.credit.check.reasons import unrecorded, value

TRAIN = pd.DataFrame({"amount": [1.0, 2.0, np.nan], "purpose": ["car", "tv", None]})
ROWS = {"ingested": 14, "prepared": 9, "merged": 2, "rejected": 1, "indeterminate": 2}


def cells(column: str, **changes: object) -> dict:
    counts = {"kept": 6, "restored": 2, "missing": 1, "invalid": 1, "kinds": {"coded": 0}}
    return {"column": column, "in_file": True, **counts, **changes}


@pytest.mark.parametrize(("limit", "result"), [(0.2, "passed"), (0.19, "failed")])
def test_cells_without_a_value_are_missing_and_invalid_ones_of_features_in_the_file(limit, result):
    amount, age = cells("amount"), cells("age", missing=3, invalid=0, kept=5)
    others = [cells("bad", missing=10), cells("job", in_file=False)]
    found = few_cells_missing([amount, *others], {"amount", "age", "job"}, limit)
    assert (found.result, value(found, "share"), value(found, "feature cells")) == (result, 0.2, 10)
    assert "most in amount, 2" in found.reason
    assert "most in age, 3" in few_cells_missing([amount, age, *others], {"amount", "age", "job"}, limit).reason
    assert not unrecorded(found)


def test_cells_of_which_a_code_says_why_there_is_no_value_are_not_missing():
    found = few_cells_missing([cells("score", missing=92, invalid=0, kinds={"coded": 91})], {"score"}, 0.12)
    assert (found.result, value(found, "share"), value(found, "feature cells")) == ("passed", 1 / 9, 9)


def test_a_table_without_gaps_names_no_column():
    found = few_cells_missing([cells("amount", missing=0, invalid=0)], {"amount"}, 0.05)
    assert found.reason == "0 of 8 feature cells, a share of 0.000; limit 0.05"
    assert few_cells_missing([], {"amount"}, 0.05).result == "passed"


@pytest.mark.parametrize(("alike", "result"), [(0, "passed"), (2, "failed")])
def test_equal_rows_left_fail_cr009(alike, result):
    found = nobody_counted_twice({"alike_not_merged": alike, "merged": 3, "prepared": 50})
    assert found.result == result
    assert found.reason == f"3 repeated rows were merged; {alike} of 50 prepared rows equal another one"
    assert not unrecorded(found)


@pytest.mark.parametrize(("bads", "result"), [(50, "passed"), (49, "failed")])
def test_cr010_wants_so_many_bads_for_each_feature(bads, result):
    found = enough_bads(bads, 5, 10)
    assert (found.result, value(found, "for each feature")) == (result, bads / 5)
    assert not unrecorded(found)


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
    assert not unrecorded(found)


def test_bad_rates_that_surely_differ_fail_cr006():
    train, test = np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [15, 35])
    few, many = bad_rate_stable(train, test, 0.1), bad_rate_stable(np.tile(train, 99), np.tile(test, 99), 0.1)
    assert [(found.result, value(found, "test less training")) for found in (few, many)] == [
        ("not decided", 0),
        ("passed", 0),
    ]
    worse = bad_rate_stable(train, np.repeat([1, 0], [30, 20]), 0.1)
    assert worse.result == "failed"
    assert value(worse, "test less training") == pytest.approx(0.3)
    assert bad_rate_stable(train, np.repeat([1, 0], [0, 50]), 0.1).result == "failed"
    of_test, of_train, gap, _ = worse.numbers
    assert worse.reason == f"test {of_test}; training {of_train}; difference {gap}, limit 0.1 of the latter"
    assert not unrecorded(worse)


def test_the_interval_of_cr006_is_newcombes():
    # Newcombe 1998, table II, row 10 of the differences: 56/70 less 48/80 is 0.2 [0.0524, 0.3339]
    found = bad_rate_stable(np.repeat([1, 0], [48, 32]), np.repeat([1, 0], [56, 14]), 0.1)
    (difference,) = [number for number in found.numbers if number.name == "test less training"]
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("change", "train", "test", "result"),
    [
        ({}, 6, 3, "passed"),
        ({"rejected": 0}, 6, 3, "failed"),
        ({"indeterminate": 0}, 6, 3, "failed"),
        ({"ingested": 11}, 6, 3, "failed"),
        ({}, 5, 3, "failed"),
        ({}, 6, 4, "failed"),
    ],
)
def test_a_row_that_is_nowhere_fails_cr007(change, train, test, result):
    found = nobody_lost(ROWS | change, train, test)
    assert found.result == result
    assert not unrecorded(found)


def test_cr017_asks_for_a_column_of_times():
    assert later_applicants_tested(None, None, "random").result == "not applicable"


@pytest.mark.parametrize(("split", "result"), [("time", "passed"), ("random", "failed")])
def test_cr017_tells_training_applicants_as_late_as_test_ones(split, result):
    times = pd.to_datetime(["2025-01-01", "2025-03-01", None])
    found = later_applicants_tested(pd.Series(times), pd.Series(times[1:2]), split)
    assert (found.result, value(found, "training applicants as late as a test one")) == (result, 1)
    assert not unrecorded(found)
