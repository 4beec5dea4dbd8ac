"""Numbers by their form; what does not fit it is no number, and no cell has two readings."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.number_form import NumberForm
from credit.data.written_numbers import plainly

GERMAN = {"decimal": ",", "thousands": "."}
FORMS = st.builds(
    NumberForm,
    decimal=st.sampled_from(".,"),
    thousands=st.sampled_from(["", " ", "'", "_"]),
    prefix=st.sampled_from(["", "$", "EUR", "Rs."]),
    suffix=st.sampled_from(["", "%", "€", "months", "p. a."]),
    negative=st.sampled_from(["leading", "trailing", "brackets"]),
)


def read(form: NumberForm, *cells: str) -> list[float | None]:
    numbers = pd.to_numeric(plainly(pd.Series(cells, dtype="str"), form))
    return [None if np.isnan(number) else number for number in numbers]


def written(number: Decimal, form: NumberForm, space: str) -> str:
    """Write a number by its form, by another way than it is read: Python's own."""
    plain = (
        f"{abs(number):,}".replace(",", form.thousands and "T").replace(".", form.decimal).replace("T", form.thousands)
    )
    inner = f"{form.prefix[0]}{space}{plain}{space}{form.suffix[0]}".strip()
    if number >= 0:
        return inner
    return {"leading": f"-{inner}", "trailing": f"{inner}-", "brackets": f"({inner})"}[form.negative]


@pytest.mark.parametrize(
    ("form", "cells", "numbers"),
    [
        ({}, ["12", "-1.5", ".5", "7.", "1e3", "1,5", "1 000", "", "-", "5-"], [12, -1.5, 0.5, 7, 1000, *[None] * 5]),
        (GERMAN, ["1.234,56", "65.578", "-1.234.567", "1234,5", "1,2E+05"], [1234.56, 65578, -1234567, 1234.5, 120000]),
        (GERMAN, ["1.23", "1,234.5", "12.34,5", "1..234", "1,,5", "1.234.56"], [None] * 6),
        ({"thousands": ","}, ["50,889", "1,234,567.8", "50889", "5,08", ",889"], [50889, 1234567.8, 50889, None, None]),
        ({"thousands": " "}, ["1 234", "1\u00a0234\u202f567", "12 34"], [1234, 1234567, None]),
        ({"thousands": "'"}, ["1'234", "1\u2019234.5", "1\u201923"], [1234, 1234.5, None]),
        ({"prefix": "$", "thousands": ","}, ["$27,571.87", "$ 5", "-$5", "$-5"], [27571.87, 5, -5, -5]),
        ({"prefix": "$", "thousands": ","}, ["27,571.87", "€5", "$$5", "-$-5", "($5)"], [None] * 5),
        ({"suffix": "%"}, ["9.76%", "66.6 %", "66.6", "%", "5 %%"], [9.76, 66.6, None, None, None]),
        ({"suffix": ["%", ""]}, ["9.76%", "66.6"], [9.76, 66.6]),
        ({"suffix": ["month", "months"]}, ["36 months", "1 month", "36", "10+ months"], [36, 1, None, None]),
        ({"suffix": "p. a."}, ["5 p. a.", "5 pxa."], [5, None]),
        ({"negative": "trailing", **GERMAN}, ["1.234,56-", "5+", "5", "-5", "5--"], [-1234.56, 5, 5, None, None]),
        ({"negative": "trailing", "suffix": "€"}, ["5- €", "5 €-", "5 €"], [-5, -5, 5]),
        (
            {"negative": "brackets", "prefix": "$"},
            ["($5)", "$(5)", "$5", "(5", "$5)", "(($5))"],
            [-5, -5, 5, *[None] * 3],
        ),
        ({}, ["\u22125", "٣", "\uff15", "1\u00b2"], [-5, None, None, None]),
    ],
)
def test_reads_what_fits_the_form_and_nothing_else(form: dict, cells: list[str], numbers: list):
    assert read(NumberForm(**form), *cells) == numbers


@given(FORMS, st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.sampled_from(["", " ", "\u00a0"]))
def test_a_number_written_by_a_form_is_read_as_it_was(form: NumberForm, number: Decimal, space: str):
    if form.thousands == form.decimal:
        return
    assert read(form, written(number, form, space)) == [float(number)]


@pytest.mark.slow
@given(st.text(alphabet="0123456789.,-+()$€% e'", max_size=9))
def test_no_cell_is_read_by_one_form_as_another_number_than_by_python(cell: str):
    try:
        number = float(cell)
    except ValueError:
        number = None
    found = read(NumberForm(), cell.strip())[0]
    assert found is None or found == number
