import io

import numpy as np
import pandas as pd
import pytest

from credit.eda.columns_figure import (
    draw_cramers_v,
    draw_distributions,
    draw_information_value,
    draw_missing,
    draw_outliers,
    draw_spearman,
)
from credit.eda.profiles import histograms, numeric_profile, values_beyond_caps
from credit.features.plan import Caps

PAIRS = pd.DataFrame({"a": ["x", "x", "y"], "b": ["y", "z", "z"], "value": [0.004, np.nan, -1.0], "n": [9, 8, 7]})


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png")
    return figure


def test_missing_values_are_counted_on_the_picture():
    table = pd.DataFrame({"feature": ["a", "b", "c"], "n": 50, "missing": [0, 5, 50], "missing_share": [0.0, 0.1, 1.0]})
    axes = drawn(draw_missing(table)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["5 (10.0%)", "50 (100.0%)"]
    assert axes.get_xlabel().endswith("1 of 3 columns are complete")
    assert len(drawn(draw_missing(table.assign(missing=0, missing_share=0.0))).texts) == 2


def test_every_pair_has_its_value_and_a_dash_where_there_is_none():
    texts = [text.get_text() for text in drawn(draw_spearman(PAIRS)).axes[0].texts]
    assert texts == [".00", "-", "-1.00"]


@pytest.mark.parametrize("draw", [draw_spearman, draw_cramers_v])
def test_pairs_have_their_n_and_there_may_be_none(draw):
    assert drawn(draw(PAIRS.assign(value=0.5))).get_suptitle().endswith("n = 7 to 9")
    assert len(drawn(draw(PAIRS.iloc[:0])).texts) == 2


@pytest.mark.parametrize("iv", [[0.6, 0.05, 0.0], [0.0, 0.0, 0.0]])
def test_information_values_are_written_beside_the_bars(iv):
    table = pd.DataFrame({"feature": list("abc"), "iv": iv, "iv_by_chance": 0.0, "levels": 3, "n": 90, "bad": 30})
    texts = [text.get_text() for text in drawn(draw_information_value(table)).axes[0].texts]
    assert [text for text in texts if text[0].isdigit()] == [f"{value:.3f}" for value in reversed(iv)]


def test_a_panel_a_column_with_its_unit_n_and_what_is_beyond_the_caps():
    table = pd.DataFrame({"amount": [*np.arange(1.0, 60.0), 5000.0, np.nan], "flat": 1.0, "void": np.nan})
    profile = numeric_profile(table, {"amount": Caps(lower=1, upper=100)})
    bad = pd.Series(np.arange(61) % 4 == 0).astype(int)
    figure = drawn(draw_distributions(histograms(table, bad, profile), profile, {"amount": "DM"}))
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["amount"]
    assert figure.axes[0].get_xlabel() == "DM\nn = 60, 1 beyond the caps, 1 of them too far to draw"
    boxes = drawn(draw_outliers(profile, values_beyond_caps(table, profile), {"amount": "DM"}))
    assert boxes.axes[0].get_title(loc="right") == "n = 60, 1 beyond the caps"
    none = numeric_profile(table[[]], {})
    for figure in (draw_distributions(histograms(table[[]], bad, none), none, {}), draw_outliers(none, {}, {})):
        assert not drawn(figure).axes


def test_wild_values_do_not_squeeze_the_box():
    table = pd.DataFrame({"share": [*np.linspace(0, 1, 99), 50_000.0]})
    profile = numeric_profile(table, {"share": Caps(lower=0, upper=2.5)})
    assert drawn(draw_outliers(profile, values_beyond_caps(table, profile), {})).axes[0].get_xscale() == "symlog"
