import io

import numpy as np
import pandas as pd

from credit.eda.numbers_figure import draw_distributions, draw_outliers
from credit.eda.profiles import histograms, numeric_profile, values_beyond_caps
from credit.features.plan import Caps


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png")
    return figure


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
