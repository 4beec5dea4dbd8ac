"""Tests of the picture of protected groups: what it says, and that nothing of it is cut off."""

import pandas as pd
import pytest

from credit.core.style import BLUE, NEUTRAL, VERMILION
from credit.fairness.figure import SHOWN_GROUPS, draw_groups
from credit.fairness.rates import compare_groups, rates_by_group

LIMITS = {"fewest": 30, "fewest_of_outcome": 10}
PANELS = ["approved", "four-fifths rule", "bad applicants", "good applicants", "observed bad rate"]


def decided(groups: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Build decisions from the number of applicants of each group and how many of them are rejected; a third bad."""
    rows = [(name, place) for name, (n, _) in groups.items() for place in range(n)]
    table = pd.DataFrame(rows, columns=["group", "place"])
    table["line"] = range(2, len(table) + 2)
    table["bad"] = (table["place"] % 3 == 0).astype(int)
    table["rejected"] = (table["place"] < table["group"].map(lambda name: groups[name][1])).astype(int)
    table["group"] = pd.Categorical(table["group"], categories=list(groups))
    return table.assign(pd=0.3 + 0.05 * (table["place"] % 4))


def figure_of(columns: dict[str, dict[str, tuple[int, int]]]):
    everyone = pd.concat([decided(groups) for groups in columns.values()] or [decided({"all": (60, 20)})])
    everyone = everyone.assign(line=range(len(everyone)), group="all applicants")
    rates, comparisons = [rates_by_group(everyone, **LIMITS).assign(column="")], []
    for name, groups in columns.items():
        own = rates_by_group(decided(groups), **LIMITS)
        rates.append(own.assign(column=name))
        comparisons.append(compare_groups(own, four_fifths=0.8).assign(column=name))
    compared = pd.concat(comparisons) if comparisons else compare_groups(rates[0], four_fifths=0.8)
    return draw_groups(pd.concat(rates), compared, {name: f"title of {name}" for name in columns}, 0.8)


SOME = {
    "age": {"<= 25 years": (120, 100), "> 25 years": (200, 60)},
    "worker": {"yes": (9, 0), "no": (300, 150), "missing": (40, 12)},
}


@pytest.fixture(scope="module")
def figure():
    return figure_of(SOME)


def texts(axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in axes.texts]


def assert_nothing_is_cut_off_or_overlaps(figure) -> None:
    figure.canvas.draw()
    whole = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert whole.x0 >= 0
    assert whole.y0 >= 0
    assert whole.x1 <= figure.bbox.x1
    assert whole.y1 <= figure.bbox.y1
    written = [text for axes in figure.axes for text in [*axes.texts, axes.title, axes._left_title]] + figure.texts
    boxes = [text.get_window_extent() for text in written if text.get_text()]
    overlaps = [(one, other) for place, one in enumerate(boxes) for other in boxes[:place] if one.overlaps(other)]
    assert not overlaps
    for axes in figure.axes:  # what is written beside a panel leaves the panels free
        assert not [
            text for text in axes.texts for other in figure.axes if text.get_window_extent().overlaps(other.bbox)
        ]


def test_nothing_is_cut_off_or_overlaps(figure):
    assert_nothing_is_cut_off_or_overlaps(figure)


def test_every_measure_has_a_panel_and_every_group_a_row(figure):
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in figure.axes]
    assert [title.startswith(start) for title, start in zip(titles, PANELS, strict=True)] == [True] * 5
    labels = ["all applicants", "title of age", "<= 25 years", "> 25 years", "title of worker", "yes", "no", "missing"]
    assert [text for text in texts(figure.axes[0]) if "n =" not in text] == labels


def test_every_estimate_has_its_n(figure):
    assert [text for text in texts(figure.axes[0]) if "n =" in text] == [
        "52%, n = 669",
        "17%, n = 120",
        "70%, n = 200",
        "100%, n = 9 too few to say",
        "50%, n = 300",
        "70%, n = 40",
    ]


def test_too_few_to_say_is_written_and_grey(figure):
    for axes, n in zip(figure.axes, (9, 9, 3, 6, 9), strict=True):
        (few,) = [text for text in axes.texts if f"n = {n}\n" in text.get_text()]
        assert few.get_text().endswith("too few to say")
        assert few.get_color() == NEUTRAL
        (hollow,) = [line for line in axes.lines if line.get_marker() == "o" and line.get_fillstyle() == "none"]
        assert hollow.get_color() == NEUTRAL


def test_what_is_more_than_noise_is_red_and_what_is_not_is_blue(figure):
    colours = {text.get_text().split("\n")[-1]: text.get_color() for axes in figure.axes for text in axes.texts}
    assert colours["below four fifths"] == colours["higher"] == VERMILION
    assert colours["within noise"] == BLUE


def test_the_group_compared_with_is_named(figure):
    assert texts(figure.axes[1]).count("the others are compared with it") == 2
    alone = figure_of({"age": {"missing": (80, 20)}})
    assert texts(alone.axes[1]) == ["there is no other group"]
    assert_nothing_is_cut_off_or_overlaps(alone)


def test_groups_of_which_none_has_enough_are_drawn():
    figure = figure_of({"age": {"young": (9, 3), "old": (8, 3)}})
    assert texts(figure.axes[1]) == ["n = 9 too few to say", "n = 8 too few to say"]
    assert_nothing_is_cut_off_or_overlaps(figure)


def test_of_many_groups_the_largest_are_drawn():
    groups = {f"village {number}": (30 + number, 10) for number in range(SHOWN_GROUPS + 5)}
    figure = figure_of({"home": groups})
    labels = [text for text in texts(figure.axes[0]) if text.startswith("village")]
    assert labels == [f"village {number}" for number in range(5, SHOWN_GROUPS + 5)]
    assert "title of home, the 12 largest of 17 groups" in texts(figure.axes[0])


def test_long_words_fit():
    long = "a group whose name a lender wrote out in full, with all that it holds, and then some more of it"
    figure = figure_of({"origin": {long: (120, 60), "no": (120, 60)}})
    assert_nothing_is_cut_off_or_overlaps(figure)


def test_without_groups_the_picture_says_so():
    figure = figure_of({})
    assert not figure.axes
    assert "no column of the dictionary is protected" in figure.texts[1].get_text()
