import numpy as np
import pytest

from credit.core.wording import (
    METRIC_TITLES,
    decimal_text,
    directed_title,
    estimate_text,
    first_of,
    number_text,
    percent,
    shortened,
    starred_title,
)
from credit.metrics.decision import Cost
from credit.metrics.metrics import headline


def test_of_many_texts_the_first_are_named_and_long_ones_cut_off():
    assert first_of(["Ulm", "Bonn"], 2) == ["Ulm", "Bonn"]
    assert first_of(list(map(str, range(4762))), 10)[9:] == ["9", "and 4,752 more"]
    assert first_of([], 2) == []
    assert shortened("x" * 100) == "x" * 100
    assert shortened("x" * 101) == "x" * 96 + " ..."


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.0, "1,234,567"), (0.5, "0.5"), (-3.0, "-3"), (0.1234567, "0.123457"), (1e15, "1e+15")],
)
def test_a_number_has_its_thousands_separated_and_six_significant_digits(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(0.78976, 3, "0.790"), (-0.0004, 3, "0.000"), (1234.5, 1, "1,234.5")]
)
def test_a_decimal_is_rounded_and_what_rounds_to_0_has_no_sign(value, digits, text):
    assert decimal_text(value, digits) == text


def test_estimates_and_shares_are_written_with_the_same_decimals():
    assert estimate_text(0.78912, -0.0001, 1) == "0.789 [0.000, 1.000]"
    assert estimate_text(0.5, -0.25, 0.75, digits=1) == "0.5 [-0.2, 0.8]"
    assert (percent(0.30042), percent(0)) == ("30.0 %", "0.0 %")


def test_every_headline_metric_has_a_title_that_says_which_way_is_better():
    bad, cost = np.array([0, 1, 0, 1]), Cost(accept_bad=5, reject_good=1)
    right, wrong = (headline(bad, np.abs(bad - miss), 0.5, cost) for miss in (0.1, 0.9))
    assert set(right) < set(METRIC_TITLES)
    for metric in right:
        way = "higher" if right[metric] > wrong[metric] else "lower"
        assert directed_title(metric) == f"{METRIC_TITLES[metric]} ({way} is better)"
        assert starred_title(metric).endswith("*") == (way == "lower")
    assert starred_title("a_metric_of_tomorrow") == "a_metric_of_tomorrow"
