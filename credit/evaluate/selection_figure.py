"""Pictures of how the families compare."""

from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from credit.core.families import FAMILIES
from credit.core.style import GREEN, NEUTRAL, ON_WHITE, new_figure
from credit.core.wording import decimal_text, directed_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_comparison(table: pd.DataFrame) -> "Figure":
    """Draw each metric of each family with its interval; the chosen family stands out.

    `table` has the rankings of `credit.evaluate.selection.compare`, one after the other, and a column `chosen`.
    """
    metrics = list(dict.fromkeys(table["metric"]))
    figure = new_figure(4 * len(metrics), 1 + 0.34 * table["family"].nunique())
    panels = figure.subplots(1, len(metrics), squeeze=False)[0]
    order = list(table[table["metric"] == metrics[0]]["family"])[::-1]
    for axes, metric in zip(panels, metrics, strict=True):
        rows = table[table["metric"] == metric].set_index("family").loc[order]
        for height, (_, row) in enumerate(rows.iterrows()):
            colour = GREEN if row["chosen"] else NEUTRAL
            axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2)
            axes.plot(row["mean"], height, "o", color=colour)
            above = {"xytext": (0, 5), "textcoords": "offset points", "ha": "center", "fontsize": 8}
            axes.annotate(decimal_text(row["mean"]), (row["mean"], height), **above)
        axes.set_yticks(range(len(order)), [FAMILIES[family].title if axes is panels[0] else "" for family in order])
        axes.set_ylim(-0.5, len(order) - 0.3)
        axes.locator_params(axis="x", nbins=6)
        axes.set_title(directed_title(metric))
    title = f"Out-of-fold results of {table['n'].iloc[0]} applicants with 95 % intervals; chosen in green"
    figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    figure.tight_layout()
    return figure


def draw_roc(curves: pd.DataFrame, chosen: str) -> "Figure":
    """Draw the out-of-fold ROC curve of each family (columns model, fpr, tpr); the chosen one is thicker."""
    figure = new_figure(5.6, 5.2)
    axes = figure.subplots()
    looks = product(("-", "--"), ON_WHITE)
    for (dashes, colour), (family, rows) in zip(looks, curves.groupby("model", sort=False), strict=False):
        stress = {"linewidth": 2.6, "zorder": 3} if family == chosen else {"linewidth": 1.2, "zorder": 2}
        axes.plot(rows["fpr"], rows["tpr"], dashes, color=colour, label=FAMILIES[family].title, **stress)
    axes.plot([0, 1], [0, 1], color=NEUTRAL, linestyle=":", linewidth=1)
    axes.set(xlabel="good applicants rejected (FPR)", ylabel="bad applicants rejected (TPR)", aspect="equal")
    axes.set_title("ROC out of fold; the chosen family is thicker")
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    return figure
