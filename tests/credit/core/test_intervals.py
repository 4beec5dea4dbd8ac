"""Tests of intervals: by hand, against published values, scipy and other ways to find them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binomtest, norm
from scipy.stats.contingency import relative_risk

from credit.core.intervals import (
    Estimate,
    bootstrap,
    cross_validated,
    difference,
    proportion,
    rank_auc,
    ratio,
    wald,
    wilson,
)
from credit.metrics.decision import Cost
from credit.metrics.metrics import auc, headline

counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def by_auc(bad, pds):
    return {"auc": auc(bad, pds), "bads": bad.sum(), "mean": pds.mean()}


@pytest.fixture
def scored():
    """Outcomes of 120 applicants, 40 of them bad, and PDs that say something of them."""
    generator = np.random.default_rng(7)
    bad = (np.arange(120) < 40).astype(int)
    return bad, np.clip(0.25 + 0.15 * bad + 0.15 * generator.normal(size=120), 0, 1)


def test_nadeau_bengio_by_hand():
    # Deviations from 0.775 are -0.075, 0.025, -0.025, 0.075: variance 0.0125 / 3. The correction is
    # 1/4 + 0.25/0.75 = 7/12, so se = sqrt(7/12 * 0.0125/3); Student's t with 3 degrees is 3.182446 at 97.5 %.
    estimate = cross_validated(np.array([0.7, 0.8, 0.75, 0.85]), 0.25)
    reach = 3.182446 * 0.0493007
    assert estimate == pytest.approx((0.775, 0.0493007, 0.775 - reach, 0.775 + reach), abs=1e-6)


def test_the_correction_keeps_repeats_from_shrinking_the_error_to_nothing():
    # Repeating ten folds a thousand times over leaves the part that is due to shared rows: 1/9 of the variance.
    estimate = cross_validated(np.tile([0.7, 0.8], 5000), 0.1)
    assert estimate.se == pytest.approx(0.05 * np.sqrt(1 / 9), rel=0.01)


def test_equal_scores_have_no_error():
    assert cross_validated(np.full(10, 0.5), 0.1) == (0.5, 0, 0.5, 0.5)


def test_bootstrap_contains_the_estimate(scored):
    bad, pds = scored
    cost = Cost(accept_bad=5, reject_good=1)
    estimates = bootstrap(lambda bad, pds: headline(bad, pds, 0.3, cost), bad, pds, draws=200, seed=1)
    assert {name: estimate.mean for name, estimate in estimates.items()} == headline(bad, pds, 0.3, cost)
    for name, estimate in estimates.items():
        assert estimate.low < estimate.mean < estimate.high, name


def test_bootstrap_is_deterministic_and_draws_within_goods_and_within_bads(scored):
    runs = [bootstrap(by_auc, *scored, draws=50, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0]["auc"].low != runs[2]["auc"].low
    assert runs[0]["bads"] == (40, 0, 40, 40)


def test_bootstrap_error_of_a_mean_is_that_of_the_formula(scored):
    bad, pds = scored
    estimate = bootstrap(by_auc, bad, pds, draws=2000, seed=1)["mean"]
    # Of a stratified mean: the root of the sum over kinds of (n_k / n)^2 * variance_k / n_k.
    expected = np.sqrt(sum((bad == kind).sum() * pds[bad == kind].var() for kind in (0, 1))) / len(bad)
    assert estimate.se == pytest.approx(expected, rel=0.06)
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * expected, rel=0.06)


def test_a_normal_estimate_has_walds_interval():
    assert wald(0.2, 0.1) == pytest.approx((0.2, 0.1, *norm.interval(0.95, 0.2, 0.1)))


@given(counts)
def test_wilsons_interval_is_that_of_scipy(pair):
    count, n = pair
    expected = binomtest(count, n).proportion_ci(method="wilson")
    assert [float(end) for end in wilson(count, n)] == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_wilsons_ends_are_exact_where_all_or_none_are_bad():
    low, high = wilson([0, 5], [5, 5])
    assert (low[0], high[1]) == (0.0, 1.0)


def test_a_proportion_has_wilsons_interval_and_is_unknown_of_nobody():
    low, high = wilson(3, 30)
    assert without_se(proportion(0.1, 30)) == (0.1, low, high)
    assert all(map(math.isnan, proportion(math.nan, 0)))


def test_a_mean_of_shares_has_the_interval_of_as_many_applicants():
    halves = proportion(0.55, 10)
    assert proportion(0.5, 10).low < halves.low < proportion(0.6, 10).low
    assert halves.high - halves.low > 0.5


def of(count: int, n: int) -> Estimate:
    return proportion(count / n, n)


def without_se(estimate: Estimate) -> tuple[float, float, float]:
    assert math.isnan(estimate.se)
    return estimate.mean, estimate.low, estimate.high


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
    gap = without_se(difference(of(*first), of(*second)))
    assert gap == pytest.approx((first[0] / first[1] - second[0] / second[1], low, high), abs=5e-5)


@given(counts, counts)
def test_a_difference_turns_its_sign_with_its_sides(first, second):
    one, other = difference(of(*first), of(*second)), difference(of(*second), of(*first))
    assert without_se(one) == pytest.approx((-other.mean, -other.high, -other.low))
    assert -1 - 1e-12 <= one.low <= one.mean <= one.high <= 1 + 1e-12


@given(counts, counts.filter(lambda pair: pair[0] > 0))
@pytest.mark.slow
def test_at_the_ends_of_a_ratio_the_interval_of_the_weighted_difference_reaches_zero(first, second):
    one, other = of(*first), of(*second)
    quotient = ratio(one, other)
    assert 0 <= quotient.low <= quotient.mean <= quotient.high

    def weighted(weight: float) -> Estimate:
        return difference(one, Estimate(*(weight * end for end in other)))

    assert quotient.high == pytest.approx(brentq(lambda w: weighted(w).high, quotient.mean, 1e4), rel=1e-6)
    if one.mean > 0:
        assert quotient.low == pytest.approx(brentq(lambda w: weighted(w).low, 0, quotient.mean), rel=1e-6)


def test_a_ratio_of_large_groups_has_the_interval_of_the_logarithm():
    # Katz et al. 1978, as scipy computes it: another method, which agrees where n is large.
    expected = relative_risk(3000, 10000, 4000, 10000)
    interval = expected.confidence_interval(0.95)
    quotient = without_se(ratio(of(3000, 10000), of(4000, 10000)))
    assert quotient == pytest.approx((expected.relative_risk, interval.low, interval.high), rel=1e-3)


def test_a_ratio_has_about_the_interval_of_a_bootstrap_over_applicants():
    generator = np.random.default_rng(5)
    drawn = generator.binomial(155, 24 / 155, 20_000) / 155 / (generator.binomial(645, 309 / 645, 20_000) / 645)
    low, high = np.quantile(drawn, [0.025, 0.975])
    quotient = without_se(ratio(of(24, 155), of(309, 645)))
    assert quotient == pytest.approx((24 / 155 / (309 / 645), low, high), abs=0.025)


def test_a_ratio_to_nothing_is_unknown_and_one_of_nothing_has_an_upper_end():
    assert all(map(math.isnan, ratio(of(3, 10), of(0, 10))))
    quotient = ratio(of(0, 10), of(5, 10))
    assert (quotient.mean, quotient.low) == (0, 0)
    assert 0.5 < quotient.high < 1.5


def test_a_ratio_to_very_few_has_an_end_on_both_sides():
    # One of five: the upper Wilson end, 0.624, is over twice the share, where the plain formula divides by less than 0.
    quotient = ratio(of(4, 5), of(1, 5))
    assert 0 < quotient.low < 1 < quotient.mean < quotient.high < math.inf


def test_the_interval_of_an_auc_is_about_that_of_a_bootstrap():
    generator = np.random.default_rng(4)
    bad = np.repeat([1, 0], [200, 600])
    scores = generator.exponential(1 + 2 * bad)  # for which the formula is made
    found = rank_auc(auc(bad, scores), 600, 200)
    drawn = [
        auc(bad, scores[np.concatenate([generator.integers(0, 200, 200), generator.integers(200, 800, 600)])])
        for _ in range(400)
    ]
    assert found.se == pytest.approx(np.std(drawn), rel=0.15)
    assert found.high - found.mean == pytest.approx(1.96 * found.se, rel=1e-3)


def test_the_standard_error_of_an_auc_is_that_of_hanley_and_mcneil_by_hand():
    spread = 0.893 * 0.107 + 50 * (0.893 / 1.107 - 0.893**2) + 57 * (2 * 0.893**2 / 1.893 - 0.893**2)
    assert rank_auc(0.893, 58, 51).se == pytest.approx(math.sqrt(spread / (58 * 51)), rel=1e-12)
