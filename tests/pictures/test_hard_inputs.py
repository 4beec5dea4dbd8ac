"""Pictures of hard inputs can be read: long names, one group and very many, nothing at all, a handful of applicants."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from credit.eda.columns_figure import draw_missing
from tests.pictures import hard_models, hard_tables
from tests.pictures.legible import assert_legible

pytestmark = pytest.mark.slow
PICTURES = hard_tables.PICTURES | hard_models.PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_it_can_be_read(name):
    made = PICTURES[name]()
    for figure in [made] if isinstance(made, Figure) else made:
        assert_legible(figure)


def test_bars_of_missing_values_are_as_long_as_they_say():
    table = pd.DataFrame({"feature": ["age", "job"], "missing": [5, 20], "missing_share": [0.05, 0.2], "n": 100})
    (axes,) = draw_missing(table).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([5.0, 20.0])
    assert [text.get_text() for text in axes.texts] == ["5 (5.0 %)", "20 (20.0 %)"]
