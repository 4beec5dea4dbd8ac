"""Tests of differences and ratios of proportions, against published values and other ways to find them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats.contingency import relative_risk

from credit.core.two_proportions import Interval, difference, proportion, ratio
from credit.core.wilson import wilson

counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def of(count: int, n: int) -> Interval:
    return proportion(count / n, n)


# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_has_the_published_interval(first, second, low, high):
    found = difference(of(*first), of(*second))
    assert found == pytest.approx((first[0] / first[1] - second[0] / second[1], low, high), abs=5e-5)


@given(counts, counts)
def test_a_difference_turns_its_sign_with_its_sides(first, second):
    one, other = difference(of(*first), of(*second)), difference(of(*second), of(*first))
    assert one == pytest.approx((-other.value, -other.high, -other.low))
    assert -1 - 1e-12 <= one.low <= one.value <= one.high <= 1 + 1e-12


@given(counts, counts.filter(lambda pair: pair[0] > 0))
def test_at_the_ends_of_a_ratio_the_interval_of_the_weighted_difference_reaches_zero(first, second):
    one, other = of(*first), of(*second)
    found = ratio(one, other)
    assert 0 <= found.low <= found.value <= found.high

    def lower_end(weight: float) -> float:
        return difference(one, Interval(*(weight * end for end in other))).low

    def upper_end(weight: float) -> float:
        return difference(one, Interval(*(weight * end for end in other))).high

    assert found.high == pytest.approx(brentq(upper_end, found.value, 1e4), rel=1e-6)
    if one.value > 0:
        assert found.low == pytest.approx(brentq(lower_end, 0, found.value), rel=1e-6)


def test_a_ratio_of_large_groups_has_the_interval_of_the_logarithm():
    # Katz et al. 1978, as scipy computes it: another method, which agrees where n is large.
    expected = relative_risk(3000, 10000, 4000, 10000)
    found = ratio(of(3000, 10000), of(4000, 10000))
    interval = expected.confidence_interval(0.95)
    assert found == pytest.approx((expected.relative_risk, interval.low, interval.high), rel=1e-3)


def test_a_ratio_has_about_the_interval_of_a_bootstrap_over_applicants():
    generator = np.random.default_rng(5)
    drawn = generator.binomial(155, 24 / 155, 20_000) / 155 / (generator.binomial(645, 309 / 645, 20_000) / 645)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert ratio(of(24, 155), of(309, 645)) == pytest.approx((24 / 155 / (309 / 645), low, high), abs=0.025)


def test_a_ratio_to_nothing_is_unknown_and_one_of_nothing_has_an_upper_end():
    assert all(math.isnan(end) for end in ratio(of(3, 10), of(0, 10)))
    found = ratio(of(0, 10), of(5, 10))
    assert (found.value, found.low) == (0, 0)
    assert 0.5 < found.high < 1.5


def test_a_ratio_to_very_few_has_an_end_on_both_sides():
    # One of five: the upper Wilson end, 0.624, is over twice the share, where the plain formula divides by less than 0.
    found = ratio(of(4, 5), of(1, 5))
    assert 0 < found.low < 1 < found.value < found.high < math.inf


def test_a_proportion_is_wilsons_and_unknown_of_nobody():
    low, high = wilson(3, 30)
    assert proportion(0.1, 30) == (0.1, float(low), float(high))
    assert all(math.isnan(end) for end in proportion(math.nan, 0))


def test_a_mean_of_shares_has_the_interval_of_as_many_applicants():
    halves = proportion(0.55, 10)
    assert proportion(0.5, 10).low < halves.low < proportion(0.6, 10).low
    assert halves.high - halves.low > 0.5
