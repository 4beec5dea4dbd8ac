import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.column import Column
from credit.core.levels import inner_edges, levels_of

values = st.lists(st.one_of(st.integers(-50, 50).map(float), st.just(np.nan)), min_size=1, max_size=80)


@given(values)
def test_every_row_has_one_level_and_missing_is_the_last(numbers):
    series = pd.Series(numbers, name="x", dtype="float64")
    levels = levels_of(series, Column(role="numeric"))
    assert len(levels.names) == len(levels.labels) == len(set(levels.names))
    assert ((levels.position >= 0) & (levels.position < len(levels.names))).all()
    assert ((levels.position == len(levels.names) - 1) == series.isna()).all()


@given(values)
def test_a_higher_number_is_in_no_lower_bin(numbers):
    series = pd.Series(numbers, dtype="float64").dropna().sort_values()
    assert (np.diff(levels_of(series.rename("x"), Column(role="numeric")).position) >= 0).all()


def test_bins_are_about_equally_full():
    assert (
        np.bincount(levels_of(pd.Series(range(1000), dtype=float), Column(role="numeric")).position).tolist()
        == [100] * 10
    )


def test_bins_are_named_by_edges_and_unit():
    levels = levels_of(pd.Series([1.0, 2.0, 3.0, 4000.0]), Column(role="numeric", unit="DM"), bins=2)
    assert levels.labels == ("< 3 DM", ">= 3 DM", "missing")


def test_a_heap_at_the_lowest_value_is_a_bin_of_its_own():
    series = pd.Series([0.0] * 95 + [1.0, 2.0, 3.0, 4.0, 5.0])
    assert inner_edges(series, 10).tolist() == [1.0]


@pytest.mark.parametrize("numbers", [[np.nan, np.nan], [7.0, 7.0], [7.0, np.nan]])
def test_nothing_to_cut(numbers):
    assert not len(inner_edges(pd.Series(numbers), 10))


@pytest.mark.parametrize(
    ("cells", "column", "names", "labels", "position"),
    [
        ([1.0, 3.0, np.nan], Column(role="nominal", codes={3: "own", 1: "rent", 2: "free"}),
         ("3", "1", "2", "missing"), ("own", "rent", "free", "missing"), [1, 0, 3]),
        (["A12", None, "A11"], Column(role="ordinal", codes={"A11": "low", "A12": "high"}),
         ("A11", "A12", "missing"), ("low", "high", "missing"), [1, 2, 0]),
        (["b", "a", None, "b"], Column(role="nominal"),
         ("a", "b", "missing"), ("a", "b", "missing"), [1, 0, 2, 1]),
    ],
)  # fmt: skip
def test_codes_stand_in_the_order_of_the_dictionary_and_any_other_text_in_that_of_the_alphabet(
    cells, column, names, labels, position
):
    levels = levels_of(pd.Series(cells), column)
    assert (levels.names, levels.labels, levels.position.tolist()) == (names, labels, position)
