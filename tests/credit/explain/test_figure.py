"""The pictures of explanations draw the numbers of their tables and records."""

import numpy as np
import pandas as pd
import pytest

from credit.explain.figure import draw_importance, draw_reasons

LONG = "how previous and concurrent credits were paid"


@pytest.mark.parametrize("attributes", [1, 60])
def test_importance_has_the_most_important_at_the_top_and_at_most_40(attributes):
    rows = [
        {"attribute": f"x{place}", "title": f"{LONG} {place}", "metric": metric, "importance": 0.01 * place}
        for place in range(attributes)
        for metric in ("auc", "brier")
    ]
    table = pd.DataFrame(rows).assign(n=200, bad=60, low=lambda rows: rows["importance"] - 0.02)
    table["high"] = table["importance"] + 0.02
    figure = draw_importance(table)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]  # from the bottom
    assert labels == [f"{LONG} {place}" for place in range(max(attributes - 40, 0), attributes)]
    assert list(figure.axes[0].containers[0].lines[0].get_xdata())[-1] == 0.01 * (attributes - 1)
    assert "200 test applicants (60 bad)" in figure.get_suptitle()
    assert ("the 40 most important of 60" in figure.get_suptitle()) == (attributes == 60)
    without = table.assign(importance=np.nan, low=np.nan, high=np.nan)
    draw_importance(without).canvas.draw()


def example(decision: str, **changes) -> dict:
    rows = [(LONG, "critical account", 0.1, 0.004, False), ("duration of the credit", "48 months", 0.08, 0.012, True)]
    names = ("title", "value", "contribution", "standard_error", "against_expectation")
    reasons = [dict(zip(names, row, strict=True)) for row in rows]
    return {
        "example": f"{decision}, a case",
        "line": 17,
        "pd": 0.35,
        "cutoff": 0.2,
        "decision": decision,
        "compared_with": {"who": "approved", "n": 1373, "mean_pd": 0.1},
        "reasons": reasons,
        "other_attributes": 0.09,
        "protected_attributes": -0.02,
        "variants_tried": 2539,
        "smallest_change": None,
        **changes,
    }


CHANGE = {
    "changes": [
        {"title": LONG, "from": "not known", "to": "all credits at this bank paid back duly"},
        {"title": "duration of the credit", "from": "48 months", "to": "24 months"},
    ],
    "pd": 0.19,
}


def test_a_walk_leads_from_the_mean_to_the_pd():
    figure = draw_reasons([example("rejected")])
    (axes,) = figure.axes
    bars = [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in axes.patches]
    assert bars == [(0, 10), (10, 10), (20, 8), (28, 9), (37, -2), (0, 35)]
    assert [text.get_text() for text in axes.texts] == ["10.0 %", "+10.0", "+8.0", "+9.0", "-2.0", "35.0 %"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "mean PD of 1,373 approved training applicants"
    assert labels[1] == f"{LONG}:\ncritical account"
    assert labels[-2:] == ["protected attributes", "PD of this applicant"]
    assert "standard errors at most 1.2" in figure.get_suptitle()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["cutoff, 20.0 %"]


def test_each_example_says_what_would_turn_it():
    examples = [
        example("approved", pd=0.15),
        example("rejected", smallest_change=CHANGE),
        example("rejected", reasons=[], compared_with={"who": "all", "n": 200, "mean_pd": 0.28}),
    ]
    figure = draw_reasons(examples)
    told = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert told[0].endswith("approved: nothing to change")
    assert f"{LONG} from not known to all credits at this bank paid back duly and duration of the credit" in told[1]
    assert told[1].endswith("24 months: PD 19.0 %")
    assert told[2].endswith("no change that was tried leads to an approval (2,539 variants)")
    assert figure.axes[2].get_yticklabels()[0].get_text() == "mean PD of 200 training applicants"


def test_without_examples_a_note_says_so():
    assert any("no applicant" in text.get_text() for text in draw_reasons([]).texts)
