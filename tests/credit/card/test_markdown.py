"""Numbers, lists and tables as Markdown."""

import pytest

from credit.card.markdown import bullets, estimate, exact, number, percent, plain, section, table


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.78976, "0.790"), (-0.0004, "0.000"), (1234.5, "1,234.500"), (None, "not known")],
)
def test_a_number_is_rounded(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(5.0, "5"), (0.2, "0.2"), (18424, "18,424"), (20261123, "20,261,123")])
def test_what_a_person_set_is_written_as_it_was_set(value, text):
    assert exact(value) == text


def test_a_share_is_written_in_percent():
    assert (percent(0.30042), percent(0), percent(None)) == ("30.0 %", "0.0 %", "not known")


def test_an_estimate_has_its_interval_if_there_is_one():
    assert estimate({"mean": 0.5, "low": -0.25, "high": 0.75}) == "0.500 [-0.250, 0.750]"
    assert estimate({"value": 0.5, "low": None, "high": None}, "value") == "0.500"
    assert estimate({"mean": 0.5}) == "0.500"


def test_a_text_is_not_read_as_markdown():
    assert plain("a|b <i> x_y *z* \\\n  end") == "a\\|b \\<i> x\\_y \\*z\\* \\\\ end"


def test_tables_lists_and_sections():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert bullets(["a", "b"]) == "- a\n- b"
    assert section("## A", "b", "", "c") == "## A\n\nb\n\nc"
