"""Levels that show an order are put in it, whatever order they come in; others are left as they are."""

import random

import pytest

from ops.draft_dictionary.order import in_order


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        (["< 1 year", "1 year", *(f"{years} years" for years in range(2, 10)), "10+ years"], "x"),
        ([f"{letter}{digit}" for letter in "ABCDEFG" for digit in range(1, 6)], "x"),
        (["low", "medium", "high"], "x"),
        (["Low", "High", "Very high"], "x"),
        (["0-100", "100-500", "500-1000", ">1000"], "x"),
        (["under 1,000", "1,000 to 5,000", "5,000 or more"], "x"),
        (["<10k", "10k-20k", "20k-50k"], "x"),
        (["18-25", "26-35", "46+"], "x"),
        (["... < 0 DM", "0 <= ... < 200 DM", "... >= 200 DM / salary for at least 1 year"], "x"),
        (["A", "B", "C"], "grade"),
        (["AAA", "A-", "BB+"], "x"),
        (["Stage 1", "Stage 2", "Stage 10"], "level"),
    ],
)
def test_puts_levels_in_their_order(levels: list[str], name: str):
    shuffled = random.Random(1).sample(levels, len(levels))
    assert in_order(shuffled, name) == levels


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        (["A", "B", "C"], "branch"),
        (["firm 1", "firm 2", "firm 3"], "employer"),
        (["B179", "B172", "B3"], "branch"),
        (["0-100", "100-500", "unknown"], "x"),
        (["low", "high", "own"], "x"),
        (["low", "niedrig", "high"], "x"),  # two of one place
        (["low", "high"], "x"),
        (["1. Jan", "2. Feb", "3. Mar"], "x"),
        ([f"{number} or more" for number in range(99)], "x"),
    ],
)
def test_levels_without_an_order_of_their_own_have_none(levels: list[str], name: str):
    assert in_order(levels, name) is None
