from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.intervals import wilson
from credit.eda import subgroups
from credit.eda.subgroups import conditions_on, strongest_subgroups

DICTIONARY = Dictionary(
    columns={
        "age": Column(role="numeric", unit="years"),
        "grade": Column(role="ordinal", codes={1: "low", 2: "middle", 3: "high"}),
        "city": Column(role="nominal"),
        "bad": Column(role="target", codes={0: "good", 1: "bad"}, bad_codes=(1,)),
    }
)


@pytest.fixture
def applicants() -> pd.DataFrame:
    """Youngsters of grade low are nearly all bad, everybody else is bad at random."""
    generator = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "age": generator.permutation(np.repeat([20.0, 30.0, 40.0], [240, 180, 180])),
            "grade": generator.integers(1, 4, 600).astype(float),
            "city": generator.choice(["Ulm", 'O\'Hara "x"', "rare"], 600, p=[0.5, 0.49, 0.01]),
        }
    )
    risky = (table["age"] < 30) & (table["grade"] == 1)
    table["bad"] = np.where(risky, generator.random(600) < 0.9, generator.random(600) < 0.1).astype(int)
    table.loc[::25, "age"] = np.nan
    return table


def test_conditions_say_what_they_hold_for(applicants):
    conditions = conditions_on(applicants, DICTIONARY)
    assert (conditions["grade: 'low' to 'middle'"] == (applicants["grade"] <= 2)).all()
    assert (conditions["grade: 'high'"] == (applicants["grade"] == 3)).all()
    assert (conditions["city: 'O'Hara \"x\"'"] == (applicants["city"] == 'O\'Hara "x"')).all()
    assert (conditions["age missing"] == applicants["age"].isna()).all()
    assert "city: 'rare'" not in conditions
    assert "grade missing" not in conditions


def test_finds_what_was_planted(applicants):
    found = strongest_subgroups(conditions_on(applicants, DICTIONARY), applicants["bad"], depth=2, seed=1)
    assert found["subgroup"].iloc[0] == "age < 30 years and grade: 'low'"
    covered = applicants[(applicants["age"] < 30) & (applicants["grade"] == 1)]
    strongest = found.iloc[0]
    assert (strongest["n"], strongest["bad"]) == (len(covered), covered["bad"].sum())
    assert strongest["lift"] == pytest.approx(covered["bad"].mean() / applicants["bad"].mean())
    assert (strongest["all_n"], strongest["searched_n"]) == (600, 600)
    low, high = wilson(found["bad"], found["n"])
    assert found["low"].tolist() == low.tolist()
    assert found["high"].tolist() == high.tolist()


def test_the_strongest_equals_an_exhaustive_search(applicants):
    # every conjunction of one or two conditions that holds for at least 3 % of the rows
    conditions = conditions_on(applicants, DICTIONARY)
    bad = applicants["bad"]
    selections = [list(pair) for size in (1, 2) for pair in combinations(conditions, size)]
    covers = [conditions[selected].all(axis=1) for selected in selections]
    best = max((bad[cover].sum() - cover.sum() * bad.mean()) / 600 for cover in covers if cover.sum() >= 18)
    assert strongest_subgroups(conditions, bad, depth=2, seed=1)["wracc"].iloc[0] == pytest.approx(best)


def test_wracc_is_size_times_what_the_rate_is_above_average(applicants):
    found = strongest_subgroups(conditions_on(applicants, DICTIONARY), applicants["bad"], depth=2, seed=1)
    expected = found["n"] / found["all_n"] * (found["bad_rate"] - found["all_bad_rate"])
    assert found["wracc"].tolist() == pytest.approx(expected.tolist())
    assert found["wracc"].is_monotonic_decreasing
    assert (found["wracc"] > 0).all()
    assert found["conditions"].between(1, 2).all()


def test_subgroups_are_not_alike(applicants):
    conditions = conditions_on(applicants, DICTIONARY)
    found = strongest_subgroups(conditions, applicants["bad"], depth=2, seed=1)
    covers = [conditions[text.split(" and ")].all(axis=1) for text in found["subgroup"]]
    for one, other in combinations(covers, 2):
        assert (one & other).sum() / (one | other).sum() < subgroups.ALIKE


def test_many_applicants_are_searched_in_a_sample_and_measured_in_full(applicants, monkeypatch):
    monkeypatch.setattr(subgroups, "SEARCHED_ROWS", 400)
    conditions = conditions_on(applicants, DICTIONARY)
    found = strongest_subgroups(conditions, applicants["bad"], depth=2, seed=1)
    assert set(found["searched_n"]) == {400}
    assert set(found["all_n"]) == {600}
    pd.testing.assert_frame_equal(found, strongest_subgroups(conditions, applicants["bad"], depth=2, seed=1))


def test_nothing_to_find():
    bad = pd.Series([0, 1] * 30)
    assert strongest_subgroups(pd.DataFrame(index=range(60)), bad, depth=2, seed=1).empty
    alike = pd.DataFrame({"x": [True, True, False, False] * 15})
    assert strongest_subgroups(alike, bad, depth=2, seed=1).empty
