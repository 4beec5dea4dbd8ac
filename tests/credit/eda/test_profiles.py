import numpy as np
import pandas as pd
import pytest
from scipy import stats

from credit.core.column import Column
from credit.core.levels import levels_of
from credit.eda.profiles import (
    bad_rate_by_level,
    histograms,
    missing_values,
    most_frequent,
    numeric_profile,
    values_beyond_caps,
)
from credit.features.plan import Caps


@pytest.fixture
def numbers() -> pd.DataFrame:
    drawn = np.random.default_rng(1).lognormal(3, 1, 400).round(1)
    table = pd.DataFrame({"amount": drawn, "flat": 2.0, "void": np.nan})
    table.loc[::7, :] = np.nan
    return table


CAPS = {"amount": Caps(lower=5.0, upper=60.0)}


def test_profile_equals_scipy(numbers):
    row = numeric_profile(numbers, CAPS).iloc[0]
    observed = numbers["amount"].dropna().to_numpy()
    assert (row["n"], row["missing"], row["n"] + row["missing"]) == (342, 58, len(numbers))
    assert row["mean"] == pytest.approx(stats.tmean(observed))
    assert row["sd"] == pytest.approx(stats.tstd(observed))
    assert row["skew"] == pytest.approx(stats.skew(observed, bias=False))
    assert row[["q1", "median", "q3"]].tolist() == pytest.approx(stats.mstats.mquantiles(observed, alphap=1, betap=1))
    assert row["beyond_caps"] == sum(value < 5 or value > 60 for value in observed)


def test_profile_of_constant_and_of_empty_columns(numbers):
    flat, void = numeric_profile(numbers, CAPS).iloc[1], numeric_profile(numbers, CAPS).iloc[2]
    assert (flat["n"], flat["sd"], flat["beyond_caps"]) == (342, 0, 0)
    assert (void["n"], void["missing"], void["beyond_caps"]) == (0, 400, 0)
    assert np.isnan(void["mean"])


def test_without_numeric_columns_the_tables_are_empty_but_named():
    profile = numeric_profile(pd.DataFrame(index=range(3)), {})
    assert profile.empty
    assert "beyond_caps" in profile
    assert histograms(pd.DataFrame(index=range(3)), pd.Series([0, 1, 0]), profile).columns[0] == "feature"


def test_histograms_count_everyone_within_reach_of_the_caps(numbers):
    bad = pd.Series(np.arange(400) % 3 == 0).astype(int)
    bars = histograms(numbers, bad, numeric_profile(numbers, CAPS))
    assert set(bars["feature"]) == {"amount"}
    reach = numbers["amount"].between(max(numbers["amount"].min(), 5 - 5.5), 60 + 5.5)
    assert bars["good"].sum() == (reach & (bad == 0)).sum()
    assert bars["bad"].sum() == (reach & (bad == 1)).sum()


def test_intervals_of_whole_numbers_hold_equally_many_of_them():
    table = pd.DataFrame({"age": np.arange(19.0, 76.0)})
    profile = numeric_profile(table, {"age": Caps(lower=19, upper=75)})
    bars = histograms(table, pd.Series(np.zeros(57, dtype=int)), profile)
    assert set(bars["good"].iloc[:-1]) == {2}
    assert bars["good"].sum() == 57


def test_values_beyond_caps_are_distinct_and_not_too_many():
    table = pd.DataFrame({"x": [1.0, 1.0, 50.0, 99.0, np.nan, *np.arange(1000.0, 3000.0)]})
    beyond = values_beyond_caps(table, numeric_profile(table, {"x": Caps(lower=10, upper=60)}))["x"]
    assert len(beyond) == 300
    assert (beyond[0], beyond[-1]) == (1.0, 2999.0)
    assert not ((beyond >= 10) & (beyond <= 60)).any()


def test_missing_values(numbers):
    table = missing_values(numbers)
    assert table["missing"].tolist() == [58, 58, 400]
    assert table["missing_share"].tolist() == [58 / 400, 58 / 400, 1.0]
    assert set(table["n"]) == {400}


def test_bad_rates_add_up_and_carry_wilson_intervals():
    values = pd.Series(["a", "b", None, "a", "b", "b"])
    bad = pd.Series([1, 0, 1, 0, 0, 1])
    table = bad_rate_by_level(
        {"kind": levels_of(values, Column(role="nominal", codes={"a": "A", "b": "B", "c": "C"}))}, bad
    )
    assert table["level"].tolist() == ["a", "b", "missing"]  # c occurs nowhere
    assert table["n"].tolist() == [2, 3, 1]
    assert table["bad"].tolist() == [1, 1, 1]
    for row in table.itertuples():
        low, high = stats.binomtest(row.bad, row.n).proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((low, high))
        assert row.low <= row.bad_rate <= row.high


def test_beyond_the_most_frequent_levels_the_others_are_one_row_and_nobody_is_lost():
    random = np.random.default_rng(3)
    town = pd.Series(random.zipf(1.3, 3000) % 700).map("town {}".format)
    own = pd.Series(random.choice(["own", "rent"], 3000))
    columns = {"town": town, "home": own}
    bad = pd.Series(random.integers(0, 2, 3000))
    rates = bad_rate_by_level({name: levels_of(columns[name], Column(role="nominal")) for name in columns}, bad)
    few = most_frequent(rates, 10)
    assert few["column"].tolist() == ["town"] * 11 + ["home"] * 2
    assert few.groupby("column")[["n", "bad"]].sum().equals(rates.groupby("column")[["n", "bad"]].sum())
    rest = few.iloc[10]
    assert rest["label"] == rest["level"] == f"and {town.nunique() - 10} more"
    assert rest["bad_rate"] == rest["bad"] / rest["n"]
    assert rest["low"] < rest["bad_rate"] < rest["high"]
    assert sorted(few["n"].iloc[:10]) == sorted(town.value_counts().iloc[:10])
    assert few["level"].iloc[:10].is_monotonic_increasing
    pd.testing.assert_frame_equal(most_frequent(rates, 700), rates)


def test_a_level_of_many_words_is_cut_off():
    rates = bad_rate_by_level({"note": levels_of(pd.Series(["x" * 600_000]), Column(role="nominal"))}, pd.Series([1]))
    assert most_frequent(rates)[["level", "label"]].map(len).max(axis=None) == 100
