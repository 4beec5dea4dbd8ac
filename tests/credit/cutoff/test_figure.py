"""Tests of the cutoff page: what it shows, and that nothing of it is cut off or covered."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from credit.core.style import GREEN
from credit.cutoff.approvals import cost_on_grid
from credit.cutoff.figure import draw_page
from credit.cutoff.score_bands import score_bands, upper_ends
from credit.cutoff.sensitivity import by_bad_rate, by_cost_ratio
from credit.metrics.decision import Cost, best_cutoff
from credit.metrics.out_of_fold import by_applicant

RATIOS, RATES = [2, 3, 5, 8, 10], [0.05, 0.1, 0.2, 0.3]


def page(cost: Cost, bad_share: float = 0.3, bands: int = 10, ratios=RATIOS, rates=RATES):
    """Draw the page of 400 training and 100 test applicants; gives the figure and its tables."""
    generator = np.random.default_rng(4)
    chance = np.clip(generator.beta(1.5, 1.5 / bad_share - 1.5, 500), 0.001, 0.999)
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
        "cost_ratios": by_cost_ratio(oof, cost, in_use, ratios),
        "bad_rates": by_bad_rate(oof, cost, in_use, rates),
    }
    marked = {"in use": in_use, "neutral": cost.break_even_cutoff, "cheapest out of fold": in_use}
    return draw_page(tables, marked, cost), tables


CASES = {
    "as it is": {"cost": Cost(accept_bad=5, reject_good=1)},
    "rejecting is dear": {"cost": Cost(accept_bad=1, reject_good=5)},
    "few bads": {"cost": Cost(accept_bad=20, reject_good=1), "bad_share": 0.05},
    "most bands and scenarios": {
        "cost": Cost(accept_bad=4.5, reject_good=1),
        "bands": 20,
        "ratios": [0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 10, 20],
        "rates": [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.333, 0.5, 0.6],
    },
}


@pytest.fixture(scope="module", params=CASES)
def drawn(request):
    figure, tables = page(**CASES[request.param])
    figure.canvas.draw()
    return figure, tables


def texts_of(axes) -> list:
    texts = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        texts += [label for label in ticks if label.get_visible()]
    texts += [axes.xaxis.label, axes.yaxis.label, axes._left_title, *axes.texts, *axes.get_legend().get_texts()]
    return [text for text in texts if text.get_text()]


def test_every_text_is_inside_and_touches_no_other(drawn):
    figure, _ = drawn
    texts = [*(text for axes in figure.axes for text in texts_of(axes)), *figure.texts]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    for (one, box), (other, another) in combinations(boxes, 2):
        assert not box.overlaps(another), (one, other)


def test_legends_cover_no_estimates(drawn):
    figure, _ = drawn
    for axes in figure.axes:
        box = axes.get_legend().get_window_extent()
        for line in axes.lines:
            if line.get_marker() not in ("", "None", None):
                points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
                assert not any(box.contains(*point) for point in points), line.get_label()


def test_what_is_drawn_is_inside_its_axes(drawn):
    figure, _ = drawn
    for axes in figure.axes:
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        for line in axes.lines:
            if line.get_transform() == axes.transData:
                x, y = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
                assert ((x >= left) & (x <= right) & (y >= bottom) & (y <= top)).all(), line.get_label()


def test_four_panels_in_words_with_n(drawn):
    figure, tables = drawn
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    n = tables["score_bands"]["n"]
    each = f"{n.min()}" if n.min() == n.max() else f"{n.min()} to {n.max()}"
    assert [title for title in titles if title] == [
        "Cost by cutoff",
        f"Score bands out of fold, n = {each} each",
        "Best cutoff by cost ratio",
        "Best cutoff by bad rate in the population (prior shift)",
    ]
    assert "400 training applicants" in figure.texts[-1].get_text()
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert named[:2] == ["out of fold (n = 400)", "test (n = 100)"]


def test_the_best_cutoffs_are_drawn_with_their_ranges(drawn):
    figure, tables = drawn
    for axes, name in ((figure.axes[2], "cost_ratios"), (figure.axes[4], "bad_rates")):
        best = tables[name].query("metric == 'cutoff'")
        (container,) = axes.containers
        assert container.lines[0].get_color() == GREEN
        assert list(container.lines[0].get_ydata()) == best["mean"].to_list()
        ends = np.array([segment[:, 1] for segment in container.lines[2][0].get_segments()])
        assert ends == pytest.approx(best[["low", "high"]].to_numpy())


def test_scenarios_are_labelled_with_what_is_approved_and_today_is_marked():
    figure, tables = page(Cost(accept_bad=5, reject_good=1))
    approved = tables["cost_ratios"].query("metric == 'approved'")
    labels = [label.get_text().splitlines() for label in figure.axes[3].get_xticklabels()]
    assert [label[0] for label in labels] == ["2 : 1", "3 : 1", "5 : 1", "8 : 1", "10 : 1"]
    assert [label[1] for label in labels] == [f"{share:.0%}" for share in approved["mean"]]
    assert [label[2:] for label in labels] == [[], [], ["today"], [], []]


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
