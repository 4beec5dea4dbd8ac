"""The pictures of one model draw the numbers of its tables."""

import numpy as np
import pandas as pd
import pytest

from credit.evaluate import figure as charts
from credit.metrics import curves
from credit.metrics.calibration import measures, reliability_curve
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


def of_one_repeat(table):
    return lambda bad, pds: table(bad, pds[None])


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


def test_calibration_has_a_panel_a_sample_with_its_n_and_measures_and_both_kinds_of_intervals():
    tables = map(on_both, (curves.calibration, of_one_repeat(reliability_curve), of_one_repeat(measures)))
    figure = charts.calibration(*tables)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Test: 120 applicants, 36 bad",
        "Out of fold: 120 applicants, 36 bad",
    ]
    for axes, seed in zip(figure.axes, range(2), strict=True):
        bad, pds = scored(120, seed)
        told = axes.texts[0].get_text().splitlines()
        row = measures(bad, pds[None]).iloc[0]
        assert told[0] == (
            f"mean PD minus bad rate: {row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]; 0 if calibrated"
        )
        assert [line.split(":")[0] for line in told[1:]] == ["intercept, slope held at 1", "slope"]
        band, bars = axes.collections
        outline = band.get_paths()[0].vertices[:, 1]
        curve = reliability_curve(bad, pds[None])
        assert (outline.min(), outline.max()) == pytest.approx((curve["low"].min(), curve["high"].max()))
        bins = curves.calibration(bad, pds)
        drawn = np.array([segment[:, 1] for segment in bars.get_segments()])
        assert drawn == pytest.approx(bins[["low", "high"]].to_numpy())


def test_calibration_says_that_there_is_no_curve_where_there_is_none():
    bad = (np.arange(40) >= 20).astype(int)
    pds = np.linspace(0.1, 0.9, 40)  # parts the bads from the goods
    tables = [
        pd.concat([table.assign(sample=sample) for sample in SAMPLES])
        for table in (curves.calibration(bad, pds), reliability_curve(bad, pds[None]), measures(bad, pds[None]))
    ]
    figure = charts.calibration(*tables)
    figure.canvas.draw()
    assert "slope: not applicable; 1 if calibrated" in figure.axes[0].texts[0].get_text()


def test_performance_draws_every_estimate_with_its_interval_and_names_n(performance_table):
    axes = charts.performance(performance_table).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["auc", "gini", "recall", "cost"]
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["test (200 applicants)", "out of fold (800 applicants)", "in-sample (800 applicants)"]
    for bars in axes.containers:
        assert list(bars.lines[0].get_xdata()) == [0.75, 0.5, 0.9, 0.6]
        ends = np.array([segment[:, 0] for segment in bars.lines[2][0].get_segments()])
        assert ends == pytest.approx(np.array([[0.65, 0.85], [0.4, 0.6], [0.8, 1.0], [0.5, 0.7]]))


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
    assert written == [["3", "75%"], ["1", "25%"], ["0", "0%"], ["2", "100%"]]
    assert "6 test applicants" in figure.axes[0].get_title(loc="left")
