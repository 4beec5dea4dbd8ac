"""The population stability index: pinned by hand, large where samples do not overlap, and what chance alone gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from credit.check.psi import compare_counts, compare_levels, compare_numbers, psi

COUNTS = st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(any)


def test_the_index_of_two_bins_is_that_of_a_hand_computation():
    # (0.5 - 0.8) ln(0.5 / 0.8) + (0.5 - 0.2) ln(0.5 / 0.2) = 0.3 * (0.470004 + 0.916291)
    assert psi(np.array([80, 20]), np.array([50, 50])) == pytest.approx(0.4158883, abs=1e-7)


def test_a_bin_that_one_sample_is_without_gets_half_a_row_in_both():
    # counts 10, 0 and 5, 5 become 10, 0.5 and 5, 5.5
    p, q = np.array([10, 0.5]) / 10.5, np.array([5, 5.5]) / 10.5
    assert psi(np.array([10, 0]), np.array([5, 5])) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def test_a_bin_that_both_are_without_does_not_count():
    assert psi(np.array([8, 0, 2]), np.array([5, 0, 5])) == psi(np.array([8, 2]), np.array([5, 5]))


@given(COUNTS, st.data())
def test_it_is_the_same_both_ways_at_least_0_and_0_for_equal_shares(reference, data):
    other = data.draw(st.lists(st.integers(0, 50), min_size=len(reference), max_size=len(reference)).filter(any))
    found = psi(np.array(reference), np.array(other))
    assert found >= -1e-12
    assert psi(np.array(other), np.array(reference)) == pytest.approx(found)
    assert psi(np.array(reference), np.array(reference) * 3) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("values", [np.arange(200) / 200, np.repeat([0.1, 0.2], 100), np.full(200, 0.3)])
@pytest.mark.parametrize("shift", [-5, 5])
def test_samples_that_do_not_overlap_are_far_apart_however_tied(values, shift):
    found = compare_numbers(values, values[:100] + shift)
    assert found.psi > 4
    assert found.interval()[0] > 3
    assert (found.n_reference, found.n) == (200, 100)


@pytest.mark.parametrize("values", [np.arange(200) / 200, np.repeat([0.1, 0.2], 100), np.full(200, 0.3)])
def test_a_sample_is_like_itself_however_tied(values):
    assert compare_numbers(values, values).psi == pytest.approx(0, abs=1e-12)


def test_bins_hold_equal_numbers_of_the_reference_and_their_upper_ends():
    # tenths of 1 to 100: the last bin, above 90, is as open as the first
    found = compare_numbers(np.arange(1.0, 101), np.repeat([10.0, 11.0, 1000.0], [10, 10, 80]))
    expected = psi(np.full(10, 10), np.array([10, 10, 0, 0, 0, 0, 0, 0, 0, 80]))
    assert found.psi == pytest.approx(expected)
    assert found.bins == 10


def test_a_frequent_value_has_a_bin_of_its_own():
    reference = np.append(np.zeros(80), np.arange(1.0, 21))
    below = compare_numbers(reference, np.append(np.full(80, -1.0), np.arange(1.0, 21)))
    assert below.psi > 4
    assert below.bins == compare_numbers(reference, reference).bins + 1


def test_missing_numbers_are_a_bin():
    reference = np.append(np.full(50, 1.0), np.full(50, np.nan))
    assert compare_numbers(reference, reference).bins == 2
    assert compare_numbers(reference, np.full(30, np.nan)).psi > 1
    assert compare_numbers(np.full(9, np.nan), np.full(9, np.nan)).psi == 0


def test_levels_are_bins_also_those_that_one_sample_is_without_and_the_missing_one():
    reference = pd.Series(["a"] * 60 + ["b"] * 30 + [None] * 10)
    other = pd.Series(["a"] * 50 + ["c"] * 50)
    found = compare_levels(reference, other)
    assert found.bins == 4
    assert found.psi == pytest.approx(psi(np.array([60, 30, 10, 0]), np.array([50, 0, 0, 50])))
    assert compare_levels(pd.Series([1.0, 2.0, np.nan] * 9), pd.Series([np.nan, 2.0, 1.0] * 9)).psi == pytest.approx(0)


def test_thin_bins_are_one_and_how_many_rows_are_in_them_is_told():
    found = compare_counts(np.array([100, 4, 3, 2]), np.array([100, 3, 3, 3]))
    assert (found.bins, found.thin) == (2, pytest.approx(18 / 218))
    assert found.psi == psi(np.array([100, 9]), np.array([100, 9]))


def test_of_few_rows_there_are_fewer_bins():
    generator = np.random.default_rng(1)
    assert compare_numbers(generator.random(60), generator.random(30)).bins == 5
    assert compare_numbers(generator.random(6), generator.random(3)).thin == 1


@pytest.mark.parametrize(("sizes", "shift"), [((800, 200), 0), ((800, 200), 0.3), ((80_000, 20_000), 0.3)])
def test_the_interval_holds_the_index_of_the_populations_about_19_times_in_20(sizes, shift):
    generator = np.random.default_rng(3)
    ends = ndtr(ndtri(np.linspace(0, 1, 11)) - shift)  # of tenths of the reference in the other population
    true = psi(np.full(10, 1e9), np.diff(ends) * 1e10)
    held = 0
    for _ in range(300):
        reference, other = (generator.normal(mean, size=size) for mean, size in zip((0, shift), sizes, strict=True))
        low, high = compare_numbers(reference, other).interval()
        held += low <= true + 1e-12 and true <= high
    assert held / 300 > 0.9


def test_there_is_nothing_to_compare_in_one_bin():
    found = compare_levels(pd.Series(["a"] * 3), pd.Series(["a"] * 5))
    assert found[:4] == (0, 1, 3, 5)
    assert found.interval() == (0, 0)
