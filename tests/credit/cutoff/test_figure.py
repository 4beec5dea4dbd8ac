"""The cutoff page draws the numbers of its tables."""

import numpy as np
import pandas as pd
import pytest

from credit.core.style import GREEN
from credit.cutoff.approvals import cost_on_grid, score_bands, upper_ends
from credit.cutoff.figure import draw_page
from credit.cutoff.sensitivity import by_bad_rate, by_cost_ratio
from credit.metrics.decision import Cost, best_cutoff
from credit.metrics.out_of_fold import by_applicant


def page(cost: Cost, bands: int = 10):
    """Draw the page of 400 training and 100 test applicants; gives the figure and its tables."""
    generator = np.random.default_rng(4)
    chance = np.clip(generator.beta(1.5, 3.5, 500), 0.001, 0.999)
    bad = (generator.random(500) < chance).astype(int)
    oof = pd.DataFrame({"line": np.arange(400), "bad": bad[:400], "pd": chance[:400]})
    test, training = (bad[400:], chance[None, 400:]), by_applicant(oof)
    in_use = best_cutoff(bad[:400], chance[:400], cost)
    ends = upper_ends(training[1][0], bands)
    tables = {
        "cost": pd.concat(
            cost_on_grid(*scored, cost).assign(sample=name, n=len(scored[0]))
            for name, scored in (("test", test), ("out of fold", training))
        ),
        "score_bands": score_bands(training[0], training[1][0], ends).assign(sample="out of fold"),
        "cost_ratios": by_cost_ratio(oof, cost, in_use, [2, 3, 5, 8, 10]),
        "bad_rates": by_bad_rate(oof, cost, in_use, [0.05, 0.1, 0.2, 0.3]),
    }
    marked = {"in use": in_use, "break-even": cost.break_even_cutoff, "cheapest out of fold": in_use}
    return draw_page(tables, marked, cost), tables


@pytest.mark.parametrize("cost", [Cost(accept_bad=5, reject_good=1), Cost(accept_bad=1, reject_good=5)])
def test_the_best_cutoffs_are_drawn_with_their_ranges(cost):
    figure, tables = page(cost)
    for axes, name in ((figure.axes[2], "cost_ratios"), (figure.axes[4], "bad_rates")):
        best = tables[name].query("metric == 'cutoff'")
        (container,) = axes.containers
        assert container.lines[0].get_color() == GREEN
        assert list(container.lines[0].get_ydata()) == best["mean"].to_list()
        ends = np.array([segment[:, 1] for segment in container.lines[2][0].get_segments()])
        assert ends == pytest.approx(best[["low", "high"]].to_numpy())


def test_a_cutoff_between_two_bands_stands_between_them():
    figure, tables = page(Cost(accept_bad=5, reject_good=1), bands=4)
    bands = tables["score_bands"]
    axes = figure.axes[1]
    (mark,) = [line for line in axes.lines if line.get_label().startswith("cutoff in use")]
    place, cutoff = mark.get_xdata()[0], float(mark.get_label().split(": ")[1])
    whole = int((bands["pd_high"] < cutoff).sum())
    assert whole + 0.5 <= place <= whole + 1.5
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert [label.split()[-1] for label in labels] == ["25%", "50%", "75%", "100%"]
