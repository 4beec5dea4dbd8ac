"""The picture of protected groups draws every estimate with its n and verdict."""

import pandas as pd
import pytest

from credit.core.style import BLUE, NEUTRAL, VERMILION
from credit.fairness.figure import SHOWN_GROUPS, draw_groups
from credit.fairness.rates import compare_groups, rates_by_group

LIMITS = {"min_group_size": 30, "min_bads": 10, "min_goods": 10}


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


def test_every_estimate_has_its_n(figure):
    assert [text for text in texts(figure.axes[0]) if "n =" in text] == [
        "52%, n = 669",
        "17%, n = 120",
        "70%, n = 200",
        "100%, n = 9 too few to say",
        "50%, n = 300",
        "70%, n = 40",
    ]


def test_too_few_to_say_is_grey_more_than_noise_is_red_and_the_rest_blue(figure):
    for axes, n in zip(figure.axes, (9, 9, 3, 6, 9), strict=True):
        (few,) = [text for text in axes.texts if f"n = {n}\n" in text.get_text()]
        assert few.get_text().endswith("too few to say")
        assert few.get_color() == NEUTRAL
        (hollow,) = [line for line in axes.lines if line.get_marker() == "o" and line.get_fillstyle() == "none"]
        assert hollow.get_color() == NEUTRAL
    colours = {text.get_text().split("\n")[-1]: text.get_color() for axes in figure.axes for text in axes.texts}
    assert colours["below four fifths"] == colours["higher"] == VERMILION
    assert colours["within noise"] == BLUE


def test_of_many_groups_the_largest_are_drawn():
    groups = {f"village {number}": (30 + number, 10) for number in range(SHOWN_GROUPS + 5)}
    figure = figure_of({"home": groups})
    labels = [text for text in texts(figure.axes[0]) if text.startswith("village")]
    assert labels == [f"village {number}" for number in range(5, SHOWN_GROUPS + 5)]
    assert "title of home, the 12 largest of 17 groups" in texts(figure.axes[0])


def test_without_groups_the_picture_says_so():
    figure = figure_of({})
    assert not figure.axes
    assert "no column of the dictionary is protected" in figure.texts[1].get_text()
