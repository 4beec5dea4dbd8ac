"""Pictures of columns: numbers and what lies beyond the caps, missing values, information value, association."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.style import BAD, GOOD, NEUTRAL, SKY, new_figure, note_only, put_title
from credit.core.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 40
SHOWN_NUMBERS = 30
_NUMBERS = "Numeric columns of training applicants"
ANNOTATED = 22
STRENGTHS = {"weak": 0.02, "medium": 0.1, "strong": 0.3}  # Siddiqi 2006, from this information value


def draw_distributions(histograms: pd.DataFrame, profile: pd.DataFrame, units: Mapping[str, str]) -> "Figure":
    """Draw each numeric column's distribution among goods and among bads, and its caps (`credit.eda.profiles`)."""
    drawn = [row for row in profile.itertuples() if row.feature in set(histograms["feature"])][:SHOWN_NUMBERS]
    if not drawn:
        return note_only(_NUMBERS, "no numeric column with two distinct values")
    across = min(3, len(drawn))
    down = -(-len(drawn) // across)
    figure = new_figure(max(4.6 * across, 6.5), 3.2 * down + 0.9)
    put_title(figure, f"{_NUMBERS}: goods against bads", size=11)
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
    drawn = [row for row in profile.itertuples() if row.n and not np.isnan(row.upper_cap)][:SHOWN_NUMBERS]
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


def _room_for(names: pd.Series) -> float:
    """Inches that the longest of names takes beyond 24 characters."""
    return 0.08 * max(names.str.len().max() - 24, 0)


def draw_missing(missing: pd.DataFrame) -> "Figure":
    """Draw the share of missing values of each column, from the table of `missing_values`."""
    n = missing["n"].iloc[0]
    title = f"Missing values by column, training applicants (n = {n:,})"
    if not missing["missing"].any():
        return note_only(title, f"none: all {len(missing)} columns are complete")
    complete = (missing["missing"] == 0).sum()
    shown = missing[missing["missing"] > 0].nlargest(SHOWN, "missing", keep="first").iloc[::-1]
    figure = new_figure(8 + _room_for(shown["feature"]), 0.28 * len(shown) + 1.3)
    axes = figure.subplots()
    bars = axes.barh(shown["feature"], 100 * shown["missing_share"], color=SKY)
    axes.bar_label(bars, [f"{count:,} ({percent(count / n)})" for count in shown["missing"]], padding=3, size=8)
    axes.set_xlim(0, 118 * shown["missing_share"].max())
    axes.xaxis.set_major_formatter("{x:.4g} %")
    axes.set_title(title)
    axes.set_xlabel(f"share of applicants without a value; {complete} of {len(missing)} columns are complete")
    figure.tight_layout()
    return figure


def draw_information_value(values: pd.DataFrame) -> "Figure":
    """Draw the information value of each column, the strongest at the top, from the table of `information_value`."""
    shown = values.head(SHOWN).iloc[::-1]
    figure = new_figure(8.5 + _room_for(shown["feature"]), 0.27 * len(shown) + 1.7)
    axes = figure.subplots()
    axes.barh(shown["feature"], shown["iv"], color=SKY)
    axes.plot(shown["iv_by_chance"], shown["feature"], "|", color=BAD, markersize=11, markeredgewidth=2)
    top = max(shown["iv"].max(), shown["iv_by_chance"].max()) * 1.12 or 0.01
    axes.set_xlim(0, top)
    axes.margins(y=0.01)
    for row in shown.itertuples():
        furthest = max(row.iv, row.iv_by_chance) + top / 100
        axes.text(furthest, row.feature, f"{row.iv:.3f}", size=8, va="center", bbox={"color": "white", "pad": 1})
    _mark_strengths(axes, top)
    n, bad = values["n"].iloc[0], values["bad"].iloc[0]
    some = f", the {SHOWN} strongest of {len(values)}" if len(values) > SHOWN else ""
    axes.set_title(f"Information value{some}, training applicants (n = {n:,}, {bad:,} bad)", pad=16)
    axes.set_xlabel("information value; red mark: what a column that tells nothing exceeds once in 20 times")
    figure.tight_layout()
    return figure


def _mark_strengths(axes: "Axes", top: float) -> None:
    """Say above which information value a column is called weak, medium, strong; where there is room."""
    last = -1.0
    for strength, start in STRENGTHS.items():
        if last + 0.07 < start / top < 1:
            axes.axvline(start, color=NEUTRAL, linestyle=":", linewidth=1)
            axes.text(start, 1.005, strength, transform=axes.get_xaxis_transform(), size=8, color=NEUTRAL)
            last = start / top


def draw_spearman(pairs: pd.DataFrame) -> "Figure":
    """Draw a heat map of rank correlations; `pairs` is the table of `spearman`."""
    return _heat_map(pairs, "Spearman's rank correlation of numeric and ordinal columns", "PuOr_r", -1.0)


def draw_cramers_v(pairs: pd.DataFrame) -> "Figure":
    """Draw a heat map of associations; `pairs` is the table of `cramers_v`."""
    return _heat_map(pairs, "Cramer's V of nominal and ordinal columns (bias-corrected)", "Blues", 0.0)


def _heat_map(pairs: pd.DataFrame, title: str, colours: str, lowest: float) -> "Figure":
    names = list(dict.fromkeys([*pairs["a"], *pairs["b"]]))[:SHOWN]
    if not names:
        return note_only(title, "fewer than two such columns")
    grid = pairs.pivot(index="b", columns="a", values="value").reindex(index=names[1:], columns=names[:-1])
    side = max(0.42 * len(names), 1.2)
    width = max(side + 3, 6)
    figure = new_figure(width, side + 1.9)
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    image = axes.imshow(np.ma.masked_invalid(grid.to_numpy(dtype=float)), cmap=colours, vmin=lowest, vmax=1.0)
    axes.set_xticks(range(grid.shape[1]), grid.columns, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(grid.shape[0]), grid.index)
    axes.tick_params(length=0)
    if len(names) <= ANNOTATED:
        _annotate(axes, grid)
    figure.colorbar(image, ax=axes, shrink=0.7)
    n = pairs["n"]
    size = f"n = {n.min():,}" if n.min() == n.max() else f"n = {n.min():,} to {n.max():,}"
    put_title(figure, f"{title}\n{size}")
    figure.tight_layout()
    return figure


def _annotate(axes: "Axes", grid: pd.DataFrame) -> None:
    """Write each value into its cell; `-` where a column does not vary."""
    for row, column in zip(*np.tril_indices(len(grid)), strict=True):
        value = grid.iloc[row, column]
        text = "-" if np.isnan(value) else f"{value:z.2f}".replace("0.", ".", 1)
        axes.text(column, row, text, ha="center", va="center", size=7, color="white" if abs(value) > 0.6 else "black")
