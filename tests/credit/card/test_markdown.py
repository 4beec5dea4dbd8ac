"""Numbers, lists and tables as Markdown."""

import pytest

from credit.card.markdown import bullets, estimate, exact, number, percent, plain, section, table


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (number, -0.0004, "0.000"),
        (number, 1234.5, "1,234.500"),
        (number, None, "not known"),
        (exact, 5.0, "5"),
        (exact, 0.2, "0.2"),
        (exact, 20261123, "20,261,123"),
        (percent, 0.30042, "30.0 %"),
        (percent, None, "not known"),
        (estimate, {"mean": 0.5, "low": -0.25, "high": 0.75}, "0.500 [-0.250, 0.750]"),
        (estimate, {"mean": 0.5, "low": None, "high": None}, "0.500"),
        (estimate, {"mean": 0.5}, "0.500"),
    ],
)
def test_numbers(write, value, text):
    assert write(value) == text


def test_a_text_is_not_read_as_markdown():
    assert plain("a|b <i> x_y *z* \\\n  end") == "a\\|b \\<i> x\\_y \\*z\\* \\\\ end"


def test_tables_lists_and_sections():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert bullets(["a", "b"]) == "- a\n- b"
    assert section("## A", "b", "", "c") == "## A\n\nb\n\nc"
