"""Tests of the pictures of explanations: what they say, and that nothing of it is cut off or overlaps."""

import numpy as np
import pandas as pd
import pytest

from credit.core.families import FAMILIES
from credit.evaluate.monotonicity_figure import draw_directions, draw_violations
from credit.explain.importance_figure import draw_importance
from credit.explain.reasons_figure import draw_reasons

LONG = "how previous and concurrent credits were paid"


def assert_nothing_is_cut_off(figure) -> None:
    figure.canvas.draw()
    whole = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert (whole.x0, whole.y0) >= (0, 0)
    assert whole.x1 <= figure.bbox.x1
    assert whole.y1 <= figure.bbox.y1


def assert_no_overlap(texts) -> None:
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def importance_table(attributes: int) -> pd.DataFrame:
    rows = [
        {"attribute": f"x{place}", "title": f"{LONG} {place}", "metric": metric, "importance": 0.01 * place}
        for place in range(attributes)
        for metric in ("auc", "brier")
    ]
    table = pd.DataFrame(rows).assign(n=200, bad=60)
    return table.assign(low=table["importance"] - 0.02, high=table["importance"] + 0.02)


def test_importance_has_the_most_important_at_the_top_with_n():
    figure = draw_importance(importance_table(5))
    assert_nothing_is_cut_off(figure)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [f"{LONG} {place}" for place in range(5)]  # from the bottom
    assert "200 test applicants (60 bad)" in figure.get_suptitle()


@pytest.mark.parametrize("attributes", [1, 60])
def test_importance_of_few_and_of_many(attributes):
    figure = draw_importance(importance_table(attributes))
    assert_nothing_is_cut_off(figure)
    assert len(figure.axes[0].get_yticklabels()) == min(attributes, 40)
    assert ("the 40 most important of 60" in figure.get_suptitle()) == (attributes == 60)


def test_importance_without_any_number_is_drawn():
    table = importance_table(3).assign(importance=np.nan, low=np.nan, high=np.nan, bad=0)
    assert_nothing_is_cut_off(draw_importance(table))


def checks(attributes: int, average: float = 0.034) -> pd.DataFrame:
    rows = [
        {"attribute": f"x{place}", "title": LONG, "expected": "increasing", "family": family}
        for place in range(attributes)
        for family in FAMILIES
    ]
    return pd.DataFrame(rows).assign(n=200, share=1.0, low=0.98, high=1.0, average=average)


@pytest.mark.parametrize("attributes", [1, 4, 5])
def test_violations_have_a_panel_an_attribute_and_a_row_a_family(attributes):
    figure = draw_violations(checks(attributes), 0.01)
    assert_nothing_is_cut_off(figure)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == attributes
    assert "200 test applicants" in figure.get_suptitle()
    assert "more than 1 percentage point " in figure.get_suptitle()
    for axes in panels:
        titles = [family.title for family in FAMILIES.values()]
        assert [label.get_text() for label in axes.get_yticklabels()] == titles[::-1]
        assert {text.get_text() for text in axes.texts} == {"3.4"}
        assert axes.get_title(loc="left") == f"{LONG}\nPD expected increasing"
        assert_no_overlap(axes.get_xticklabels())


def test_an_average_curve_within_the_tolerance_is_not_marked():
    colours = [
        draw_violations(checks(1, average), 0.01).axes[0].texts[0].get_color() for average in (0.0, 0.01, 0.0101)
    ]
    assert colours[0] == colours[1] != colours[2]


def curves(*, coded: bool, levels: int = 5) -> pd.DataFrame:
    rows = [
        {"family": family, "order": order, "value": order + 1, "words": f"{order} <= ... < {order + 1} hundred DM"}
        for family in FAMILIES
        for order in range(levels)
    ]
    about = {"attribute": "x", "title": "savings", "expected": "decreasing", "coded": coded, "unit": "DM", "n": 200}
    return pd.DataFrame(rows).assign(pd=0.3, **about)


@pytest.mark.parametrize("coded", [True, False])
def test_directions_name_codes_and_units_and_tell_every_family_apart(coded):
    figure = draw_directions(curves(coded=coded))
    assert_nothing_is_cut_off(figure)
    axes = figure.axes[0]
    looks = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
    assert len(looks) == len(FAMILIES)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [family.title for family in FAMILIES.values()]
    assert not legend.get_window_extent().overlaps(axes.get_tightbbox())
    written = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
    assert (written[0] == "0 <= ... < 1 hundred DM") == coded
    assert (axes.get_xlabel() == "DM") != coded
    assert_no_overlap(axes.get_xticklabels())
    assert "200 test applicants" in figure.get_suptitle()


@pytest.mark.parametrize("draw", [draw_directions, lambda table: draw_violations(table, 0.01)])
def test_without_expectations_a_note_says_so(draw):
    figure = draw(pd.DataFrame())
    assert_nothing_is_cut_off(figure)
    assert any("monotonicity" in text.get_text() for text in figure.texts)


def example(decision: str, **changes) -> dict:
    reasons = [
        {
            "title": LONG,
            "value": "critical account/other credits elsewhere",
            "contribution": 0.1,
            "standard_error": 0.004,
            "against_expectation": False,
        },
        {
            "title": "duration of the credit",
            "value": "48 months",
            "contribution": 0.08,
            "standard_error": 0.012,
            "against_expectation": True,
        },
    ]
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
    assert_nothing_is_cut_off(figure)
    (axes,) = figure.axes
    bars = [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in axes.patches]
    assert bars == [(0, 10), (10, 10), (20, 8), (28, 9), (37, -2), (0, 35)]
    assert [text.get_text() for text in axes.texts] == ["10.0 %", "+10.0", "+8.0", "+9.0", "-2.0", "35.0 %"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "mean PD of 1,373 approved training applicants"
    assert labels[1] == f"{LONG}:\ncritical account/other credits elsewhere"
    assert labels[-2:] == ["protected attributes", "PD of this applicant"]
    assert_no_overlap([*axes.get_yticklabels(), *axes.texts])
    assert "standard errors at most 1.2" in figure.get_suptitle()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["cutoff, 20.0 %"]


def test_each_example_says_what_would_turn_it():
    examples = [
        example("approved", pd=0.15),
        example("rejected", smallest_change=CHANGE),
        example("rejected", reasons=[], compared_with={"who": "all", "n": 200, "mean_pd": 0.28}),
    ]
    figure = draw_reasons(examples)
    assert_nothing_is_cut_off(figure)
    told = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert told[0].endswith("approved: nothing to change")
    assert f"{LONG} from not known to all credits at this bank paid back duly and duration of the credit" in told[1]
    assert told[1].endswith("24 months: PD 19.0 %")
    assert told[2].endswith("no change that was tried leads to an approval (2,539 variants)")
    assert figure.axes[2].get_yticklabels()[0].get_text() == "mean PD of 200 training applicants"


def test_without_examples_a_note_says_so():
    assert any("no applicant" in text.get_text() for text in draw_reasons([]).texts)
