import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from credit.core.column import Column
from credit.core.levels import levels_of
from credit.eda.association import bias_corrected_v, cramers_v, spearman


def test_spearman_equals_scipy_on_the_rows_known_of_both():
    generator = np.random.default_rng(1)
    table = pd.DataFrame(generator.integers(0, 6, (90, 3)).astype(float), columns=list("abc"))
    table = table.mask(generator.random(table.shape) < 0.2)
    for row in spearman(table).itertuples():
        both = table[[row.a, row.b]].dropna()
        assert row.n == len(both)
        assert row.value == pytest.approx(stats.spearmanr(both[row.a], both[row.b]).statistic)


def test_each_pair_is_given_once():
    pairs = spearman(pd.DataFrame(np.eye(4), columns=list("abcd")))
    assert list(zip(pairs["a"], pairs["b"], strict=True)) == [*zip("aaabbc", "bcdcdd", strict=True)]


def test_a_constant_column_has_no_correlation():
    pair = spearman(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": 5.0})).iloc[0]
    assert np.isnan(pair["value"])
    assert pair["n"] == 3


@pytest.mark.parametrize("columns", [[], ["a"]])
def test_fewer_than_two_columns_have_no_pairs(columns):
    assert spearman(pd.DataFrame({name: [1.0, 2.0] for name in columns})).empty


def test_v_follows_bergsma():
    # chi2 from scipy; n = 100, r = 2, c = 3: phi2 = chi2/100 - 2/99, r' = 2 - 1/99, c' = 3 - 4/99
    counts = np.array([[20, 15, 5], [10, 20, 30]])
    chi2 = stats.chi2_contingency(counts, correction=False).statistic
    expected = np.sqrt((chi2 / 100 - 2 / 99) / (2 - 1 / 99 - 1))
    assert bias_corrected_v(counts) == pytest.approx(expected)
    assert bias_corrected_v(counts) < stats.contingency.association(counts)


def test_v_of_equal_columns_is_one_and_of_independent_ones_zero():
    assert bias_corrected_v(np.diag([30, 40, 50])) == pytest.approx(1)
    assert bias_corrected_v(np.outer([10, 20], [1, 2, 3])) == 0


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 30)))
def test_v_is_between_zero_and_one_and_symmetric(counts):
    if counts.sum() < 2:
        return
    v = bias_corrected_v(counts)
    assert np.isnan(v) or 0 <= v <= 1
    assert bias_corrected_v(counts.T) == pytest.approx(v, nan_ok=True)


def test_missing_values_count_as_a_level():
    kind = levels_of(pd.Series(["x", "x", None, None] * 10), Column(role="nominal"))
    flag = levels_of(pd.Series([1.0, 1.0, 2.0, 2.0] * 10), Column(role="nominal", codes={1: "no", 2: "yes"}))
    pair = cramers_v({"kind": kind, "flag": flag}).iloc[0]
    assert pair["value"] == pytest.approx(1)
    assert pair["n"] == 40
