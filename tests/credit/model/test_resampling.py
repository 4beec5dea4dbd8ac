"""Tests of the resamplers."""

import numpy as np
import pytest

from credit.model.resampling import RESAMPLERS, build_resampler

ALL_BUT_NONE = [name for name in RESAMPLERS if name != "none"]


@pytest.fixture
def uneven():
    """Give 80 rows of which 20 are bad, and overlap with the good."""
    generator = np.random.default_rng(4)
    bad = (np.arange(80) < 20).astype(int)
    return generator.normal(size=(80, 3)) + bad[:, None], bad


@pytest.mark.parametrize("name", ALL_BUT_NONE)
def test_every_resampler_evens_out_the_kinds(name, uneven):
    numbers, bad = uneven
    _, found = build_resampler(name, seed=1).fit_resample(numbers, bad)
    assert abs(found.mean() - 0.5) < 0.15 < abs(bad.mean() - 0.5)


@pytest.mark.parametrize("name", ALL_BUT_NONE)
def test_every_resampler_repeats_itself(name, uneven):
    one, other = (build_resampler(name, seed=1).fit_resample(*uneven)[0] for _ in range(2))
    assert np.array_equal(one, other)


def test_the_seed_decides_what_smote_makes_up(uneven):
    one, other = (build_resampler("smote", seed).fit_resample(*uneven)[0] for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_none_is_no_resampler():
    assert build_resampler("none", seed=1) is None
