"""The scorecard's form says what the table says."""

import numpy as np
import pandas as pd
import pytest

from credit.core.intervals import wilson
from credit.core.style import BAD, GOOD
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale, bands_of_points

SCALE = Scale(points=600.0, odds=20.0, points_to_double=20.0)
LONG = "an answer of so many words that a lender must have copied it from a law, with all its exceptions and more"


def table_of(rows: list[tuple[str, str, str, int, int, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["feature", "title", "answer", "points", "n", "bad"])
    seen = table["n"].where(table["n"] > 0)
    table["bad_rate"] = table["bad"] / seen
    table["low"], table["high"] = wilson(table["bad"].where(table["n"] > 0), seen)
    return table


TABLE = table_of(
    [
        ("", "everyone starts with", "", 388, 1200, 300),
        ("duration", "how long the credit is to be paid back", "up to 12 months", 51, 700, 100),
        ("duration", "how long the credit is to be paid back", "13 months or more", 0, 500, 200),
        ("duration", "how long the credit is to be paid back", "not known", 21, 0, 0),
        ("purpose", "purpose", LONG, 7, 400, 60),
        ("purpose", "purpose", "car", 0, 700, 220),
        ("purpose", "purpose", "not known", 3, 100, 20),
        ("purpose", "purpose", "any other", 2, 0, 0),
    ]
)


def bands_at(cutoff: float) -> pd.DataFrame:
    pds = np.linspace(0.02, 0.9, 1200)
    return bands_of_points((np.arange(1200) % 100 < 100 * pds).astype(int), pds, SCALE, cutoff)


def form(table=TABLE, cutoff=0.2, notes=("Does not count: telephone.",)):
    return draw_form(table, bands_at(cutoff), SCALE, SCALE.lowest_approved(cutoff), notes)


def texts(figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts]


def test_every_answer_that_was_given_has_its_points_its_n_and_its_interval():
    found = texts(form())
    assert found.count("51") == 1
    assert "388" in found
    for row in TABLE[1:][TABLE["n"][1:] > 0].itertuples():
        assert f"{row.n:,}" in found
        assert f"{row.bad_rate:.0%} [{100 * row.low:.0f}, {100 * row.high:.0f}]" in found
    assert "up to 12 months" in found
    assert " ".join(" ".join(found).split()).count("a lender must have copied it") == 1
    assert {"not known: 21", "any other: 2"} < set(found)  # nobody gave them: beside the question
    assert "everyone starts with" in texts(form(TABLE.head(1), notes=[]))


def test_bars_are_the_intervals():
    drawn = [line.get_xdata() for line in form().axes[0].lines if line.get_color() == BAD]
    spans = [ends for ends in drawn if len(ends) == 2]
    rows = TABLE[1:][TABLE["n"][1:] > 0]
    assert len(spans) == len(rows)
    widths = np.array([high - low for low, high in spans])
    scale = widths / (rows["high"] - rows["low"]).to_numpy()
    assert scale == pytest.approx(np.full(len(rows), scale[0]))


@pytest.mark.parametrize(
    ("cutoff", "told"),
    [
        (0.2, f"approve at {SCALE.lowest_approved(0.2):.0f} points or more, reject below"),
        (0.0, "reject whatever the sum"),
        (1.0, "approve whatever the sum"),
    ],
)
def test_the_sum_leads_to_a_decision(cutoff, told):
    assert told in texts(form(cutoff=cutoff))


def test_bands_say_what_a_sum_means():
    figure, bands = form(), bands_at(0.2)
    found = texts(figure)
    assert found.count("approve") == (bands["decision"] == "approve").sum() > 0
    assert found.count("reject") == (bands["decision"] == "reject").sum() > 0
    for band in bands.itertuples():
        assert f"{band.n:,}, {band.bad:,}" in found
        assert " ".join(band.band.split()) in [" ".join(text.split()) for text in found]
    last, first = bands.iloc[-1], bands.iloc[0]
    assert f"{100 * last['pd_highest']:.1f} %\nor less" in found
    assert f"{100 * first['pd_lowest']:.1f} %\nor more" in found
    colours = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert (colours["approve"], colours["reject"]) == (GOOD, BAD)
    assert any("600 points are odds of 20 good to 1 bad, each 20 more double them" in text for text in found)
    assert any("of 1,200 training applicants" in text for text in found)


def test_a_band_that_nobody_is_in_says_no_rate():
    bands = bands_at(0.2)
    bands.loc[0, ["n", "bad", "bad_rate", "low", "high"]] = [0, 0, np.nan, np.nan, np.nan]
    found = texts(draw_form(TABLE, bands.astype({"n": int, "bad": int}), SCALE, 530.0, []))
    assert "0, 0" in found
    assert not [text for text in found if "nan" in text]
