"""Tests of the pictures that compare families: what they show, and that it can be read."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from credit.core.families import FAMILIES
from credit.core.style import GREEN
from credit.evaluate.selection import compare
from credit.evaluate.selection_figure import draw_comparison, draw_roc


def texts_of(figure) -> list:
    """Draw the figure, and list its visible texts with their boxes, tick labels included."""
    figure.canvas.draw()
    texts = [*figure.texts, *([figure._suptitle] if figure._suptitle else [])]
    for axes in figure.axes:
        # Ticks outside the axes are made, but not drawn.
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        texts += [axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title, *axes.texts]
        texts += axes.get_legend().get_texts() if axes.get_legend() else []
    return [(text.get_text(), text.get_window_extent()) for text in dict.fromkeys(texts) if text.get_text()]


def assert_legible(figure) -> None:
    """Every text is inside the picture, and none touches another."""
    texts = texts_of(figure)
    for text, box in texts:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    for (one, box), (other, another) in combinations(texts, 2):
        assert not box.overlaps(another), (one, other)


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


def test_comparison_is_legible(table):
    assert_legible(draw_comparison(table))


def test_every_metric_has_a_panel_and_every_family_its_mean(table):
    figure = draw_comparison(table)
    assert [axes.get_title(loc="left").split()[0] for axes in figure.axes] == ["AUC", "Brier", "cost"]
    for axes, (_, rows) in zip(figure.axes, table.groupby("metric", sort=False), strict=True):
        written = {text.get_text() for text in axes.texts}
        assert written == {f"{mean:.3f}" for mean in rows["mean"]}
    assert "800 applicants" in figure.get_suptitle()


def test_the_best_stands_at_the_top_and_the_chosen_in_green(table):
    figure = draw_comparison(table)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[-1] == FAMILIES["xgb"].title
    for axes in figure.axes:
        green = [line.get_ydata()[0] for line in axes.lines if line.get_color() == GREEN]
        assert {labels[int(height)] for height in green} == {FAMILIES["lr"].title}


def test_roc_is_legible(curves):
    assert_legible(draw_roc(curves, "rf"))


def test_roc_draws_every_family_and_the_chosen_one_thicker_and_on_top(curves):
    lines = {line.get_label(): line for line in draw_roc(curves, "rf").axes[0].lines}
    thickest = max(lines.values(), key=lambda line: line.get_linewidth())
    assert thickest is max(lines.values(), key=lambda line: line.get_zorder()) is lines[FAMILIES["rf"].title]
    assert {family.title for family in FAMILIES.values()} < set(lines)


def test_roc_has_colours_that_are_seen_on_white_and_told_apart(curves):
    colours = [line.get_color() for line in draw_roc(curves, "rf").axes[0].lines]
    assert len(set(colours)) == len(colours)
    for colour in colours:
        # Relative luminance, W3C WCAG 2.1; yellow has 0.8.
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in to_rgb(colour)]
        assert np.dot(linear, [0.2126, 0.7152, 0.0722]) < 0.5, colour
