"""Params by the number of rows: which values count, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.by_rows import at_rows, params_at
from credit.core.errors import InputError
from credit.core.records import check
from credit.core.split import FoldsByRows

SECTION = {"folds": 10, "repeats": 2, "by_rows": [{"from_rows": 3000, "repeats": 1}, {"from_rows": 10000, "folds": 5}]}


@pytest.mark.parametrize(
    ("rows", "folds", "repeats"),
    [(0, 10, 2), (2999, 10, 2), (3000, 10, 1), (9999, 10, 1), (10000, 5, 1), (10**6, 5, 1)],
)
def test_each_change_up_to_the_rows_takes_the_place_of_what_is_before_it(rows, folds, repeats):
    assert at_rows(SECTION, rows) == {"folds": folds, "repeats": repeats}
    found = check(FoldsByRows, SECTION, "params.yaml").at(rows)
    assert (found.folds, found.repeats, found.max_rows) == (folds, repeats, None)


@given(st.integers(0, 10**7))
def test_a_section_that_says_nothing_of_rows_is_the_same_for_all(rows):
    assert at_rows({"C": [1.0, 2.0]}, rows) == {"C": [1.0, 2.0]}


def test_a_change_can_lift_a_limit():
    by_rows = [{"from_rows": 500, "max_rows": None}]
    folds = check(FoldsByRows, {"folds": 5, "repeats": 1, "max_rows": 300, "by_rows": by_rows}, "params.yaml")
    assert [folds.at(rows).max_rows for rows in (499, 500)] == [300, None]


def test_of_all_params_the_sections_of_folds_and_the_families_depend_on_rows():
    params = {
        **{"seed": 3, "search": SECTION, "out_of_fold": {"folds": 4}},
        "train": {"lr": {"C": 1.0}, "dt": {"max_depth": 2, "by_rows": [{"from_rows": 10, "max_depth": 8}]}},
    }
    found = params_at(params, 5000)
    assert found["search"] == {"folds": 10, "repeats": 1}
    assert found["train"] == {"lr": {"C": 1.0}, "dt": {"max_depth": 8}}
    assert (found["seed"], found["out_of_fold"]) == (3, {"folds": 4})
    assert params["train"]["dt"]["max_depth"] == 2


@pytest.mark.parametrize(
    ("by_rows", "message"),
    [
        ([{"folds": 5}], "params.yaml, search: 'by_rows.0.from_rows' is missing"),
        ([{"from_rows": 0}], "params.yaml, search: 'by_rows.0.from_rows' must be greater than or equal to 1, got 0"),
        (
            [{"from_rows": 9, "fold": 5}],
            "params.yaml, search: unknown key 'by_rows.0.fold'; expected one of from_rows,",
        ),
        ([{"from_rows": 9, "folds": 1}], "params.yaml, search: 'by_rows.0.folds' must be greater than or equal to 2"),
        (
            [{"from_rows": 9, "repeats": None}],
            "params.yaml, search: 'by_rows.0.repeats' must be a whole number, got nothing",
        ),
        ([{"from_rows": 9}, {"from_rows": 9}], "params.yaml, search: 'by_rows' must be a list with rising from_rows"),
        ({"from_rows": 9}, "params.yaml, search: 'by_rows' must be a list, got {'from_rows': 9}"),
    ],
)
def test_wrong_changes_are_refused_with_one_line(by_rows, message):
    with pytest.raises(InputError) as raised:
        check(FoldsByRows, {**SECTION, "by_rows": by_rows}, "params.yaml, search")
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)
