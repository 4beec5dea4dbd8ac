"""Checks of the table."""

import pytest

from credit.check.data import enough_bads, few_cells_missing, nobody_counted_twice
from tests.credit.check.told import untold, value


def cells(column: str, **changes: object) -> dict:
    return {"column": column, "in_file": True, "kept": 6, "restored": 2, "missing": 1, "invalid": 1, **changes}


@pytest.mark.parametrize(("limit", "result"), [(0.2, "passed"), (0.19, "failed")])
def test_cells_without_a_value_are_missing_and_invalid_ones_of_features_in_the_file(limit, result):
    amount, age = cells("amount"), cells("age", missing=3, invalid=0, kept=5)
    others = [cells("bad", missing=10), cells("job", in_file=False)]
    found = few_cells_missing([amount, *others], {"amount", "age", "job"}, limit)
    assert (found.result, value(found, "share"), value(found, "feature cells")) == (result, 0.2, 10)
    assert "most in amount, 2" in found.reason
    assert "most in age, 3" in few_cells_missing([amount, age, *others], {"amount", "age", "job"}, limit).reason
    assert not untold(found)


def test_a_table_without_gaps_names_no_column():
    found = few_cells_missing([cells("amount", missing=0, invalid=0)], {"amount"}, 0.05)
    assert found.reason == "0 of 8 feature cells, a share of 0.000; limit 0.05"
    assert few_cells_missing([], {"amount"}, 0.05).result == "passed"


@pytest.mark.parametrize(("alike", "result"), [(0, "passed"), (2, "failed")])
def test_equal_rows_left_fail_cr009(alike, result):
    found = nobody_counted_twice({"alike_not_merged": alike, "merged": 3, "prepared": 50})
    assert found.result == result
    assert found.reason == f"3 repeated rows were merged; {alike} of 50 prepared rows equal another one"
    assert not untold(found)


@pytest.mark.parametrize(("bads", "result"), [(50, "passed"), (49, "failed")])
def test_cr010_wants_so_many_bads_for_each_feature(bads, result):
    found = enough_bads(bads, 5, 10)
    assert (found.result, value(found, "for each feature")) == (result, bads / 5)
    assert not untold(found)
