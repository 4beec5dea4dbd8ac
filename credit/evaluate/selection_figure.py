"""Pictures of how the families compare, how their PDs move along attributes, and how often against expectation."""

from collections.abc import Iterator
from itertools import product
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.families import FAMILIES
from credit.core.style import BAD, BLUE, GREEN, NEUTRAL, ON_WHITE, new_figure, note_only, put_title
from credit.core.wording import decimal_text, directed_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 2
NOTHING = "the data dictionary expects no direction of any attribute that models see (monotonicity)"


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


def draw_violations(checks: pd.DataFrame, tolerance: float) -> "Figure":
    """Draw, by attribute and family, the share of applicants whose PD moves the wrong way by more than `tolerance`.

    `checks` has the columns title, expected, family, and those of `check_direction`.
    """
    title = "Applicants whose PD moves against the expected direction"
    if checks.empty:
        return note_only(title, NOTHING)
    families = list(dict.fromkeys(checks["family"]))[::-1]
    figure, panels = _panels(checks, 0.27 * len(families) + 1.1)
    for axes, (_, of_attribute) in zip(panels, checks.groupby("attribute", sort=False), strict=True):
        rows = of_attribute.set_index("family").loc[families]
        heights = np.arange(len(families))
        reach = np.maximum([rows["share"] - rows["low"], rows["high"] - rows["share"]], 0)
        axes.errorbar(rows["share"], heights, xerr=reach, fmt="o", color=BLUE, capsize=2, markersize=4)
        for height, average in zip(heights, rows["average"], strict=True):
            colour = BAD if average > tolerance else "black"
            axes.text(1.25, height, f"{100 * average:.1f}", va="center", ha="center", size=8, color=colour)
        axes.set(xlim=(-0.03, 1.36), ylim=(-0.6, len(families) - 0.4))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1, 1.25], ["0 %", "25 %", "50 %", "75 %", "100 %", "average\ncurve"])
        axes.xaxis.get_gridlines()[-1].set_visible(False)
        axes.set_yticks(heights, [FAMILIES[family].title for family in families])
        axes.set_title(f"{rows['title'].iloc[0]}\nPD expected {rows['expected'].iloc[0]}", size=9)
    n, points = checks["n"].iloc[0], f"{100 * tolerance:g} percentage point{'' if tolerance == 0.01 else 's'}"
    put_title(
        figure,
        f"{title}: by more than {points} from some value to a later one\n"
        f"{n:,} test applicants, 95 % intervals; average curve: its largest such move, in percentage points",
    )
    figure.tight_layout(h_pad=2)
    return figure


def draw_average_pds(curves: pd.DataFrame) -> "Figure":
    """Draw the average PD along each attribute, a line a family.

    `curves` has a row a point: attribute, title, expected, coded (whether the values are codes), unit, family, order,
    value, words, pd, n.
    """
    title = "Average PD if all applicants had the value below"
    if curves.empty:
        return note_only(title, NOTHING)
    families = list(dict.fromkeys(curves["family"]))
    looks = dict(zip(families, product(("-", "--"), ON_WHITE), strict=False))
    figure, panels = _panels(curves, 3.3)
    for axes, (_, rows) in zip(panels, curves.groupby("attribute", sort=False), strict=True):
        is_coded = bool(rows["coded"].iloc[0])
        for family, (dashes, colour) in looks.items():
            line = rows[rows["family"] == family]
            x = line["order"] if is_coded else line["value"]
            axes.plot(x, 100 * line["pd"], dashes, color=colour, marker=".", label=FAMILIES[family].title)
        if is_coded:
            points = rows.drop_duplicates("order")
            axes.set_xticks(points["order"], [fill(words, 16) for words in points["words"]], size=8)
        else:
            axes.xaxis.set_major_formatter("{x:,.10g}")
            axes.set_xlabel(rows["unit"].iloc[0])
        axes.set(title=f"{rows['title'].iloc[0]}\nPD expected {rows['expected'].iloc[0]}", ylim=(0, None))
        axes.yaxis.set_major_formatter("{x:.0f} %")
    put_title(figure, f"{title}, all else as it is; {curves['n'].iloc[0]:,} test applicants")
    figure.legend(*axes.get_legend_handles_labels(), loc="lower center", ncols=4, fontsize=8)
    legend = 0.25 + 0.2 * (1 + (len(families) - 1) // 4)
    figure.tight_layout(rect=(0, legend / figure.get_figheight(), 1, 1))
    return figure


def _panels(table: pd.DataFrame, height: float) -> tuple["Figure", Iterator["Axes"]]:
    """Make a panel for each attribute, two in a row."""
    count = table["attribute"].nunique()
    rows = -(-count // COLUMNS)
    figure = new_figure(11, rows * height + 0.9)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in panels[count:]:
        axes.set_visible(False)
    return figure, iter(panels[:count])
