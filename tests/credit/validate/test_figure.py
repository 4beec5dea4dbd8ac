"""The picture of the nested validation: what it shows, and that it can be read."""

import numpy as np
import pandas as pd
import pytest

from credit.core.families import FAMILIES
from credit.core.style import GREEN
from credit.validate.figure import PANELS, draw_validation
from credit.validate.nested_cv import CHOSEN, METRICS, differences, estimates

TITLES = {**{name: family.title for name, family in FAMILIES.items()}, CHOSEN: "what is chosen", "leader": "the leader"}


def found(families: list[str], spread: float = 0.05) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give estimates and differences of families, the second of which is chosen in each of ten folds."""
    generator = np.random.default_rng(4)
    tables = []
    for place, family in enumerate(families):
        values = 0.6 + spread * (0.3 * place + generator.normal(size=(10, len(METRICS))))
        tables.append(pd.DataFrame(values, columns=METRICS).assign(family=family))
    tables += [tables[min(1, len(families) - 1)].assign(family=CHOSEN), tables[0].assign(family="leader")]
    folds = pd.concat(tables, ignore_index=True)
    return estimates(folds, 0.1, 800), differences(folds, 0.1)


@pytest.fixture
def all_families():
    return found(list(FAMILIES))


def titles_of(figure) -> tuple[list[str], list[str]]:
    """Read the titles beside the upper and the lower panels, from the bottom to the top; each row shares them."""
    above, below = ([label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes[:: len(PANELS)])
    return above, below


def rows_of(axes, titles: list[str]) -> dict[str, tuple[float, float, float, str]]:
    """Read low, high, value and the text above it from the lines of a panel, by the family's title."""
    shown = {}
    for height, text in enumerate(axes.texts):
        lines = [line for line in axes.lines if list(line.get_ydata()) in ([height] * 2, [height])]
        interval, point = sorted(lines, key=lambda line: -len(line.get_xdata()))
        assert interval.get_color() == point.get_color() == (GREEN if titles[height] == TITLES[CHOSEN] else "#666666")
        assert text.xy == (point.get_xdata()[0], height)
        shown[titles[height]] = (*interval.get_xdata(), point.get_xdata()[0], text.get_text())
    return shown


def expected(table: pd.DataFrame, metric: str, value: str) -> dict[str, tuple[float, float, float, str]]:
    rows = table[table["metric"] == metric].to_dict("records")
    return {TITLES[row["family"]]: (row["low"], row["high"], row[value], f"{row[value]:.3f}") for row in rows}


def test_every_family_has_its_name_in_words_and_its_intervals_as_given(all_families):
    figure = draw_validation(*all_families)
    assert len(figure.axes) == 2 * len(PANELS)
    for column, metric in enumerate(PANELS):
        panels = (figure.axes[column], figure.axes[column + len(PANELS)])
        above, below = (rows_of(axes, titles) for axes, titles in zip(panels, titles_of(figure), strict=True))
        assert above == expected(all_families[0], metric, "mean")
        assert below == {
            title: (low, high, value, text.replace("-0.000", "0.000"))
            for title, (low, high, value, text) in expected(all_families[1], metric, "difference").items()
        }
        assert set(above) == set(TITLES.values())
        assert set(above) - set(below) == {TITLES[CHOSEN]}


@pytest.mark.slow
def test_the_best_by_auc_stands_at_the_top_below_what_is_chosen(all_families):
    means = all_families[0][all_families[0]["metric"] == "auc"].set_index("family")["mean"].drop(CHOSEN)
    names = [TITLES[family] for family in means.sort_values().index]
    assert titles_of(draw_validation(*all_families)) == ([*names, TITLES[CHOSEN]], names)


def test_a_line_at_nought_is_in_the_panels_of_differences_alone(all_families):
    for number, axes in enumerate(draw_validation(*all_families).axes):
        dashed = [list(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "--"]
        assert dashed == ([[0, 0]] if number >= len(PANELS) else [])


def test_what_rounds_to_nought_has_no_sign():
    of_all, paired = found(["lr", "dt"])
    figure = draw_validation(of_all, paired.assign(difference=-0.0004))
    assert {text.get_text() for axes in figure.axes[len(PANELS) :] for text in axes.texts} == {"0.000"}
