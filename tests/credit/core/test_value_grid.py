import numpy as np
import pandas as pd
import pytest

from credit.core.column import Column
from credit.core.value_grid import value_grid

NUMERIC = Column(role="numeric")


def test_few_numbers_are_all_given_once_in_their_order():
    assert value_grid(pd.Series([3.0, 1, np.nan, 2, 1, 1]), NUMERIC, most=20) == [1, 2, 3]


def test_many_numbers_are_thinned_to_seen_ones_from_the_smallest_to_the_largest():
    values = pd.Series(np.random.default_rng(1).lognormal(8, 1, 500))
    found = value_grid(values, NUMERIC, most=11)
    assert len(found) == 11
    assert set(found) <= set(values)
    assert (found[0], found[-1]) == (values.min(), values.max())
    assert [(values <= value).mean() for value in found] == pytest.approx(np.linspace(0, 1, 11), abs=0.003)


def test_codes_stand_in_the_dictionarys_order_and_only_those_seen():
    column = Column(role="ordinal", codes={"C": "", "A": "", "B": ""})
    assert value_grid(pd.Series(["B", None, "C", "B"]), column) == ["C", "B"]
    assert value_grid(pd.Series([2.0, 1.0, np.nan]), Column(role="nominal", codes={2: "", 3: "", 1: ""})) == [2, 1]


def test_of_text_the_most_frequent_are_given_ties_by_the_alphabet():
    towns = pd.Series(["Ulm", "Bonn", "Ulm", "Kiel", "Jena", None])
    assert value_grid(towns, Column(role="nominal"), most=3) == ["Ulm", "Bonn", "Jena"]


@pytest.mark.parametrize("column", [NUMERIC, Column(role="nominal")])
def test_nothing_seen_gives_nothing(column):
    assert value_grid(pd.Series([np.nan, np.nan]), column) == []
