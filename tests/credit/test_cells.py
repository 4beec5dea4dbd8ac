import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cells import KINDS, RESTORED, count_kinds, read_cells
from credit.dictionary import Column

NUMERIC = Column(role="numeric")
MONTHS = Column(role="numeric", range=(4, 72), unit="months")
CODED = Column(role="ordinal", codes={1: "low", 2: "high"})
TEXT_CODED = Column(role="nominal", codes={"rent": "rent", "none": "no home", "01": "own"})
YES_NO = Column(role="nominal", codes={"0": "no", "1": "yes"})
FREE_TEXT = Column(role="nominal")
DAY = Column(role="time")
GERMAN_DAY = Column(role="time", format="%d.%m.%Y")


def read_one(cell: str, column: Column) -> tuple[object, str]:
    values, kinds = read_cells(pd.Series([cell], dtype="str"), column)
    value = values.iloc[0]
    return (None if pd.isna(value) else value), kinds.iloc[0]


@pytest.mark.parametrize(
    ("cell", "column", "value", "kind"),
    [
        ("12", NUMERIC, 12, "kept"),
        ("12.5", NUMERIC, 12.5, "kept"),
        ("12.50", NUMERIC, 12.5, "kept"),
        ("-3", NUMERIC, -3, "kept"),
        ("99999999999999999999", NUMERIC, 1e20, "kept"),
        (" 12\t", NUMERIC, 12, "padded"),
        ("12.0", NUMERIC, 12, "rewritten"),
        ("012", NUMERIC, 12, "rewritten"),
        ("1e3", NUMERIC, 1000, "rewritten"),
        ("+5", NUMERIC, 5, "rewritten"),
        ("twelve", NUMERIC, None, "unreadable"),
        ("1,5", NUMERIC, None, "unreadable"),
        ("1.234,5", NUMERIC, None, "unreadable"),
        ("1 000", NUMERIC, None, "unreadable"),
        ("inf", NUMERIC, None, "unreadable"),
        ("1e999", NUMERIC, None, "unreadable"),
        ("True", NUMERIC, None, "unreadable"),
        ("4", MONTHS, 4, "kept"),
        ("72", MONTHS, 72, "kept"),
        ("3.99", MONTHS, None, "impossible"),
        ("794", MONTHS, None, "impossible"),
        ("2", CODED, 2, "kept"),
        ("2.0", CODED, 2, "rewritten"),
        ("02", CODED, 2, "rewritten"),
        ("3", CODED, None, "impossible"),
        ("1.5", CODED, None, "impossible"),
        ("high", CODED, None, "unreadable"),
        ("rent", TEXT_CODED, "rent", "kept"),
        (" rent ", TEXT_CODED, "rent", "padded"),
        ("01", TEXT_CODED, "01", "kept"),
        ("1", TEXT_CODED, None, "impossible"),
        ("Rent", TEXT_CODED, None, "impossible"),
        ("none", TEXT_CODED, "none", "kept"),  # a placeholder elsewhere, a code here
        ("None", TEXT_CODED, None, "placeholder"),
        (" 12.0 ", MONTHS, 12, "padded_rewritten"),
        ("1.0", YES_NO, "1", "rewritten"),
        ("2.0", YES_NO, None, "impossible"),
        ("2026-11-23", DAY, pd.Timestamp("2026-11-23"), "kept"),
        ("23.11.2026", DAY, None, "unreadable"),
        ("23.11.2026", GERMAN_DAY, pd.Timestamp("2026-11-23"), "kept"),
        ("2026-11-23T12:30:00+01:00", DAY, pd.Timestamp("2026-11-23 11:30"), "kept"),
        ("Łódź", FREE_TEXT, "Łódź", "kept"),
        ("none", FREE_TEXT, None, "placeholder"),
    ],
)
def test_reads_a_cell_by_its_column(cell: str, column: Column, value: object, kind: str):
    assert read_one(cell, column) == (value, kind)


@pytest.mark.parametrize("cell", ["", "  ", "?", "NA", "n/a", "NaN", "NULL", "missing", "Error", "INVALID", "-"])
@pytest.mark.parametrize("column", [NUMERIC, MONTHS, CODED, TEXT_CODED, FREE_TEXT])
def test_an_empty_cell_or_a_placeholder_is_missing(cell: str, column: Column):
    assert read_one(cell, column) == (None, "placeholder" if cell.strip() else "empty")


def test_numbers_and_integer_codes_become_floats_and_other_codes_text():
    cells = pd.Series(["1", "2", ""], dtype="str")
    assert read_cells(cells, NUMERIC)[0].dtype == np.float64
    assert read_cells(cells, CODED)[0].dtype == np.float64
    assert read_cells(cells, FREE_TEXT)[0].dtype == "str"


def test_the_result_has_the_index_of_the_cells():
    cells = pd.Series(["1", "x"], index=[7, 3], dtype="str")
    values, kinds = read_cells(cells, NUMERIC)
    assert list(values.index) == list(kinds.index) == [7, 3]


def test_an_empty_column_has_no_cells_of_any_kind():
    values, kinds = read_cells(pd.Series([], dtype="str"), MONTHS)
    assert len(values) == 0
    assert count_kinds(kinds) == dict.fromkeys(KINDS, 0)


@given(st.lists(st.one_of(st.text(max_size=6), st.floats().map(str), st.integers(0, 99).map(str)), min_size=1))
@pytest.mark.parametrize("column", [MONTHS, CODED, TEXT_CODED, FREE_TEXT])
def test_a_value_comes_from_a_usable_cell_and_is_one_the_dictionary_allows(column: Column, cells: list[str]):
    values, kinds = read_cells(pd.Series(cells, dtype="str"), column)
    usable = kinds.isin(["kept", *RESTORED])
    assert (values.notna() == usable).all()
    if column.codes:
        assert set(values[usable]) <= set(column.codes)
    if column.range:
        assert values[usable].between(*column.range).all()
    assert sum(count_kinds(kinds).values()) == len(cells)


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_integers_are_read_exactly(numbers: list[int]):
    values, kinds = read_cells(pd.Series(map(str, numbers), dtype="str"), NUMERIC)
    assert values.astype("int64").tolist() == numbers
    assert (kinds == "kept").all()


def test_counts_cells_by_kind():
    _, kinds = read_cells(pd.Series(["5", "5.0", "", "?", "900"], dtype="str"), MONTHS)
    expected = {"kept": 1, "rewritten": 1, "empty": 1, "placeholder": 1, "impossible": 1}
    assert count_kinds(kinds) == {**dict.fromkeys(KINDS, 0), **expected}
