import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from credit.core.wilson import wilson

counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_equals_scipy(count_and_n):
    count, n = count_and_n
    expected = binomtest(count, n).proportion_ci(method="wilson")
    assert [float(end) for end in wilson(count, n)] == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_ends_are_exact_where_all_or_none_are_bad():
    low, high = wilson([0, 5], [5, 5])
    assert low[0] == 0.0
    assert high[1] == 1.0


def test_more_applicants_give_a_narrower_interval():
    low, high = wilson(np.array([3, 30, 300]), np.array([10, 100, 1000]))
    assert (np.diff(high - low) < 0).all()
