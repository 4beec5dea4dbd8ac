"""Tests of the language for fixed and searched settings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.model.grid import expand


def test_a_value_is_fixed_and_a_list_is_searched():
    assert expand({"encoding": ["binary", "one_hot"], "C": 1.0, "depth": [2, 3]}) == [
        {"encoding": "binary", "C": 1.0, "depth": 2},
        {"encoding": "binary", "C": 1.0, "depth": 3},
        {"encoding": "one_hot", "C": 1.0, "depth": 2},
        {"encoding": "one_hot", "C": 1.0, "depth": 3},
    ]


def test_pinning_a_searched_setting_leaves_one_of_its_candidates():
    assert expand({"depth": 3, "rate": 0.1}) == expand({"depth": [3], "rate": [0.1]}) == [{"depth": 3, "rate": 0.1}]


def test_a_value_that_is_a_list_stands_in_a_list():
    assert expand({"layers": [[32, 16], [8]]}) == [{"layers": [32, 16]}, {"layers": [8]}]


def test_nothing_to_set_is_one_candidate():
    assert expand({}) == [{}]


def test_null_and_a_mapping_are_values():
    assert expand({"depth": [None, 3], "weight": {0: 1, 1: 5}}) == [
        {"depth": None, "weight": {0: 1, 1: 5}},
        {"depth": 3, "weight": {0: 1, 1: 5}},
    ]


@pytest.mark.parametrize("wrong", [[], [1, 2, 1], ["a", "a"], [[8], [8]]])
def test_an_empty_list_and_repeated_values_are_refused(wrong):
    with pytest.raises(InputError, match=r"^'depth' must be a value or a list of different values to search, got \["):
        expand({"C": 1, "depth": wrong})


@given(st.dictionaries(st.text(), st.lists(st.integers(), min_size=1, max_size=4, unique=True), max_size=4))
def test_every_combination_comes_once(settings):
    candidates = expand(settings)
    assert len(candidates) == math.prod(map(len, settings.values()))
    assert len({tuple(candidate.items()) for candidate in candidates}) == len(candidates)
    for candidate in candidates:
        assert all(candidate[name] in values for name, values in settings.items())
