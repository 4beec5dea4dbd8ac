"""Pictures of numeric columns: how goods and bads are spread, and what lies beyond the caps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.style import BAD, GOOD, NEUTRAL, new_figure, note_only, put_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 30
_TITLE = "Numeric columns of training applicants"


def draw_distributions(histograms: pd.DataFrame, profile: pd.DataFrame, units: Mapping[str, str]) -> "Figure":
    """Draw each numeric column's distribution among goods and among bads, and its caps (`credit.eda.profiles`)."""
    drawn = [row for row in profile.itertuples() if row.feature in set(histograms["feature"])][:SHOWN]
    if not drawn:
        return note_only(_TITLE, "no numeric column with two distinct values")
    across = min(3, len(drawn))
    down = -(-len(drawn) // across)
    figure = new_figure(max(4.6 * across, 6.5), 3.2 * down + 0.9)
    put_title(figure, f"{_TITLE}: goods against bads", size=11)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel, row in zip(panels, drawn, strict=False):
        _draw_histogram(panel, histograms[histograms["feature"] == row.feature], row, units.get(row.feature, ""))
    for panel in panels[len(drawn) :]:
        panel.set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower right", ncols=len(labels))
    figure.tight_layout(rect=(0, 0.3 / figure.get_figheight(), 1, 1))
    return figure


def _draw_histogram(panel: "Axes", bars: pd.DataFrame, profile: tuple, unit: str) -> None:
    edges = np.append(bars["left"].to_numpy(), bars["right"].iloc[-1])
    for kind, colour in (("good", GOOD), ("bad", BAD)):
        share = 100 * bars[kind].to_numpy() / max(bars[kind].sum(), 1)
        panel.stairs(share, edges, color=colour, fill=True, alpha=0.25)
        panel.stairs(share, edges, color=colour, linewidth=1.4, label=f"{kind} applicants")
    for cap, label in ((profile.lower_cap, "caps of the feature plan"), (profile.upper_cap, None)):
        panel.axvline(cap, color=NEUTRAL, linestyle="--", linewidth=1, label=label)
    panel.set_title(profile.feature)
    panel.xaxis.set_major_formatter("{x:,.10g}")
    undrawn = profile.n - bars["good"].sum() - bars["bad"].sum()
    far = f", {undrawn:,} of them too far to draw" if undrawn else ""
    panel.set_xlabel(f"{unit or 'value'}\nn = {profile.n:,}, {profile.beyond_caps:,} beyond the caps{far}")
    panel.set_ylabel("% of goods, of bads")


def draw_outliers(profile: pd.DataFrame, beyond: Mapping[str, np.ndarray], units: Mapping[str, str]) -> "Figure":
    """Draw a box for each numeric column: quartiles, whiskers to the caps, and the values beyond them."""
    drawn = [row for row in profile.itertuples() if row.n and not np.isnan(row.upper_cap)][:SHOWN]
    if not drawn:
        return note_only("Values beyond the caps", "no numeric column to cap")
    figure = new_figure(9, 1.25 * len(drawn) + 1)
    put_title(figure, "Outliers: box = quartiles, whiskers = caps, dots = values beyond the caps", size=11)
    panels = figure.subplots(len(drawn), 1, squeeze=False).ravel()
    for panel, row in zip(panels, drawn, strict=True):
        _draw_box(panel, row, beyond[row.feature], units.get(row.feature, ""))
    figure.tight_layout()
    return figure


def _draw_box(panel: "Axes", profile: tuple, beyond: np.ndarray, unit: str) -> None:
    box = {"med": profile.median, "q1": profile.q1, "q3": profile.q3, "fliers": beyond}
    box |= {"whislo": profile.lower_cap, "whishi": profile.upper_cap}
    look = {"boxprops": {"facecolor": GOOD, "alpha": 0.35}, "medianprops": {"color": "black", "linewidth": 1.6}}
    look["flierprops"] = {"marker": "o", "markersize": 3, "markerfacecolor": BAD, "markeredgecolor": "none"}
    panel.bxp([box], orientation="horizontal", widths=0.5, patch_artist=True, **look)
    if profile.max - profile.min > 50 * max(profile.q3 - profile.q1, profile.upper_cap - profile.lower_cap):
        panel.set_xscale("symlog", linthresh=max(profile.q3 - profile.q1, 1e-9))
    panel.xaxis.set_major_formatter("{x:,.10g}")
    panel.set_yticks([])
    panel.set_title(f"{profile.feature}{f' ({unit})' if unit else ''}")
    counts = f"n = {profile.n:,}, {profile.beyond_caps:,} beyond the caps"
    panel.set_title(counts, loc="right", weight="normal", size=8.5)
