"""One page about the cutoff: what it costs, whom it approves, and how the best one moves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from credit.core.style import BAD, BLACK, BLUE, GREEN, NEUTRAL, ORANGE, PURPLE, new_figure, put_title
from credit.core.wording import percent
from credit.metrics.decision import Cost

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {"in use": (BAD, "-"), "break-even": (BLACK, ":"), "cheapest out of fold": (PURPLE, "--")}
BAND = 0.2  # opacity


def draw_page(tables: Mapping[str, pd.DataFrame], marked: Mapping[str, float], cost: Cost) -> "Figure":
    """Draw cost by cutoff, the score bands, and the best cutoff by cost ratio and by the population's bad rate.

    Parameters
    ----------
    tables : cost (columns sample, cutoff, cost, low, high, n), score_bands (`credit.cutoff.approvals`, with
        the column sample), cost_ratios and bad_rates (`credit.cutoff.sensitivity`).
    marked : cutoffs by the names of `MARKS`.
    """
    figure = new_figure(13, 11)
    panels = figure.add_gridspec(
        2, 2, left=0.065, right=0.985, top=0.915, bottom=0.085, wspace=0.17, hspace=0.3, height_ratios=[1, 1.15]
    )
    _draw_cost(figure.add_subplot(panels[0, 0]), tables["cost"], marked, cost)
    _draw_bands(figure.add_subplot(panels[0, 1]), tables["score_bands"], marked["in use"])
    for place, (name, scenario) in enumerate((("cost_ratios", "cost_ratio"), ("bad_rates", "bad_rate"))):
        upper, lower = panels[1, place].subgridspec(2, 1, hspace=0.12, height_ratios=[1.2, 1]).subplots(sharex=True)
        _draw_best_cutoffs(upper, tables[name], scenario, marked["in use"])
        _draw_costs(lower, tables[name], scenario)
    put_title(figure, f"The cutoff: an applicant with a PD of {marked['in use']:.3f} or more is rejected", size=13)
    oof = tables["cost_ratios"].iloc[0]
    samples = (
        f"out of fold: {oof['n']:,} training applicants, {oof['bad']:,} of them bad; bars and bands are 95 % "
        f"intervals; accepting a bad one costs {cost.accept_bad:g}, rejecting a good one {cost.reject_good:g}"
    )
    figure.text(0.01, 0.955, samples, color=NEUTRAL)
    return figure


def _draw_cost(axes: "Axes", table: pd.DataFrame, marked: Mapping[str, float], cost: Cost) -> None:
    """Draw cost by cutoff, beside the costs of approving all and of rejecting all."""
    test, training = (table[table["sample"] == sample] for sample in ("test", "out of fold"))
    axes.fill_between(training["cutoff"], training["low"], training["high"], color=ORANGE, alpha=BAND, linewidth=0)
    for rows, colour, name in ((training, ORANGE, "out of fold"), (test, BLUE, "test")):
        axes.plot(rows["cutoff"], rows["cost"], color=colour, label=f"{name} (n = {rows['n'].iloc[0]:,})")
    for name, cutoff in marked.items():
        colour, line = MARKS[name]
        axes.axvline(cutoff, color=colour, linestyle=line, linewidth=1.3, label=f"{name}: {cutoff:.3f}")
    for place, name, line in ((0, "rejecting all", (0, (1, 3))), (-1, "approving all", (0, (6, 4)))):
        level = training["cost"].iloc[place]
        axes.axhline(level, color=NEUTRAL, linewidth=0.9, linestyle=line, label=f"{name}: {level:.2f}")
    highest = max(training["high"].max(), test["cost"].max())
    furthest = max(table["cutoff"].max(), *marked.values())
    axes.set(xlim=(0, 1.02 * furthest), ylim=(0, 1.1 * highest), xlabel="cutoff: reject at or above this PD")
    axes.set(ylabel="expected cost per applicant", title="Cost by cutoff")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.09, -0.125), ncols=4, fontsize=7.5, columnspacing=1.2)


def _draw_bands(axes: "Axes", table: pd.DataFrame, cutoff: float) -> None:
    """Draw the bad rate of each score band out of fold, its mean PD, and the bad rate of all up to there."""
    bands = table[table["sample"] == "out of fold"]
    places = bands["band"].to_numpy()
    low, high = bands["bad_rate_approved_low"], bands["bad_rate_approved_high"]
    axes.fill_between(places, low, high, color=GREEN, alpha=BAND, linewidth=0)
    axes.plot(places, bands["bad_rate_approved"], color=GREEN, marker=".", label="bad rate of all up to this band")
    _draw_estimates(axes, places, bands, "bad_rate", color=BAD, label="bad rate of the band")
    axes.plot(places, bands["pd_mean"], "_", color=BLACK, markersize=13, label="mean PD of the band")
    axes.axvline(_place_of(cutoff, bands), color=BAD, linewidth=1.3, label=f"cutoff in use: {cutoff:.3f}")
    labels = [
        f"{low:.2g}\nto {high:.2g}\n\n{percent(approved, 0)}"
        for low, high, approved in zip(bands["pd_low"], bands["pd_high"], bands["approved"], strict=True)
    ]
    every = -(-len(places) // 10)
    axes.set_xticks(places[::every], labels[::every], fontsize=7.5)
    highest = max(bands["high"].max(), bands["bad_rate_approved_high"].max(), bands["pd_mean"].max())
    axes.set(xlim=(0.4, len(places) + 0.6), ylim=(0, min(1.0, 1.5 * highest)), ylabel="bad rate")
    axes.set_xlabel("PD of the band, and share approved if all up to this band are")
    few, many = bands["n"].min(), bands["n"].max()
    axes.set_title(f"Score bands out of fold, n = {few:,}{f' to {many:,}' if many > few else ''} each")
    axes.legend(loc="upper left", fontsize=8, frameon=True, framealpha=0.85, edgecolor="none")


def _place_of(cutoff: float, bands: pd.DataFrame) -> float:
    """Find where a cutoff stands among bands that reach half a step to either side of their number."""
    edges = np.append(bands["pd_low"].iloc[0], bands["pd_high"])
    return float(np.interp(cutoff, edges, np.arange(len(edges)) + 0.5))


def _metric(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["metric"] == name].reset_index(drop=True)


def _draw_estimates(axes: "Axes", places: np.ndarray, rows: pd.DataFrame, value: str = "mean", **look: str) -> None:
    """Draw estimates as dots, with their intervals from low to high."""
    reach = np.maximum([rows[value] - rows["low"], rows["high"] - rows[value]], 0)
    axes.errorbar(places, rows[value], yerr=reach, fmt="o", capsize=3, **look)


def _draw_best_cutoffs(axes: "Axes", table: pd.DataFrame, scenario: str, in_use: float) -> None:
    """Draw the best cutoff in every scenario with those that cannot be proved dearer, and the break-even one."""
    best, break_even = _metric(table, "cutoff"), _metric(table, "break_even_cutoff")
    places = np.arange(len(best))
    axes.axhline(in_use, color=BAD, linewidth=1.2, label=f"in use: {in_use:.3f}")
    _draw_estimates(axes, places, best, color=GREEN, label="best; bar: cutoffs not proved dearer")
    axes.plot(places + 0.12, break_even["mean"], "x", color=BLACK, markersize=6, label="break-even")
    highest = max(best["high"].max(), break_even["mean"].max(), in_use)
    axes.set(ylim=(0, 1.3 * highest), ylabel="cutoff (today's PD)")
    what = "cost ratio" if scenario == "cost_ratio" else "bad rate in the population (prior shift)"
    axes.set_title(f"Best cutoff by {what}")
    axes.legend(loc="upper left", fontsize=8, ncols=3)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _draw_costs(axes: "Axes", table: pd.DataFrame, scenario: str) -> None:
    """Draw what the best cutoff and today's cost in every scenario, and the cheaper of approving and rejecting all."""
    cost, staying, without = (_metric(table, name) for name in ("cost", "cost_of_staying", "cost_without_model"))
    places = np.arange(len(cost))
    _draw_estimates(axes, places - 0.12, cost, color=GREEN, label="best cutoff")
    _draw_estimates(axes, places + 0.12, staying, color=BAD, label="in use")
    axes.plot(places, without["mean"], "_", color=BLACK, markersize=22, label="approving or rejecting all")
    labels = [_label(row, scenario) for row in _metric(table, "approved").to_dict("records")]
    axes.set_xticks(places, labels, fontsize=8)
    highest = max(cost["high"].max(), staying["high"].max(), without["mean"].max())
    axes.set(xlim=(-0.5, len(places) - 0.5), ylim=(0, 1.35 * highest), ylabel="cost per applicant")
    what = "accepting a bad one : rejecting a good one" if scenario == "cost_ratio" else "bad rate in the population"
    axes.set_xlabel(f"{what}; below it, the share approved at the best cutoff")
    axes.legend(loc="upper left", fontsize=8, ncols=3)


def _label(row: Mapping[str, float], scenario: str) -> str:
    value = f"{row[scenario]:.3g} : 1" if scenario == "cost_ratio" else f"{100 * row[scenario]:.3g} %"
    today = "\ntoday" if row["today"] else ""
    return f"{value}\n{percent(row['mean'], 0)}{today}"
