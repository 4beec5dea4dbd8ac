"""The pictures of one model draw the numbers of its tables."""

import numpy as np
import pandas as pd
import pytest

from credit.evaluate import figure as charts
from credit.metrics import curves
from credit.metrics.decision import Cost

COST = Cost(accept_bad=5, reject_good=1)
SAMPLES = ("test", "out of fold")


def scored(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    bad = (np.arange(n) < 0.3 * n).astype(int)
    return bad, np.clip(0.25 + 0.15 * bad + 0.15 * generator.normal(size=n), 0, 1)


def on_both(curve) -> pd.DataFrame:
    tables = [curve(*scored(120, seed)).assign(sample=sample) for seed, sample in enumerate(SAMPLES)]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def performance_table():
    rows = [
        {"sample": sample, "metric": metric, "value": value, "low": value - 0.1, "high": value + 0.1, "n": n}
        for sample, n in (("test", 200), ("out of fold", 800), ("in-sample", 800))
        for metric, value in (("auc", 0.75), ("gini", 0.5), ("recall", 0.9), ("cost", 0.6))
    ]
    return pd.DataFrame(rows)


LINES = {
    "roc": (charts.roc, curves.roc, "fpr", "tpr"),
    "precision_recall": (charts.precision_recall, curves.precision_recall, "recall", "precision"),
    "gain": (charts.gain, curves.gain, "applicants", "bads"),
    "cost": (
        lambda table: charts.cost(table, 0.2, COST), lambda bad, pds: curves.cost(bad, pds, COST), "cutoff", "cost",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_the_curves_of_both_samples_are_drawn_and_told_apart(name):
    draw, curve, x, y = LINES[name]
    table = on_both(curve)
    lines = {line.get_label(): line for line in draw(table).axes[0].lines}
    for sample in SAMPLES:
        rows = table[table["sample"] == sample]
        assert list(lines[sample].get_xdata()) == list(rows[x])
        assert list(lines[sample].get_ydata()) == list(rows[y])
    assert lines["test"].get_color() != lines["out of fold"].get_color()
    if name == "cost":
        marks = {label: line.get_xdata()[0] for label, line in lines.items() if label not in SAMPLES}
        assert marks == {"cutoff in use, 0.200": 0.2, "break-even, 0.167": 1 / 6}


@pytest.mark.parametrize(("metric", "value"), [("cost", 3.4), ("gini", -0.4)])
def test_performance_has_room_for_a_cost_above_one_and_a_gini_below_zero(performance_table, metric, value):
    shifted = performance_table["metric"] == metric
    performance_table.loc[shifted, ["low", "value", "high"]] = [value - 0.1, value, value + 0.1]
    left, right = charts.performance(performance_table).axes[0].get_xlim()
    assert left < value - 0.1
    assert value + 0.1 < right


def test_performance_bears_an_interval_that_leaves_out_the_estimate(performance_table):
    # A percentile interval of KS may: its draws are biased upwards.
    performance_table["low"] = performance_table["value"] + 0.01
    charts.performance(performance_table).canvas.draw()


def test_confusion_counts_and_shares():
    decisions = pd.DataFrame({"actual": [0, 0, 0, 0, 1, 1], "predicted": [0, 0, 0, 1, 1, 1]})
    figure = charts.confusion(decisions)
    written = [text.get_text().split()[:2] for text in figure.axes[0].texts]
    assert written == [["3", "75"], ["1", "25"], ["0", "0"], ["2", "100"]]
    nobody = charts.confusion(decisions[decisions["actual"] == 0]).axes[0].texts
    assert [text.get_text().split()[:2] for text in nobody[2:]] == [["0", "0"], ["0", "0"]]
    assert "6 test applicants" in figure.axes[0].get_title(loc="left")
