"""Protected groups: ranges of numbers, labels of codes, and the sizes that the params ask for."""

import numpy as np
import pandas as pd
import pytest

from credit.core.column import Column
from credit.core.records import check
from credit.fairness.groups import Fairness, groups_of

AGE = Column(role="numeric", unit="years")
STATUS = Column(role="nominal", codes={1: "single", 2: "married", 3: "widowed"})


@pytest.mark.parametrize(
    ("column", "values", "cuts", "groups"),
    [
        (AGE, [24.0, 25.0, 26.0], (25,), ["<= 25 years", "<= 25 years", "> 25 years"]),  # at the cut is below it
        (
            AGE,
            [61.0, 25.0, 60.0, 25.5, np.nan],
            (25, 60),
            ["> 60 years", "<= 25 years", "> 25 to 60 years", "> 25 to 60 years", "missing"],
        ),
        # Without a cut a number is cut at its median.
        (
            Column(role="numeric"),
            [1.0, 2.0, 1500.0, np.nan, 9000.0, 9000.0],
            (),
            ["<= 1,500", "<= 1,500", "<= 1,500", "missing", "> 1,500", "> 1,500"],
        ),
        (AGE, [np.nan, np.nan], (), ["missing", "missing"]),
        (AGE, [np.nan, np.nan], (25,), ["missing", "missing"]),
        (STATUS, [3.0, np.nan, 1.0, 3.0], (), ["widowed", "missing", "single", "widowed"]),
        (Column(role="nominal"), ["b", None, "a"], (), ["b", "missing", "a"]),
        (Column(role="ordinal", codes={"x": "yes", "y": "yes", "n": "no"}), ["x", "n", "y"], (), ["yes", "no", "yes"]),
    ],
)
def test_groups_are_ranges_of_numbers_or_labels_of_codes_and_missing_is_one(column, values, cuts, groups):
    found = groups_of(pd.Series(values, index=range(7, 7 + len(values))), column, cuts)
    assert found.tolist() == groups
    assert list(found.index) == list(range(7, 7 + len(values)))


def test_of_very_many_groups_those_beyond_the_largest_are_one():
    towns = [f"town {number}" for number in range(54)]
    values = pd.Series([*towns * 2, *reversed(towns[:50]), None])
    found = groups_of(values, Column(role="nominal"))
    assert found.value_counts().to_dict() == {**dict.fromkeys(towns[:50], 3), "and 4 more": 8, "missing": 1}
    assert list(found.cat.categories) == [*sorted(towns[:50]), "missing", "and 4 more"]
    few = values[values.isin(towns[:51])]
    assert groups_of(few, Column(role="nominal")).tolist() == few.tolist()


def test_groups_stand_in_the_order_of_numbers_and_codes_and_nobody_is_no_group():
    ages, states = pd.Series([61.0, 25.0, 25.5, np.nan]), pd.Series([3.0, np.nan, 1.0])
    names = ["<= 25 years", "> 25 to 60 years", "> 60 years", "missing"]
    assert list(groups_of(ages, AGE, (25, 60)).cat.categories) == names
    assert list(groups_of(states, STATUS).cat.categories) == ["single", "widowed", "missing"]


def test_the_least_sizes_are_read_by_their_old_names_too_with_a_line_each(caplog):
    rest = {"cut": {}, "four_fifths": 0.8}
    present = check(Fairness, {**rest, "min_group_size": 50, "min_bads": 10, "min_goods": 10}, "params.yaml")
    assert not caplog.messages
    assert check(Fairness, {**rest, "fewest": 50, "fewest_of_outcome": 10}, "params.yaml") == present
    beside = {"min_group_size": 30, "min_bads": 5, "min_goods": 5}  # as `-S +fairness.fewest=50` leaves them
    assert check(Fairness, {"fewest": 50, "fewest_of_outcome": 10, **rest, **beside}, "params.yaml") == present
    assert (
        caplog.messages[:2]
        == caplog.messages[2:]
        == [
            "params.yaml: 'fairness.fewest' is still read, and is now called min_group_size",
            "params.yaml: 'fairness.fewest_of_outcome' is still read, and is now called min_bads and min_goods",
        ]
    )
