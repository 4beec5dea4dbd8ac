"""A picture of what a model goes by."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.style import BLUE, NEUTRAL, new_figure, put_title
from credit.core.wording import METRIC_TITLES
from credit.explain.importance import METRICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 40


def draw_importance(table: pd.DataFrame) -> "Figure":
    """Draw what a model loses without each attribute, with intervals; the most important for AUC at the top.

    Parameters
    ----------
    table : of `permutation_importance`, with a column `title`.
    """
    by_auc = table[table["metric"] == "auc"].sort_values("importance", ascending=False, kind="stable")
    order = list(by_auc["attribute"][:SHOWN])[::-1]
    figure = new_figure(10.5, 0.25 * len(order) + 1.5)
    panels = figure.subplots(1, len(METRICS), sharey=True)
    for axes, metric in zip(panels, METRICS, strict=True):
        rows = table[table["metric"] == metric].set_index("attribute").loc[order]
        heights = np.arange(len(order))
        reach = (rows["high"] - rows["importance"]).to_numpy()
        axes.errorbar(rows["importance"], heights, xerr=reach, fmt="o", color=BLUE, capsize=2, markersize=4)
        axes.axvline(0, color=NEUTRAL, linewidth=1)
        axes.set(title=f"loss of {METRIC_TITLES[metric]}", xlabel="0: of no use", ylim=(-0.6, len(order) - 0.4))
        axes.set_yticks(heights, rows["title"])
    n, bad, some = table["n"].iloc[0], table["bad"].iloc[0], ""
    if len(by_auc) > SHOWN:
        some = f", the {SHOWN} most important of {len(by_auc)}"
    put_title(
        figure,
        f"What the model loses when an attribute is shuffled among {n:,} test applicants ({bad:,} bad){some}\n"
        "95 % intervals: from these applicants to others, and of the shuffles",
    )
    figure.tight_layout()
    return figure
