"""Tests of the intervals of cross-validated and of resampled metrics."""

import numpy as np
import pytest

from credit.core.intervals import bootstrap, cross_validated
from credit.metrics.decision import Cost
from credit.metrics.metrics import auc, headline


def by_auc(bad, pds):
    return {"auc": auc(bad, pds), "bads": bad.sum(), "mean": pds.mean()}


@pytest.fixture
def scored():
    """Outcomes of 120 applicants, 40 of them bad, and PDs of three repeats that say something of them."""
    generator = np.random.default_rng(7)
    bad = (np.arange(120) < 40).astype(int)
    return bad, np.clip(0.25 + 0.15 * bad + 0.15 * generator.normal(size=(3, 120)), 0, 1)


def test_nadeau_bengio_by_hand():
    # Deviations from 0.775 are -0.075, 0.025, -0.025, 0.075: variance 0.0125 / 3. The correction is
    # 1/4 + 0.25/0.75 = 7/12, so se = sqrt(7/12 * 0.0125/3); Student's t with 3 degrees is 3.182446 at 97.5 %.
    found = cross_validated(np.array([0.7, 0.8, 0.75, 0.85]), 0.25)
    assert found.mean == pytest.approx(0.775)
    assert found.se == pytest.approx(0.0493007, abs=1e-7)
    assert found.low == pytest.approx(0.775 - 3.182446 * 0.0493007, abs=1e-6)
    assert found.high == pytest.approx(0.775 + 3.182446 * 0.0493007, abs=1e-6)


def test_the_correction_keeps_repeats_from_shrinking_the_error_to_nothing():
    # Repeating ten folds a thousand times over leaves the part that is due to shared rows: 1/9 of the variance.
    found = cross_validated(np.tile([0.7, 0.8], 5000), 0.1)
    assert found.se == pytest.approx(0.05 * np.sqrt(1 / 9), rel=0.01)


def test_equal_scores_have_no_error():
    assert cross_validated(np.full(10, 0.5), 0.1) == (0.5, 0, 0.5, 0.5)


def test_bootstrap_contains_the_estimate(scored):
    bad, pds = scored
    cost = Cost(accept_bad=5, reject_good=1)
    found = bootstrap(lambda bad, pds: headline(bad, pds, 0.3, cost), bad, pds[:1], draws=200, seed=1)
    assert {name: estimate.mean for name, estimate in found.items()} == headline(bad, pds[0], 0.3, cost)
    for name, estimate in found.items():
        assert estimate.low < estimate.mean < estimate.high, name


def test_bootstrap_is_deterministic(scored):
    runs = [bootstrap(by_auc, *scored, draws=50, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0]["auc"].low != runs[2]["auc"].low


def test_bootstrap_draws_within_goods_and_within_bads(scored):
    assert bootstrap(by_auc, *scored, draws=50, seed=1)["bads"] == (40, 0, 40, 40)


def test_bootstrap_error_of_a_mean_is_that_of_the_formula(scored):
    bad, pds = scored
    pds = pds[0]
    found = bootstrap(by_auc, bad, pds[None], draws=2000, seed=1)["mean"]
    # Of a stratified mean: the root of the sum over kinds of (n_k / n)^2 * variance_k / n_k.
    expected = np.sqrt(sum((bad == kind).sum() * pds[bad == kind].var() for kind in (0, 1))) / len(bad)
    assert found.se == pytest.approx(expected, rel=0.06)
    assert found.high - found.low == pytest.approx(2 * 1.96 * expected, rel=0.06)


def test_bootstrap_averages_a_metric_over_repeats(scored):
    bad, pds = scored
    found = bootstrap(by_auc, bad, pds, draws=20, seed=1)["auc"]
    assert found.mean == pytest.approx(np.mean([auc(bad, pds) for pds in pds]))


def test_equal_repeats_are_as_one(scored):
    bad, pds = scored
    one, three = (bootstrap(by_auc, bad, pds[[0] * repeats], draws=20, seed=1)["auc"] for repeats in (1, 3))
    assert three == pytest.approx(one)
