"""How numbers are written, found in all cells of a column and, where those leave it open, of the file."""

import re

import pytest

from ops.draft_dictionary.dictionary import draft_dictionary
from ops.draft_dictionary.forms import find_form
from tests.ops.draft_dictionary.tables import ROWS, amounts, cells, column, repeated, table


def german(number: str) -> str:
    return number.replace(",", "_").replace(".", ",").replace("_", ".")


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (amounts(), {}),
        ([f"{amount / 7:.2f}" for amount in amounts()], {}),
        ([f"{amount / 99_999:.3f}" for amount in amounts()], {}),  # 0.123 is no thousand
        ([f"{amount / 7:,.2f}" for amount in amounts()], {"thousands": ","}),
        (
            [german(f"{amount / 7:,.2f} €") for amount in amounts()],
            {"decimal": ",", "thousands": ".", "suffix": ("€",)},
        ),
        ([f"{amount / 7:.1f}".replace(".", ",") for amount in amounts()], {"decimal": ","}),
        ([f"{amount:,}".replace(",", "\u00a0") for amount in amounts()], {"thousands": " "}),
        ([f"{amount:,}".replace(",", "'") for amount in amounts()], {"thousands": "'"}),
        ([f"${amount:,.2f}" for amount in amounts()], {"thousands": ",", "prefix": ("$",)}),
        ([f"{amount / 999:.2f}%" for amount in amounts()], {"suffix": ("%",)}),
        ([f"({amount}.5)" if amount % 3 else f"{amount}.5" for amount in amounts()], {"negative": "brackets"}),
        ([f"{amount}-" if amount % 3 else amount for amount in amounts()], {"negative": "trailing"}),
        (repeated("36 months", "60 months"), {"suffix": ("months",)}),
        (repeated("2 years", "1 year", "3 years"), {"suffix": ("years", "year")}),
        (repeated("1,2E+05", "3,4E+05"), {"decimal": ","}),
    ],
)
def test_finds_how_numbers_are_written(values, form: dict):
    found = find_form(cells(values))
    assert (found.form.model_dump(exclude_defaults=True) if found.form else {}) == form
    assert not found.questions


@pytest.mark.parametrize(
    "values",
    [
        repeated("860xx", "123xx"),
        repeated("10+ years", "< 1 year", "1 year"),
        repeated("A1", "B2"),
        repeated("010", "020"),
        repeated("10k", "2M"),  # one is a thousand times the other
        repeated("$5", "€5"),
        repeated("0-100", "100-500"),
        repeated("5th", "6th"),
        repeated("", "?"),
    ],
)
def test_codes_intervals_and_two_units_are_no_numbers(values):
    assert find_form(cells(values)) is None


@pytest.mark.parametrize(
    ("written", "of_file", "read"),
    [
        ("{:,}", "", "4211"),
        ("{:,}", ".", "4211"),
        ("{:,}", ",", "4.211"),
        ("{:_}", "", "4211"),
        ("{:_}", ",", "4211"),
        ("{:_}", ".", "4.211"),
    ],
)
def test_where_three_digits_follow_every_mark_the_file_decides_and_it_is_asked(written: str, of_file: str, read: str):
    values = [written.format(amount).replace("_", ".") for amount in amounts()]
    assert values[0] in ("4,211", "4.211")
    found = find_form(cells(values), of_file)
    assert re.fullmatch(f"(check|unsure): '{values[0]}' is taken for {read}; three digits .*", *found.questions)
    assert column(values).range is not None


def test_no_amount_of_a_german_file_is_a_thousand_times_too_small():
    columns = {
        "Betrag": [german(f"{amount:,}") for amount in amounts()],
        "Zins": [f"{row % 9},{row % 97:02}" for row in range(ROWS)],
        "Ausfall": repeated("ja", "nein", "nein"),
    }
    betrag, zins, _ = draft_dictionary(table(columns)).columns
    assert betrag.range[1] == max(amounts())
    assert (zins.number.decimal, zins.range[1] < 10) == (",", True)


def test_cells_with_and_without_a_sign_are_asked_about():
    draft = column([f"{row / 7:.2f}{'%' * (row % 2)}" for row in range(ROWS)])
    assert draft.number.suffix == ("", "%")
    assert "unsure: 50.0 % of the cells are without '%': the same unit?" in draft.notes


def test_numbers_written_in_two_ways_are_asked_about():
    draft = column(repeated("1.5", "2,5", "7,25"))
    assert draft.notes[0] == "unsure: numbers are not all written in one way: '1.5', '2,5', '7,25'"
