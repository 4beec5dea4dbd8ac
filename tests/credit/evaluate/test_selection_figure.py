"""The pictures that compare families draw the numbers of their tables."""

import numpy as np
import pandas as pd
import pytest

from credit.core.families import FAMILIES
from credit.core.style import GREEN
from credit.evaluate.selection import compare
from credit.evaluate.selection_figure import draw_average_pds, draw_comparison, draw_roc, draw_violations

TITLES = [family.title for family in FAMILIES.values()]


@pytest.fixture
def table():
    """Give rankings as `select_best` writes them; the spread of AUCs is that of the German data."""
    generator = np.random.default_rng(1)
    folds = {}
    for family, level in zip(FAMILIES, (0.777, 0.785, 0.752, 0.775, 0.720, 0.789, 0.768, 0.780, 0.770), strict=True):
        noise = generator.normal(scale=0.05, size=20)
        folds[family] = pd.DataFrame(
            {"auc": level + noise, "brier": 0.9 - level + noise / 3, "cost": 1.3 - level + noise}
        )
    rankings = pd.concat([compare(folds, metric, 0.1, 800) for metric in ("auc", "brier", "cost")], ignore_index=True)
    return rankings.assign(chosen=rankings["family"] == "lr")


@pytest.fixture
def curves():
    grid = np.linspace(0, 1, 21)
    return pd.concat(
        pd.DataFrame({"model": family, "fpr": grid, "tpr": grid ** (1 / (2 + place))})
        for place, family in enumerate(FAMILIES)
    )


def test_every_family_has_its_mean_in_each_panel_the_best_at_the_top_and_the_chosen_in_green(table):
    figure = draw_comparison(table)
    assert [axes.get_title(loc="left").split()[0] for axes in figure.axes] == ["AUC", "Brier", "cost"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[-1] == FAMILIES["xgb"].title
    for axes, (_, rows) in zip(figure.axes, table.groupby("metric", sort=False), strict=True):
        assert {text.get_text() for text in axes.texts} == {f"{mean:.3f}" for mean in rows["mean"]}
        green = [line.get_ydata()[0] for line in axes.lines if line.get_color() == GREEN]
        assert {labels[int(height)] for height in green} == {FAMILIES["lr"].title}


def test_roc_draws_every_family_and_the_chosen_one_thicker_and_on_top(curves):
    lines = {line.get_label(): line for line in draw_roc(curves, "rf").axes[0].lines}
    thickest = max(lines.values(), key=lambda line: line.get_linewidth())
    assert thickest is max(lines.values(), key=lambda line: line.get_zorder()) is lines[FAMILIES["rf"].title]
    assert {family.title for family in FAMILIES.values()} < set(lines)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines.values()}) == len(lines)


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


@pytest.mark.parametrize("draw", [draw_average_pds, lambda table: draw_violations(table, 0.01)])
def test_without_expectations_a_note_says_so(draw):
    assert any("monotonicity" in text.get_text() for text in draw(pd.DataFrame()).texts)
