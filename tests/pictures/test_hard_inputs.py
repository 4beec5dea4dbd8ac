"""Pictures of hard inputs can be read, and say what they are of: long names, one group and very many, nothing at all,
a handful of applicants.
"""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from credit.eda.columns_figure import draw_missing
from credit.fairness.figure import draw_groups
from tests.pictures import hard_models, hard_tables
from tests.pictures.legible import assert_legible
from tests.pictures.words import SAID, words_on

pytestmark = pytest.mark.slow
PICTURES = hard_tables.PICTURES | hard_models.PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_it_can_be_read_and_says_what_it_is_of(name):
    made = PICTURES[name]()
    figures = [made] if isinstance(made, Figure) else list(made)
    for figure in figures:
        assert_legible(figure)
    words = words_on(figures)
    assert [said for said in SAID.get(name, ()) if said not in words] == []
    assert name not in SAID or "nan" not in words


def test_what_is_said_is_of_pictures_that_there_are():
    assert SAID.keys() <= PICTURES.keys()


def test_without_a_protected_column_there_are_no_groups_to_compare():
    figure = draw_groups(None, None, {}, 0.8)
    figure.canvas.draw()
    assert "no column of the dictionary is protected" in words_on([figure])


def test_bars_of_missing_values_are_as_long_as_they_say():
    table = pd.DataFrame({"feature": ["age", "job"], "missing": [5, 20], "missing_share": [0.05, 0.2], "n": 100})
    (axes,) = draw_missing(table).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([5.0, 20.0])
    assert [text.get_text() for text in axes.texts] == ["5 (5.0 %)", "20 (20.0 %)"]
