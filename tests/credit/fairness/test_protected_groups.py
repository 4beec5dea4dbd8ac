"""Tests of the groups that a protected column makes."""

import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Column
from credit.fairness.protected_groups import groups_of

AGE = Column(role="numeric", unit="years")
STATUS = Column(role="nominal", codes={1: "single", 2: "married", 3: "widowed"})


def names(groups: pd.Series) -> list[str]:
    return list(groups.cat.categories)


def test_an_applicant_at_the_cut_belongs_below_it():
    found = groups_of(pd.Series([24.0, 25.0, 26.0, 75.0]), AGE, (25,))
    assert found.tolist() == ["<= 25 years", "<= 25 years", "> 25 years", "> 25 years"]


def test_two_cuts_make_three_groups_in_their_order():
    found = groups_of(pd.Series([61.0, 25.0, 60.0, 25.5, np.nan]), AGE, (25, 60))
    assert found.tolist() == ["> 60 years", "<= 25 years", "> 25 to 60 years", "> 25 to 60 years", "missing"]
    assert names(found) == ["<= 25 years", "> 25 to 60 years", "> 60 years", "missing"]


def test_without_a_cut_a_number_is_cut_at_its_median():
    found = groups_of(pd.Series([1.0, 2.0, 1500.0, np.nan, 9000.0, 9000.0]), Column(role="numeric"))
    assert found.tolist() == ["<= 1,500", "<= 1,500", "<= 1,500", "missing", "> 1,500", "> 1,500"]


def test_numbers_of_which_none_is_known_are_one_group():
    assert set(groups_of(pd.Series([np.nan, np.nan]), AGE)) == {"missing"}
    assert set(groups_of(pd.Series([np.nan, np.nan]), AGE, (25,))) == {"missing"}


def test_codes_are_called_by_their_labels_in_their_order_and_nobody_is_no_group():
    found = groups_of(pd.Series([3.0, np.nan, 1.0, 3.0], index=[8, 6, 4, 2]), STATUS)
    assert found.tolist() == ["widowed", "missing", "single", "widowed"]
    assert list(found.index) == [8, 6, 4, 2]
    assert names(found) == ["single", "widowed", "missing"]


def test_text_without_codes_is_called_by_itself():
    found = groups_of(pd.Series(["b", None, "a"], dtype="str"), Column(role="nominal"))
    assert found.tolist() == ["b", "missing", "a"]
    assert names(found) == ["a", "b", "missing"]


def test_codes_with_one_label_are_one_group():
    column = Column(role="ordinal", codes={"x": "yes", "y": "yes", "n": "no"})
    found = groups_of(pd.Series(["x", "n", "y"], dtype="str"), column)
    assert found.tolist() == ["yes", "no", "yes"]


@pytest.mark.parametrize("column", [AGE, STATUS])
def test_every_applicant_has_a_group(column):
    values = pd.Series([1.0, 2.0, 3.0, np.nan, 2.0])
    assert groups_of(values, column).notna().all()
