"""Pictures of the nested cross-validation of the whole procedure."""

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from credit.core.families import FAMILIES
from credit.core.style import GREEN, NEUTRAL, new_figure, put_title
from credit.core.wording import RULE_TITLES, decimal_text, directed_title
from credit.validate.nested_cv import CHOSEN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = ("auc", "brier", "cost_neutral")
SHORT = 30  # characters of a line beside the axis


def draw_validation(estimates: pd.DataFrame, differences: pd.DataFrame) -> "Figure":
    """Draw three metrics of every family and of what is chosen: above the estimates, below the paired differences.

    Parameters
    ----------
    estimates, differences : as `credit.validate.nested_cv` gives them.
    """
    figure = new_figure(11, 7.4)
    panels = figure.subplots(2, len(PANELS), sharey="row")
    ranked = estimates[estimates["metric"] == "auc"].sort_values("mean")["family"]
    others = [family for family in ranked if family != CHOSEN]
    for column, metric in enumerate(PANELS):
        _draw_rows(panels[0][column], estimates[estimates["metric"] == metric], "mean", [*others, CHOSEN])
        panels[0][column].set_title(directed_title(metric).replace(" (", "\n("), fontsize=10)
        _draw_rows(panels[1][column], differences[differences["metric"] == metric], "difference", others)
        panels[1][column].axvline(0, color=NEUTRAL, linewidth=1, linestyle="--")
        panels[1][column].set_title("minus what is chosen", fontsize=10)
    n = estimates["n"].iloc[0]
    put_title(figure, f"The whole procedure, nested cross-validation of {n} applicants, 95 % intervals")
    figure.tight_layout()
    return figure


def _draw_rows(axes, rows: pd.DataFrame, value: str, order: list[str]) -> None:
    rows = rows.set_index("family").loc[order]
    for height, (family, row) in enumerate(rows.iterrows()):
        colour = GREEN if family == CHOSEN else NEUTRAL
        axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2)
        axes.plot(row[value], height, "o", color=colour)
        axes.annotate(
            decimal_text(row[value]),
            (row[value], height),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # the line at 0 may pass behind
        )
    names = {
        **{name: family.title for name, family in FAMILIES.items()},
        **{name: textwrap.fill(title, SHORT) for name, title in RULE_TITLES.items()},
        CHOSEN: "what is chosen",
    }
    axes.set_yticks(range(len(order)), [names[family] for family in order])
    axes.set_ylim(-0.5, len(order) - 0.3)
    axes.locator_params(axis="x", nbins=6)
