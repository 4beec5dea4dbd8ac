"""Pictures of bad rates with their intervals: by level of each column, and of subgroups."""

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from credit.core.style import BAD, NEUTRAL, new_figure, note_only
from credit.core.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_LEVELS = 12
SHOWN_COLUMNS = 30
PANELS_ACROSS = 3
_LINE, _HEAD = 0.24, 0.75  # inches: of one line of text, and of what a panel needs besides
_WIDTH, _LABELS, _COUNTS = 6.2, 2.5, 0.9  # inches: of a panel, of its labels and of its counts


def draw_by_level(rates: pd.DataFrame, order: list[str]) -> "Figure":
    """Draw the bad rate of every level of every column, with its 95 % interval and n.

    Of a column with more than 12 levels the most frequent are drawn, of more than 30 columns the first. `rates` is the
    table of `bad_rate_by_level`, `order` names the columns in the order of their panels.
    """
    total = rates[rates["column"] == order[0]]
    overall = total["bad"].sum() / total["n"].sum()
    panels = [_frequent(rates[rates["column"] == name]) for name in order[:SHOWN_COLUMNS]]
    stacks = _stack([_height(levels) for levels in panels])
    height = max(sum(_height(panels[place]) for place in stack) for stack in stacks) + 0.8
    furthest = 100 * max(levels["high"].max() for levels in panels)
    width = _WIDTH * len(stacks)
    figure = new_figure(width, height)
    some = f"; the first {SHOWN_COLUMNS} of {len(order)} columns" if len(order) > SHOWN_COLUMNS else ""
    title = f"Bad rate by level, training applicants (n = {total['n'].sum():,}){some}"
    figure.text(0.1 / width, 1 - 0.3 / height, title, weight="bold", size=12)
    legend = f"dot: bad rate, bar: 95 % Wilson interval, dashed: overall {percent(overall)}; by information value"
    figure.text(0.1 / width, 1 - 0.52 / height, legend, color=NEUTRAL)
    for across, stack in enumerate(stacks):
        top = height - 0.7
        for place in stack:
            box = (across * _WIDTH + _LABELS, top - _height(panels[place]) + 0.35)
            size = (_WIDTH - _LABELS - _COUNTS, _height(panels[place]) - _HEAD)
            axes = figure.add_axes((box[0] / width, box[1] / height, size[0] / width, size[1] / height))
            _draw_levels(axes, panels[place], rates, overall)
            axes.set_xlim(-furthest / 60, furthest * 1.02)
            top -= _height(panels[place])
    return figure


def _frequent(levels: pd.DataFrame) -> pd.DataFrame:
    return levels.loc[levels["n"].nlargest(SHOWN_LEVELS).index.sort_values()]


def _wrapped(label: str) -> str:
    return "\n".join(textwrap.wrap(textwrap.shorten(str(label), 80, placeholder=" ..."), 36))


def _lines(levels: pd.DataFrame) -> list[int]:
    return [_wrapped(label).count("\n") + 1 for label in levels["label"]]


def _height(levels: pd.DataFrame) -> float:
    return _LINE * max(sum(0.3 + 0.7 * lines for lines in _lines(levels)), 2) + _HEAD


def _stack(heights: list[float]) -> list[list[int]]:
    """Deal panels in order to stacks side by side, each onto the lowest."""
    stacks: list[list[int]] = [[] for _ in range(min(PANELS_ACROSS, len(heights)))]
    for place in range(len(heights)):
        min(stacks, key=lambda stack: sum(heights[other] for other in stack)).append(place)
    return stacks


def _draw_levels(axes: "Axes", levels: pd.DataFrame, rates: pd.DataFrame, overall: float) -> None:
    of_column = rates[rates["column"] == levels["column"].iloc[0]]
    room = [0.3 + 0.7 * lines for lines in _lines(levels)]
    places = [-(sum(room[:row]) + room[row] / 2) for row in range(len(room))]
    _draw_intervals(axes, levels, places, overall)
    axes.set_ylim(-sum(room) - 0.1, 0.1)
    axes.set_yticks(places, [_wrapped(label) for label in levels["label"]], fontsize=8)
    more = len(of_column) - len(levels)
    note = f", {len(levels)} most frequent of {len(of_column)} levels" if more else ""
    axes.set_title(f"{levels['column'].iloc[0]}{note}")


def _draw_intervals(axes: "Axes", table: pd.DataFrame, places: list[float], overall: float) -> None:
    """Draw a dot and a bar a record (bad_rate, low, high, n), percent across, the count at the right."""
    rate, low, high = (100 * table[name].to_numpy() for name in ("bad_rate", "low", "high"))
    axes.errorbar(rate, places, xerr=(rate - low, high - rate), fmt="o", color=BAD, markersize=4, elinewidth=1.4)
    axes.axvline(100 * overall, color=NEUTRAL, linestyle="--", linewidth=1)
    axes.set_xlim(-high.max() / 60, high.max() * 1.02)
    axes.xaxis.set_major_formatter("{x:.4g} %")
    axes.tick_params(axis="y", length=0)
    for place, n in zip(places, table["n"], strict=True):
        axes.text(1.02, place, f"n = {n:,}", transform=axes.get_yaxis_transform(), va="center", size=7.5, color=NEUTRAL)


def draw_subgroups(subgroups: pd.DataFrame) -> "Figure":
    """Draw the bad rate of the strongest subgroups with 95 % intervals, from the table of `strongest_subgroups`."""
    title = "Strongest subgroups for bad = 1"
    if subgroups.empty:
        return note_only(title, "no group of applicants is bad more often than all are")
    overall, n = subgroups["all_bad_rate"].iloc[0], subgroups["all_n"].iloc[0]
    texts = ["\nand ".join(textwrap.fill(part, 60) for part in text.split(" and ")) for text in subgroups["subgroup"]]
    room = [0.5 + 0.8 * (text.count("\n") + 1) for text in texts]
    places = [-(sum(room[:row]) + room[row] / 2) for row in range(len(room))]
    height = 0.2 * sum(room) + 1.5
    figure = new_figure(11, height)
    axes = figure.add_axes((0.43, 0.55 / height, 0.47, (height - 1.5) / height))
    _draw_intervals(axes, subgroups, places, overall)
    axes.set_ylim(-sum(room), 0)
    axes.set_yticks(places, texts, fontsize=8)
    axes.set_xlabel("bad rate")
    figure.text(0.01, 1 - 0.3 / height, f"{title}, by weighted relative accuracy (n = {n:,})", weight="bold", size=12)
    searched = subgroups["searched_n"].iloc[0]
    legend = "dot: bad rate, bar: 95 % Wilson interval (optimistic: a search picked these), dashed: overall "
    legend += percent(overall)
    legend += f"; searched in a sample of {searched:,}" if searched < n else ""
    figure.text(0.01, 1 - 0.55 / height, legend, color=NEUTRAL)
    return figure
