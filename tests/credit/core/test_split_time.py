"""The test applicants are the latest ones: `credit.core.split.latest`."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.core.split import latest


def days(*numbers: int | None) -> pd.Series:
    """Give the days of a year; None is a time that is not known."""
    return pd.Series(pd.to_datetime("2026-01-01") + pd.to_timedelta(pd.array(numbers, "Int64"), unit="D"))


@st.composite
def histories(draw) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """Groups of one to three equal applicants of 40 days, in any order; some have no time.

    A good and a bad one of the first day and of the last one see to it that the table can be split.
    """
    sizes = draw(st.lists(st.integers(1, 3), min_size=20, max_size=40))
    groups = np.repeat(np.arange(len(sizes)), sizes)
    known = st.integers(1, 38) | st.none()
    when = draw(st.lists(known, min_size=len(groups), max_size=len(groups)))
    bad = draw(st.lists(st.integers(0, 1), min_size=len(groups), max_size=len(groups)))
    order = draw(st.permutations(range(len(groups) + 4)))
    groups, bad = np.append(groups, [97, 98, 99, 100]), np.array([*bad, 0, 1, 0, 1])
    times = days(*when, 0, 0, 39, 39).iloc[order].reset_index(drop=True)
    return groups[order], bad[order], times


@settings(max_examples=60)
@given(histories(), st.floats(0.01, 0.6))
@pytest.mark.slow
def test_the_latest_applicants_are_the_test_ones(history, share):
    groups, bad, times = history
    test = latest(groups, bad, times, share)
    assert not set(groups[test]) & set(groups[~test])
    assert set(bad[test]) == set(bad[~test]) == {0, 1}
    assert not times[test].isna().any()
    # A group counts by its earliest applicant, and not at all if the time of one of them is not known.
    earliest = times.groupby(groups).min()[times.notna().groupby(groups).all()]
    tested = earliest.index.isin(groups[test])
    assert earliest[tested].min() > earliest[~tested].max()
    # Those of the day on which the share is reached are all test applicants, those before it none.
    wanted = max(round(share * len(earliest)), 1)
    after_the_first_day = (earliest > earliest[tested].min()).sum()
    assert after_the_first_day < wanted <= tested.sum()


def test_the_share_is_of_distinct_applicants_whatever_the_order_of_the_rows():
    groups, bad = np.arange(100), np.arange(100) % 2
    order = np.random.default_rng(1).permutation(100)
    test = latest(groups[order], bad[order], days(*range(100)).iloc[order].reset_index(drop=True), 0.2)
    assert sorted(groups[order][test]) == list(range(80, 100))
    twice = np.repeat(groups, 2)
    test = latest(twice, twice % 2, days(*twice), 0.2)
    assert twice[test].tolist() == np.repeat(range(80, 100), 2).tolist()


def test_applicants_of_one_moment_stand_on_one_side():
    when = np.repeat(range(10), 10)
    test = latest(np.arange(100), np.arange(100) % 2, days(*when), 0.25)
    assert when[test].tolist() == [7] * 10 + [8] * 10 + [9] * 10
    minutes = pd.Series(pd.date_range("2026-01-01", periods=100, freq="min"))
    assert np.flatnonzero(latest(np.arange(100), np.arange(100) % 2, minutes, 0.1)).tolist() == list(range(90, 100))


def test_one_who_came_back_stands_where_the_first_application_does():
    groups, when = np.array([*range(10), 3]), [*range(10), 20]
    test = latest(groups, np.array([0, 1] * 5 + [1]), days(*when), 0.2)
    assert np.flatnonzero(test).tolist() == [8, 9]


def test_one_whose_time_is_not_known_is_a_train_applicant_and_so_are_those_alike():
    groups, when = np.array([*range(10), 9, 10]), [*range(10), None, None]
    test = latest(groups, np.array([0, 1] * 6), days(*when), 0.3)
    assert np.flatnonzero(test).tolist() == [6, 7, 8]  # the share is of those whose time is known


@pytest.mark.parametrize(
    ("when", "bad", "expected"),
    [
        ([None] * 6, [0, 1] * 3, "cannot split 6 applicants by time: expected valid times, got none"),
        (
            [5] * 6,
            [0, 1] * 3,
            "cannot split 6 applicants by time: expected good and bad ones before and since 2026-01-06 00:00:00 "
            "(the last 0.34 of them), got 0 bad of 0 before and 3 bad of 6 since",
        ),
        ([0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 0], "got 2 bad of 4 before and 0 bad of 2 since"),
        ([0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 1], "got 0 bad of 4 before and 1 bad of 2 since"),
        ([0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 1, 1], "got 2 bad of 4 before and 2 bad of 2 since"),
    ],
)
def test_times_that_do_not_divide_both_outcomes_are_refused_in_one_line(when, bad, expected):
    with pytest.raises(InputError) as caught:
        latest(np.arange(6), np.array(bad), days(*when), 0.34)
    assert str(caught.value).startswith("cannot split 6 applicants by time: ")
    assert str(caught.value).endswith(expected)
    assert "\n" not in str(caught.value)
