"""The scorecard as a form to fill in, with the evidence for its points and what a sum of points means."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from credit.core.style import BAD, BLACK, GOOD, GRID, NEUTRAL, new_figure
from credit.core.wording import number_text, percent
from credit.scorecard.scale import APPROVE, Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# All in inches from the upper left corner.
WIDTH, LINE, GAP, HEAD, SUM, BANDS = 10.85, 0.165, 0.1, 1.5, 0.55, 2.15
QUESTION, ANSWER, POINTS, BOX, COUNT, RATE, PLOT, END = 0.2, 2.4, 6.0, 6.2, 7.4, 8.65, 8.85, 10.65


class _Block(NamedTuple):
    """A question with its answers, each as the lines it takes."""

    question: list[str]
    answers: list[tuple[list[str], pd.Series]]
    not_known: str

    @property
    def lines(self) -> int:
        left = len(self.question) + bool(self.not_known)
        return max(left, sum(len(words) for words, _ in self.answers))


def draw_form(table: pd.DataFrame, bands: pd.DataFrame, scale: Scale, lowest: float, notes: Sequence[str]) -> "Figure":
    """Draw the points of every answer, a box for those of the applicant, and what their sum means.

    Beside the points stand how many of the applicants gave the answer and how many of them were bad, with a 95 %
    interval. Of an answer that nobody gave only the points are said.

    Parameters
    ----------
    table : as `credit.scorecard.points.points_table` returns it.
    bands : as `credit.scorecard.scale.bands_of_points` returns it.
    lowest : score from which on an applicant is approved.
    notes : sentences to stand below.
    """
    blocks = [_block(rows) for _, rows in table[table["feature"] != ""].groupby("feature", sort=False)]
    below = [line for note in notes for line in textwrap.wrap(note, 180)]
    body = sum(block.lines * LINE + GAP for block in blocks)
    height = HEAD + body + SUM + BANDS + len(below) * LINE + 0.1
    figure = new_figure(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    _draw_head(axes, table.iloc[0], HEAD + body)
    top = HEAD
    for block in blocks:
        _draw_block(axes, block, top)
        top += block.lines * LINE + GAP
    _draw_sum(axes, top, lowest)
    _draw_bands(axes, bands, scale, top + SUM)
    for place, text in enumerate(below):
        axes.text(QUESTION, top + SUM + BANDS + place * LINE, text, va="center", color=NEUTRAL, size=8)
    return figure


def _block(rows: pd.DataFrame) -> _Block:
    counted = rows[rows["n"] > 0]
    answers = [(textwrap.wrap(row["answer"], 52) or [""], row) for _, row in counted.iterrows()]
    unseen = [f"{row.answer}: {row.points}" for row in rows[rows["n"] == 0].itertuples()]
    return _Block(textwrap.wrap(rows["title"].iloc[0], 28), answers, "; ".join(unseen))


def _draw_head(axes: "Axes", start: pd.Series, bottom: float) -> None:
    """Write the title, what everyone starts with, and the names and lines of the columns."""
    axes.text(QUESTION, 0.28, "Scorecard: the points of a loan application", weight="bold", size=13, va="center")
    instructions = (
        "Write the points of each answer into its box and add them up; the more points, the safer. Bars are 95 % "
        f"intervals (Wilson) of the bad rate\namong the {start['n']:,} training applicants, {start['bad']:,} of them "
        "bad, whom the points were fitted to; dashed: the bad rate of all of them."
    )
    axes.text(QUESTION, 0.47, instructions, va="top", color=NEUTRAL, size=8.5, linespacing=1.3)
    for left, name in ((QUESTION, "question"), (ANSWER, "answer")):
        axes.text(left, 1.0, name, weight="bold", va="center")
    for right, name in ((POINTS, "points"), (COUNT, "applicants"), (RATE, "bad rate")):
        axes.text(right, 1.0, name, weight="bold", va="center", ha="right")
    for share in (0, 0.5, 1):
        axes.text(_across(share), 1.0, percent(share, 0), va="center", ha="center", size=8)
        axes.plot([_across(share)] * 2, [1.12, bottom], color=GRID, linewidth=0.6)
    axes.plot([_across(start["bad_rate"])] * 2, [1.12, bottom], color=NEUTRAL, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.plot([QUESTION, END], [1.12, 1.12], color=BLACK, linewidth=0.9)
    axes.text(QUESTION, 1.29, start["title"], weight="bold", va="center")
    axes.text(POINTS, 1.29, f"{start['points']}", weight="bold", va="center", ha="right")
    _draw_box(axes, 1.29, f"{start['points']}")


def _across(share: float) -> float:
    return PLOT + (END - 0.15 - PLOT) * share


def _draw_box(axes: "Axes", middle: float, text: str = "") -> None:
    corners = (BOX, middle - 0.09), 0.5, 0.18
    axes.add_patch(_rectangle(*corners, edgecolor=BLACK, facecolor="white", linewidth=0.7))
    axes.text(BOX + 0.45, middle, text, ha="right", va="center", size=8.5)


def _rectangle(corner: tuple[float, float], width: float, height: float, **style: object):
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, **style)


def _draw_block(axes: "Axes", block: _Block, top: float) -> None:
    """Draw a question with its box, and a line an answer."""
    axes.plot([QUESTION, END], [top, top], color=GRID, linewidth=0.8)
    first = top + GAP / 2 + LINE / 2
    for place, text in enumerate(block.question):
        axes.text(QUESTION, first + place * LINE, text, weight="bold", va="center", size=8.5)
    if block.not_known:
        at = first + len(block.question) * LINE
        axes.text(QUESTION, at, block.not_known, va="center", size=7.5, color=NEUTRAL)
    _draw_box(axes, first)
    line = first
    for words, row in block.answers:
        for place, text in enumerate(words):
            axes.text(ANSWER, line + place * LINE, text, va="center", size=8.5)
        axes.text(POINTS, line, f"{row['points']}", va="center", ha="right", weight="bold")
        _draw_evidence(axes, row, line)
        line += len(words) * LINE


def _draw_evidence(axes: "Axes", row: pd.Series, line: float) -> None:
    axes.text(COUNT, line, f"{row['n']:,}", va="center", ha="right", size=8, color=NEUTRAL)
    rate = f"{percent(row['bad_rate'], 0)} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"
    axes.text(RATE, line, rate, va="center", ha="right", size=8, color=NEUTRAL)
    axes.plot([_across(row["low"]), _across(row["high"])], [line, line], color=BAD, linewidth=1.5)
    axes.plot(_across(row["bad_rate"]), line, "o", color=BAD, markersize=3.5)


def _draw_sum(axes: "Axes", top: float, lowest: float) -> None:
    """Draw the box of the sum, and the decision that it leads to."""
    axes.plot([QUESTION, END], [top, top], color=BLACK, linewidth=0.9)
    axes.text(QUESTION, top + 0.2, "sum", weight="bold", va="center", size=10)
    axes.text(ANSWER, top + 0.2, _decision(lowest), weight="bold", va="center", size=10)
    _draw_box(axes, top + 0.2)


def _decision(lowest: float) -> str:
    if not np.isfinite(lowest):
        return "approve whatever the sum" if lowest < 0 else "reject whatever the sum"
    return f"approve at {number_text(lowest)} points or more, reject below"


def _draw_bands(axes: "Axes", bands: pd.DataFrame, scale: Scale, top: float) -> None:
    """Draw what a sum means: a column a band of points, with its PDs, decision, and bad rate out of fold."""
    axes.text(QUESTION, top + 0.12, "What the sum means", weight="bold", va="center", size=10)
    meaning = (
        f"{number_text(scale.points)} points are odds of {number_text(scale.odds)} good to 1 bad, each "
        f"{number_text(scale.points_to_double)} more double them; bad rate of {bands['n'].sum():,} training applicants "
        "by models fitted without them"
    )
    axes.text(ANSWER - 0.3, top + 0.12, meaning, va="center", color=NEUTRAL, size=8)
    left, width = QUESTION + 1.15, (END - QUESTION - 1.15) / len(bands)
    names = ("points", "PD", "decision", "applicants, bad", "bad rate", "95 % interval")
    rows = dict(zip(names, (0.43, 0.78, 1.08, 1.36, 1.6, 1.82), strict=True))  # inches below the top
    for name, down in rows.items():
        axes.text(QUESTION, top + down, name, va="center", size=8.5, weight="bold")
    for place, band in enumerate(bands.to_dict("records")):
        colour = GOOD if band["decision"] == APPROVE else BAD
        corner = (left + place * width + 0.02, top + 0.25)
        axes.add_patch(_rectangle(corner, width - 0.04, 1.72, facecolor=colour, alpha=0.1, linewidth=0))
        seen = band["n"] > 0
        texts = {
            "points": _narrow(band["band"]),
            "PD": _pds(band),
            "decision": band["decision"],
            "applicants, bad": f"{band['n']:,}, {band['bad']:,}",
            "bad rate": percent(band["bad_rate"], 0) if seen else "",
            "95 % interval": f"{100 * band['low']:.0f} to {100 * band['high']:.0f} %" if seen else "",
        }
        for name, text in texts.items():
            bold = "bold" if name in ("points", "decision") else "normal"
            style = {"weight": bold, "color": colour if name == "decision" else BLACK, "size": 8.5}
            axes.text(corner[0] + width / 2 - 0.02, top + rows[name], text, ha="center", va="center", **style)


def _narrow(band: str) -> str:
    """Break a band's words into two lines: after `to`, or before `or`."""
    return band.replace("to ", "to\n").replace(" or ", "\nor ")


def _pds(band: dict) -> str:
    highest, lowest = (percent(band[name]) for name in ("pd_highest", "pd_lowest"))
    if np.isnan(band["start"]):
        return f"{lowest}\nor more"
    return f"{highest}\nor less" if np.isnan(band["end"]) else f"{highest}\nto {lowest}"
