"""Picture of how one model decides on protected groups."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from credit.core.style import BLUE, NEUTRAL, VERMILION, new_figure, note_only
from credit.fairness.rates import NOBODY, NOISE, PASSED, TOO_FEW

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_GROUPS = 12
TITLE = "Decisions on protected groups, out of fold"
WIDEST_RATIO = 3.0
_LABELS, _PANEL, _COUNTS, _ROW = 2.75, 1.55, 1.2, 0.42  # inches: of the labels, a panel, its counts and a row
_TOP, _BOTTOM = 1.15, 0.55


_PANELS = {
    "approval_rate": "approved",
    "approval_ratio": "four-fifths rule: ratio\nof approval rates",
    "tpr": "bad applicants\nrejected (TPR)",
    "fpr": "good applicants\nrejected (FPR)",
    "observed_minus_expected": "observed bad rate\nminus mean PD, points",
}
Row = tuple[str, str | None, str]  # column, group (none in the row of a column's title), text


def draw_groups(
    rates: pd.DataFrame, comparisons: pd.DataFrame, titles: Mapping[str, str], four_fifths: float
) -> "Figure":
    """Draw each measure of each group with its 95 % interval, n and verdict; grey where there are too few to say.

    Of a column with more than 12 groups the largest are drawn, of a ratio what lies below 3. The tables are those of
    `rates_by_group` and `compare_groups`, with the name of the protected column in `column`; it is empty for the rates
    of all applicants, which come first. `titles` says what people call the columns.
    """
    if not titles:
        return note_only(TITLE, "no column of the dictionary is protected, so there are no groups to compare")
    rows = _rows(rates, titles)
    body = _ROW * len(rows)
    width, height = _LABELS + len(_PANELS) * (_PANEL + _COUNTS), body + _TOP + _BOTTOM
    figure = new_figure(width, height)
    _write_head(figure, rates, four_fifths)
    for across, (metric, title) in enumerate(_PANELS.items()):
        left = _LABELS + across * (_PANEL + _COUNTS)
        axes = figure.add_axes((left / width, _BOTTOM / height, _PANEL / width, body / height))
        axes.set_title(title, size=9)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks([])
        _draw_panel(axes, metric, rows, _estimates(metric, rates, comparisons), four_fifths)
        if not across:
            _write_labels(axes, rows)
    return figure


def _write_head(figure: "Figure", rates: pd.DataFrame, four_fifths: float) -> None:
    n = rates["n"].iloc[0]
    height, left = figure.get_figheight(), 0.1 / figure.get_figwidth()
    legend = (
        "dot: estimate, bar: 95 % interval, dashed: all applicants, n: the applicants that the estimate is a mean over",
        f"dotted: a ratio of {four_fifths:g}, a difference of 0; higher, lower: than in the group compared with; "
        "red: more than noise, grey: too few to say",
    )
    figure.text(left, 1 - 0.25 / height, f"{TITLE} (n = {n:,})", weight="bold", size=11)
    for line, text in enumerate(legend):
        figure.text(left, 1 - (0.45 + 0.17 * line) / height, text, color=NEUTRAL, size=8)


def _rows(rates: pd.DataFrame, titles: Mapping[str, str]) -> list[Row]:
    """List the rows from top to bottom."""
    approval = rates[rates["metric"] == "approval_rate"]
    rows: list[Row] = [("", approval["group"].iloc[0], approval["group"].iloc[0])]
    for column, title in titles.items():
        groups = approval[approval["column"] == column]
        shown = groups.loc[groups["n"].nlargest(SHOWN_GROUPS).index.sort_values(), "group"]
        more = f", the {SHOWN_GROUPS} largest of {len(groups)} groups" if len(groups) > len(shown) else ""
        rows += [(column, None, f"{title}{more}"), *((column, group, group) for group in shown)]
    return rows


def _write_labels(axes: "Axes", rows: list[Row]) -> None:
    for place, (_, group, text) in enumerate(rows):
        size, weight = (8.5, "normal") if group else (9, "bold")
        lines = textwrap.fill(textwrap.shorten(text, 70, placeholder=" ..."), 36)
        at = (-(_LABELS - 0.1) / _PANEL, place) if group is None else (-(_LABELS - 0.25) / _PANEL, place)
        axes.text(*at, lines, transform=axes.get_yaxis_transform(), va="center", size=size, weight=weight)


def _estimates(metric: str, rates: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Give a panel's estimates by column and group, `said` being what is written beside them."""
    both = pd.concat([rates, comparisons])
    shown = both[both["metric"] == metric].set_index(["column", "group"])
    compared = comparisons[comparisons["metric"] == f"{metric}_difference"].set_index(["column", "group"])["verdict"]
    verdicts = shown["verdict"].where(shown["verdict"] != "", compared.reindex(shown.index))
    return shown.assign(said=verdicts.fillna(""))


def _draw_panel(axes: "Axes", metric: str, rows: list[Row], estimates: pd.DataFrame, four_fifths: float) -> None:
    is_ratio = metric == "approval_ratio"
    scale = 1 if is_ratio else 100
    for place, (column, group, _) in enumerate(rows):
        if group is None:
            axes.axhspan(place - 0.5, place + 0.5, color="white", zorder=1.5)
        elif (column, group) in estimates.index:
            _draw_estimate(axes, place, estimates.loc[(column, group)], scale)
        elif is_ratio and column:
            alone = sum(other == column for other, _, _ in rows) == 2
            _write(axes, place, "there is no\nother group" if alone else "the others are\ncompared with it", NEUTRAL)
    if is_ratio:
        axes.axvline(four_fifths, color=NEUTRAL, linestyle=":", linewidth=1.4)
        axes.set_xlim(0, min(max(1.25, 1.05 * estimates["high"].max()), WIDEST_RATIO))
    elif metric == "observed_minus_expected":
        axes.axvline(0, color=NEUTRAL, linestyle=":", linewidth=1.4)
        widest = 1.05 * scale * estimates[["low", "high"]].abs().max().max()
        axes.set_xlim(-widest, widest)
    else:
        axes.axvline(scale * estimates["value"].iloc[0], color=NEUTRAL, linestyle="--", linewidth=1)
        axes.set_xlim(-2, 102)
        axes.set_xticks([0, 50, 100])
        axes.xaxis.set_major_formatter("{x:.0f} %")


def _draw_estimate(axes: "Axes", place: int, row: pd.Series, scale: float) -> None:
    """Draw a dot and a bar, and write the estimate, n and the verdict beside them."""
    few = row["said"] == TOO_FEW
    colour = NEUTRAL if few else BLUE if row["said"] in ("", NOISE, PASSED, NOBODY) else VERMILION
    if pd.notna(row["value"]):
        axes.plot([scale * row["low"], scale * row["high"]], [place, place], color=colour, linewidth=1.6)
        axes.plot(scale * row["value"], place, "o", color=colour, markersize=5, fillstyle="none" if few else "full")
    value = f"{row['value']:.2f}" if scale == 1 else f"{scale * row['value']:.0f} %"
    if row["metric"] == "observed_minus_expected":
        value = f"{scale * row['value']:+.1f}"
    estimate = f"{value}, " if pd.notna(row["value"]) else ""
    _write(axes, place, f"{estimate}n = {row['n']:,}\n{row['said']}".rstrip(), colour)


def _write(axes: "Axes", place: int, text: str, colour: str) -> None:
    axes.text(1.04, place, text, transform=axes.get_yaxis_transform(), va="center", size=7.5, color=colour)
