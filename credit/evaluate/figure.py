"""Pictures of how one model does: on the test applicants, and on the training applicants out of fold."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.style import BAD, BLACK, BLUE, NEUTRAL, ORANGE, new_figure, put_title
from credit.core.wording import METRIC_TITLES, estimate_text, percent
from credit.metrics.decision import Cost

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"test": BLUE, "out of fold": ORANGE, "in-sample": NEUTRAL}


def performance(table: pd.DataFrame) -> "Figure":
    """Draw every headline metric with its interval, on test, out of fold and in-sample: a gap is overfitting."""
    metrics = list(dict.fromkeys(table["metric"]))
    figure = new_figure(7.5, 5.2)
    axes = figure.subplots()
    for shift, (sample, of_sample) in zip((0.22, 0, -0.22), table.groupby("sample", sort=False), strict=True):
        rows = of_sample.set_index("metric").loc[metrics]
        heights = np.arange(len(metrics))[::-1] + shift
        reach = np.maximum([rows["value"] - rows["low"], rows["high"] - rows["value"]], 0)
        look = {"color": COLOURS[sample], "capsize": 2, "label": f"{sample} ({rows['n'].iloc[0]} applicants)"}
        axes.errorbar(rows["value"], heights, xerr=reach, fmt="o", **look)
    axes.set_yticks(np.arange(len(metrics))[::-1], [METRIC_TITLES[metric] for metric in metrics])
    axes.set_xlim(min(0, table["low"].min()) - 0.01, max(1, table["high"].max()) + 0.01)  # a cost may exceed 1
    axes.set_title("Headline metrics with 95 % intervals; out of fold: mean of the folds", pad=24)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=8, borderaxespad=0.2)
    figure.tight_layout()
    return figure


def confusion(decisions: pd.DataFrame) -> "Figure":
    """Draw how many good and bad applicants were accepted and rejected (columns actual, predicted: 1 = bad, reject)."""
    counts = pd.crosstab(decisions["actual"], decisions["predicted"]).reindex(
        index=[0, 1], columns=[0, 1], fill_value=0
    )
    figure = new_figure(4.6, 3.8)
    axes = figure.subplots()
    axes.imshow(counts.div(counts.sum(axis=1), axis=0), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts.to_numpy()):
        share = count / max(counts.to_numpy()[row].sum(), 1)
        colour = "white" if share > 0.6 else "black"
        axes.text(column, row, f"{count}\n{percent(share, 0)} of them", ha="center", va="center", color=colour)
    axes.set_xticks([0, 1], ["accepted", "rejected"])
    axes.set_yticks([0, 1], ["good", "bad"])
    axes.grid(visible=False)
    axes.set_title(f"Decisions on {len(decisions)} test applicants")
    figure.tight_layout()
    return figure


def _by_sample(table: pd.DataFrame, x: str, y: str, **labels: object) -> tuple["Figure", "Axes"]:
    """Draw a line a sample, the test applicants on top."""
    figure = new_figure(5.2, 4.4)
    axes = figure.subplots()
    for sample, rows in reversed(list(table.groupby("sample", sort=False))):
        axes.plot(rows[x], rows[y], color=COLOURS[sample], label=sample, linewidth=2 if sample == "test" else 1.3)
    axes.set(**labels)
    return figure, axes


def _finished(figure: "Figure", axes: "Axes", where: str) -> "Figure":
    axes.legend(loc=where, reverse=True)
    figure.tight_layout()
    return figure


def roc(table: pd.DataFrame) -> "Figure":
    """Draw ROC curves (columns sample, fpr, tpr)."""
    labels = {"xlabel": "good applicants rejected (FPR)", "ylabel": "bad applicants rejected (TPR)"}
    figure, axes = _by_sample(table, "fpr", "tpr", title="ROC curve", **labels)
    axes.plot([0, 1], [0, 1], color=NEUTRAL, linestyle=":", linewidth=1, label="chance")
    return _finished(figure, axes, "lower right")


def precision_recall(table: pd.DataFrame) -> "Figure":
    """Draw precision by recall (columns sample, recall, precision)."""
    labels = {"xlabel": "bad applicants rejected (recall)", "ylabel": "bads among the rejected (precision)"}
    figure, axes = _by_sample(table, "recall", "precision", title="Precision and recall", ylim=(0, 1.02), **labels)
    return _finished(figure, axes, "lower left")


def calibration(bins: pd.DataFrame, curve: pd.DataFrame, measures: pd.DataFrame) -> "Figure":
    """Draw observed bad rates by predicted PD: in bins, and as the curve of a logistic recalibration with its band.

    Parameters
    ----------
    bins : columns sample, n, predicted, observed, low, high.
    curve : columns sample, predicted, observed, low, high.
    measures : of calibration, columns sample, measure, mean, low, high, n, bad.
    """
    figure = new_figure(9.8, 5.2)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, sample in zip(panels, dict.fromkeys(bins["sample"]), strict=True):
        in_bins, smooth, of_sample = (table[table["sample"] == sample] for table in (bins, curve, measures))
        axes.plot([0, 1], [0, 1], color=NEUTRAL, linestyle=":", linewidth=1.2, label="calibrated")
        axes.fill_between(
            smooth["predicted"], smooth["low"], smooth["high"], color=COLOURS[sample], alpha=0.25, linewidth=0
        )
        axes.plot(smooth["predicted"], smooth["observed"], color=COLOURS[sample], label="logistic recalibration, band")
        reach = [in_bins["observed"] - in_bins["low"], in_bins["high"] - in_bins["observed"]]
        style = {"fmt": "o", "color": BLACK, "capsize": 2, "elinewidth": 1, "markersize": 4}
        label = f"bad rate in bins of {_from_to(in_bins['n'])} applicants"
        axes.errorbar(in_bins["predicted"], in_bins["observed"], yerr=np.maximum(reach, 0), label=label, **style)
        first = of_sample.iloc[0]
        axes.set_title(f"{sample.capitalize()}: {first['n']:,} applicants, {first['bad']:,} bad")
        axes.set(xlabel="predicted PD", xlim=(0, 1), ylim=(0, 1))
        axes.legend(loc="lower right", fontsize=8)
        axes.text(0, -0.16, _in_words(of_sample), transform=axes.transAxes, va="top", size=8.5)
    panels[0].set_ylabel("observed bad rate")
    put_title(figure, "Calibration with 95 % intervals", size=12)
    figure.subplots_adjust(left=0.065, right=0.98, top=0.87, bottom=0.23, wspace=0.1)
    return figure


def _from_to(counts: pd.Series) -> str:
    few, many = counts.min(), counts.max()
    return f"{few:,}" if few == many else f"{few:,} to {many:,}"


def _in_words(measures: pd.DataFrame) -> str:
    """Give a line a measure: its name, its value and interval, and its value if PDs are calibrated."""
    lines = []
    for row in measures.itertuples():
        estimate = "not applicable" if np.isnan(row.low) else estimate_text(row.mean, row.low, row.high)
        lines.append(f"{row.measure}: {estimate}; {row.target} if calibrated")
    return "\n".join(lines)


def gain(table: pd.DataFrame) -> "Figure":
    """Draw gain and lift by the share of applicants rejected (columns sample, applicants, bads, lift)."""
    figure = new_figure(8.6, 4)
    left, right = figure.subplots(1, 2)
    for sample, rows in reversed(list(table.groupby("sample", sort=False))):
        left.plot(rows["applicants"], rows["bads"], color=COLOURS[sample], label=sample)
        right.plot(rows["applicants"], rows["lift"], color=COLOURS[sample])
    left.plot([0, 1], [0, 1], color=NEUTRAL, linestyle=":", linewidth=1, label="chance")
    right.axhline(1, color=NEUTRAL, linestyle=":", linewidth=1)
    of_all = {"xlabel": "riskiest share of the applicants"}
    left.set(ylabel="share of the bads among them", title="Gain", **of_all)
    right.set(ylabel="bad rate over the mean bad rate", title="Lift", ylim=(0, None), **of_all)
    return _finished(figure, left, "lower right")


def cost(table: pd.DataFrame, cutoff: float, costs: Cost) -> "Figure":
    """Draw expected cost by cutoff (columns sample, cutoff, cost), the cutoff in use and the break-even one."""
    labels = {"xlabel": "cutoff: reject at or above this PD", "ylabel": "expected cost per applicant"}
    title = f"Cost by cutoff (accept a bad one {costs.accept_bad:g}, reject a good one {costs.reject_good:g})"
    figure, axes = _by_sample(table, "cutoff", "cost", title=title, xlim=(0, 1), ylim=(0, None), **labels)
    break_even = costs.break_even_cutoff
    axes.axvline(cutoff, color=BAD, linewidth=1.2, label=f"cutoff in use, {cutoff:.3f}")
    axes.axvline(break_even, color=NEUTRAL, linestyle=":", linewidth=1.2, label=f"break-even, {break_even:.3f}")
    return _finished(figure, axes, "best")
