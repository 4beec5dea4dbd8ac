"""Pictures of what a model goes by, and of a few applicants' reasons: how the PD of others becomes theirs."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from credit.core.style import BAD, BLACK, BLUE, GOOD, NEUTRAL, new_figure, note_only, put_title
from credit.core.wording import METRIC_TITLES, percent
from credit.explain.explanation import reason_in_words
from credit.explain.importance import METRICS, TOO_FEW

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 40  # attributes
TITLE = "Examples of reasons: percentage points that attributes add to the PD (right) or take off it (left)"
WIDEST = 90  # characters of a line above a panel
STEP = 0.36  # inches that a row takes


def draw_importance(table: pd.DataFrame) -> "Figure":
    """Draw what a model loses without each attribute, the most important for AUC at the top.

    `table` is that of `permutation_importance`, with a column `title`.
    """
    n, bad = table["n"].iloc[0], table["bad"].iloc[0]
    if table["importance"].isna().all():
        return note_only("What the model loses without an attribute", f"{n:,} test applicants, {bad:,} bad: {TOO_FEW}")
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
    some = f", the {SHOWN} most important of {len(by_auc)}" if len(by_auc) > SHOWN else ""
    put_title(
        figure,
        f"What the model loses when an attribute is shuffled among {n:,} test applicants ({bad:,} bad){some}\n"
        "95 % intervals: from these applicants to others, and of the shuffles",
    )
    figure.tight_layout()
    return figure


def draw_reasons(examples: Sequence[Mapping[str, Any]]) -> "Figure":
    """Draw, for each example, the way from the PD of those decided otherwise to the applicant's own.

    Examples are records of `credit.explain.explanation.explain` with an `example` (its name) and the `line`.
    """
    if not examples:
        return note_only("Examples of reasons", "there is no applicant to explain")
    walks = [_walk(example) for example in examples]
    figure = new_figure(11, sum(len(walk) + 2.4 for walk in walks) * STEP + 0.8)
    heights = [len(walk) + 1 for walk in walks]
    panels = figure.subplots(len(walks), squeeze=False, height_ratios=heights)[:, 0]
    for axes, example, walk in zip(panels, examples, walks, strict=True):
        _draw_walk(axes, walk, example["cutoff"])
        axes.set_title(f"{_headline(example)}\n{fill(_advice(example), WIDEST)}", size=9)
        axes.legend(loc="best", fontsize=8)
    largest = max((part["standard_error"] for example in examples for part in example["reasons"]), default=0.0)
    put_title(figure, f"{TITLE}; standard errors at most {100 * largest:.1f}")
    figure.tight_layout()
    return figure


def _walk(example: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """List the bars from the top: what they are called, and from which PD to which they reach."""
    compared = example["compared_with"]
    parts = [(reason_in_words(part, "\n"), part["contribution"]) for part in example["reasons"]]
    parts += [("all other attributes", example["other_attributes"])]
    parts += [("protected attributes", example["protected_attributes"])]
    who = "" if compared["who"] == "all" else f"{compared['who']} "
    at = compared["mean_pd"]
    bars = [(f"mean PD of {compared['n']:,} {who}training applicants", 0.0, at)]
    for name, contribution in parts:
        bars.append((name, at, at + contribution))
        at += contribution
    return [*bars, ("PD of this applicant", 0.0, example["pd"])]


def _draw_walk(axes: "Axes", walk: Sequence[tuple[str, float, float]], cutoff: float) -> None:
    last = len(walk) - 1
    for place, (_, start, end) in enumerate(walk):
        whole = place in (0, last)
        colour = NEUTRAL if whole else BAD if end > start else GOOD
        axes.barh(place, 100 * (end - start), left=100 * start, height=0.62, color=colour)
        size = percent(end) if whole else f"{100 * (end - start):+.1f}"
        at, style = (100 * max(start, end), place), {"va": "center", "size": 8, "bbox": {"color": "white", "pad": 0.5}}
        axes.annotate(size, at, (5, 0), textcoords="offset points", **style)
        if not whole or place == 0:
            axes.plot([100 * end] * 2, [place, place + 1], color=NEUTRAL, linewidth=0.7)
    axes.axvline(100 * cutoff, color=BLACK, linestyle="--", linewidth=1, label=f"cutoff, {percent(cutoff)}")
    axes.set_yticks(range(len(walk)), [name for name, _, _ in walk], size=8)
    axes.set_ylim(last + 0.6, -0.6)
    axes.set_xlim(0, 100 * 1.1 * max(cutoff, *(max(start, end) for _, start, end in walk)))
    axes.xaxis.set_major_formatter("{x:g} %")


def _headline(example: Mapping[str, Any]) -> str:
    return f"{example['example']} (line {example['line']}): PD {percent(example['pd'])}"


def _advice(example: Mapping[str, Any]) -> str:
    change = example["smallest_change"]
    if example["decision"] == "approved":
        return "approved: nothing to change"
    if change is None:
        return f"no change that was tried leads to an approval ({example['variants_tried']:,} variants)"
    changes = " and ".join(f"{part['title']} from {part['from']} to {part['to']}" for part in change["changes"])
    return f"would be approved with {changes}: PD {percent(change['pd'])}"
