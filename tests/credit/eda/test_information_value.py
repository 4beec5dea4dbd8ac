import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import rel_entr

from credit.eda.information_value import information_value, weight_of_evidence


def rates(good: list[int], bad: list[int], column: str = "x") -> pd.DataFrame:
    levels = [str(place) for place in range(len(good))]
    return pd.DataFrame({"column": column, "level": levels, "n": np.add(good, bad), "bad": bad})


counts = st.integers(1, 60)
tables = st.integers(1, 8).flatmap(
    lambda size: st.tuples(
        st.lists(counts, min_size=size, max_size=size), st.lists(counts, min_size=size, max_size=size)
    )
)


@settings(max_examples=30)
@given(tables)
def test_information_value_is_the_symmetric_divergence_of_goods_and_bads(table):
    # IV = KL(goods || bads) + KL(bads || goods), Jeffreys' divergence
    good, bad = (np.divide(kind, sum(kind)) for kind in table)
    iv = information_value(weight_of_evidence(rates(*table)))["iv"].item()
    assert iv == pytest.approx(rel_entr(good, bad).sum() + rel_entr(bad, good).sum(), abs=1e-12)
    assert iv >= 0


def test_positive_weight_of_evidence_is_safer():
    # By hand: shares of goods .9 and .1, of bads .5 and .5; ln(.9/.5), ln(.1/.5)
    evidence = weight_of_evidence(rates([90, 10], [5, 5]))
    assert evidence["woe"].tolist() == pytest.approx([0.5877867, -1.6094379])
    assert evidence["iv"].sum() == pytest.approx(0.4 * 0.5877867 + 0.4 * 1.6094379)


def test_a_level_without_bads_gets_half_an_applicant_of_each_kind():
    evidence = weight_of_evidence(rates([20, 30], [0, 10]))
    goods, bads = np.array([20.5, 30]) / 50.5, np.array([0.5, 10]) / 10.5
    assert evidence["woe"].tolist() == pytest.approx(np.log(goods / bads).tolist())


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(any), min_size=1, max_size=6))
def test_empty_cells_never_make_it_infinite_or_negative(cells):
    good, bad = (list(kind) for kind in zip(*cells, strict=True))
    if sum(good) and sum(bad):
        iv = information_value(weight_of_evidence(rates(good, bad)))["iv"].item()
        assert 0 <= iv < np.inf


def test_columns_are_ranked_and_carry_their_counts():
    both = pd.concat([rates([50, 50], [25, 25], "useless"), rates([90, 10], [10, 40], "telling")])
    table = information_value(weight_of_evidence(both))
    assert table["feature"].tolist() == ["telling", "useless"]
    assert table["n"].tolist() == [150, 150]
    assert table["bad"].tolist() == [50, 50]
    assert table["iv"].iloc[1] == 0


def test_what_does_not_exceed_chance_comes_after_what_does():
    # 60 levels of 1 good and 1 bad or 2 goods: a larger information value than the other column's, from nothing
    noise = rates([1, 2] * 30, [1, 0] * 30, "noise")
    table = information_value(weight_of_evidence(pd.concat([noise, rates([45, 45], [5, 25], "telling")])))
    assert table["iv"].iloc[1] > table["iv"].iloc[0]
    assert table["feature"].tolist() == ["telling", "noise"]


@pytest.mark.slow
def test_chance_exceeds_its_bar_about_once_in_twenty_times():
    generator = np.random.default_rng(3)
    drawn = [(generator.multinomial(700, [0.2] * 5), generator.multinomial(300, [0.2] * 5)) for _ in range(500)]
    both = pd.concat([rates(good, bad, str(place)) for place, (good, bad) in enumerate(drawn)])
    table = information_value(weight_of_evidence(both))
    assert 0.03 < (table["iv"] > table["iv_by_chance"]).mean() < 0.08
