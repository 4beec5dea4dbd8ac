import io

import pandas as pd
import pytest

from credit.eda.bad_rates_figure import SHOWN_COLUMNS, SHOWN_LEVELS, draw_by_level, draw_subgroups

pytestmark = pytest.mark.filterwarnings("error")


def rates(columns: int, levels: int) -> pd.DataFrame:
    rows = [
        (f"column {place}", str(level), f"level {level} of $many_{place}$ & more", 10 * (level + 1), 2 * (level + 1))
        for place in range(columns)
        for level in range(levels)
    ]
    table = pd.DataFrame(rows, columns=["column", "level", "label", "n", "bad"])
    return table.assign(bad_rate=0.2, low=0.1, high=0.4)


def drawn(figure) -> None:
    figure.savefig(io.BytesIO(), format="png")


def test_every_column_has_a_panel_and_every_level_a_label_and_its_n():
    figure = draw_by_level(rates(2, 4), ["column 0", "column 1"])
    drawn(figure)
    assert [panel.get_title(loc="left") for panel in figure.axes][:1] == ["column 0"]
    assert len(figure.axes) == 2
    for panel in figure.axes:
        assert len(panel.get_yticklabels()) == 4
        assert [text.get_text() for text in panel.texts] == ["n = 10", "n = 20", "n = 30", "n = 40"]


def test_of_many_levels_and_columns_those_drawn_are_named():
    panel = draw_by_level(rates(1, 300), ["column 0"]).axes[0]
    assert panel.get_title(loc="left") == f"column 0, {SHOWN_LEVELS} most frequent of 300 levels"
    assert panel.texts[-1].get_text() == "n = 3,000"
    figure = draw_by_level(rates(SHOWN_COLUMNS + 5, 2), [f"column {place}" for place in range(SHOWN_COLUMNS + 5)])
    assert len(figure.axes) == SHOWN_COLUMNS
    assert f"the first {SHOWN_COLUMNS} of {SHOWN_COLUMNS + 5} columns" in figure.texts[0].get_text()


def test_subgroups_and_their_sample_are_named():
    table = pd.DataFrame({"subgroup": ["a < 3 and b: 'x'", "c missing"], "n": [30, 2000]})
    table = table.assign(bad_rate=0.5, low=0.4, high=0.6, all_bad_rate=0.2, all_n=9000, searched_n=5000)
    figure = draw_subgroups(table)
    drawn(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a < 3\nand b: 'x'", "c missing"]
    assert "searched in a sample of 5,000" in figure.texts[1].get_text()
    drawn(draw_subgroups(table.iloc[:0]))
