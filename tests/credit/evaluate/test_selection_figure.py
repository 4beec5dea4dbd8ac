"""The pictures that compare families draw the numbers of their tables."""

import pandas as pd
import pytest

from credit.core.families import FAMILIES
from credit.evaluate.selection_figure import draw_average_pds, draw_violations

TITLES = [family.title for family in FAMILIES.values()]


@pytest.mark.parametrize(("average", "marked"), [(0.0, False), (0.01, False), (0.0101, True)])
def test_violations_have_a_row_a_family_and_mark_an_average_beyond_the_tolerance(average, marked):
    rows = [{"attribute": "x", "title": "amount", "expected": "increasing", "family": family} for family in FAMILIES]
    share = pd.Series(range(len(rows))) / 10
    table = pd.DataFrame(rows).assign(n=200, share=share, low=share - 0.02, high=share + 0.02, average=average)
    figure = draw_violations(table, 0.01)
    (axes,) = [axes for axes in figure.axes if axes.get_visible()]
    assert [label.get_text() for label in axes.get_yticklabels()] == TITLES[::-1]
    assert list(axes.lines[0].get_xdata()) == list(share[::-1])
    assert "more than 1 percentage point " in figure.get_suptitle()
    assert {text.get_text() for text in axes.texts} == {f"{100 * average:.1f}"}
    assert (axes.texts[0].get_color() != "black") == marked


@pytest.mark.parametrize("coded", [True, False])
def test_average_pds_name_codes_or_the_unit_and_tell_every_family_apart(coded):
    rows = [
        {"family": family, "order": order, "value": order + 1, "words": f"code {order}", "pd": order / 10}
        for family in FAMILIES
        for order in range(5)
    ]
    about = {"attribute": "x", "title": "savings", "expected": "decreasing", "coded": coded, "unit": "DM", "n": 200}
    figure = draw_average_pds(pd.DataFrame(rows).assign(**about))
    axes = figure.axes[0]
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == len(FAMILIES)
    assert list(axes.lines[0].get_ydata()) == [0, 10, 20, 30, 40]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == TITLES
    assert (axes.get_xticklabels()[0].get_text() == "code 0") == coded
    assert (axes.get_xlabel() == "DM") != coded
