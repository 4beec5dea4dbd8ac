import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.column import Column
from credit.data.cells import KINDS, RESTORED, count_kinds, read_cells, why_missing

NUMERIC = Column(role="numeric")
MONTHS = Column(role="numeric", range=(4, 72), unit="months")
CODED = Column(role="ordinal", codes={1: "low", 2: "high"})
TEXT_CODED = Column(role="nominal", codes={"rent": "rent", "none": "no home", "01": "own"})
YES_NO = Column(role="nominal", codes={"0": "no", "1": "yes"})
FREE_TEXT = Column(role="nominal")
DAY = Column(role="time")
SINCE_2015 = Column(role="time", range=("2015-01-01", "2025-12-31"))
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
        ("3.4e38", NUMERIC, 3.4e38, "kept"),
        ("1e39", NUMERIC, None, "impossible"),  # more than XGBoost and the trees can hold
        ("-9.9e300", NUMERIC, None, "impossible"),
        ("1e39", Column(role="numeric", range=(0, 1e300)), None, "impossible"),
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
        ("9999-12-31", DAY, None, "impossible"),
        ("1900-01-01", DAY, None, "impossible"),
        ("0001-01-01", DAY, None, "impossible"),
        ("9999-12-31", Column(role="time", range=(None, "9999-12-31")), pd.Timestamp("9999-12-31"), "kept"),
        ("2015-01-01", SINCE_2015, pd.Timestamp("2015-01-01"), "kept"),
        ("2025-12-31T23:59:59", SINCE_2015, pd.Timestamp("2025-12-31 23:59:59"), "kept"),
        ("2014-12-31T23:59:59", SINCE_2015, None, "impossible"),
        ("2026-01-01", SINCE_2015, None, "impossible"),
        ("2026-13-01", SINCE_2015, None, "unreadable"),
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


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        (["202", "202.0", " 203.0 ", "203.", "-1.0"], ["202", "202", "203", "203", "-1"]),
        (["202.0", "", "NA", "?", "203.0"], ["202", None, None, None, "203"]),  # missing cells are why pandas does so
        ([*["7.0"] * 19, "x"], [*["7"] * 19, "x"]),
        (["010", "010.0", "+5", "1e3"], ["010", "010.0", "+5", "1e3"]),  # a quarter is no integer as codes are
        (["010", "010.0", "99999999999999999999.0"], ["010", "010", "99999999999999999999"]),
        ([*["7.0"] * 18, "x", "y"], [*["7.0"] * 18, "x", "y"]),
        (["1.0", "1.1", "2.0", "2.10"], ["1.0", "1.1", "2.0", "2.10"]),  # versions
        (["1.0", "beta"], ["1.0", "beta"]),
        (["", "NA"], [None, None]),
    ],
)
def test_integers_that_are_levels_are_written_without_a_point(cells: list[str], levels: list[str | None]):
    values, kinds = read_cells(pd.Series(cells, dtype="str"), FREE_TEXT)
    assert values.astype("object").where(values.notna(), None).tolist() == levels
    rewritten = [level is not None and cell.strip() != level for cell, level in zip(cells, levels, strict=True)]
    assert kinds.isin(["rewritten", "padded_rewritten"]).tolist() == rewritten


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        (["4000.0", "4000.5"], ["kept", "kept"]),
        (["4000.00", " 0.0", "-7.0", "4000.50"], ["kept", "padded", "kept", "kept"]),
        (["012.0", "1e3", "5.", "+5.0", "12", "0.5"], [*["rewritten"] * 4, "kept", "kept"]),
        (["4000.0", "4000"], ["rewritten", "kept"]),
        (["4000.0", "many", "inf"], ["rewritten", "unreadable", "unreadable"]),
    ],
)
def test_an_integer_with_a_point_is_written_plainly_where_the_column_has_fractions(cells, kinds):
    assert read_cells(pd.Series(cells, dtype="str"), NUMERIC)[1].tolist() == kinds


def test_a_fraction_that_is_not_valid_does_not_make_a_column_of_fractions():
    cells = pd.Series(["12.0", "3.99"], dtype="str")
    assert read_cells(cells, MONTHS)[1].tolist() == ["rewritten", "impossible"]
    assert read_cells(cells.replace("3.99", "1.5"), CODED)[1].tolist() == ["impossible", "impossible"]


SCORE = Column(role="numeric", range=(300, 850), missing={-9999: "no record", ".": "", "n/v": ""})


@pytest.mark.parametrize(
    ("cell", "column", "kind"),
    [
        ("-9999", SCORE, "coded"),
        (" -9999.0", SCORE, "coded"),
        (".", SCORE, "coded"),
        ("n/v", SCORE, "coded"),
        ("N/V", SCORE, "unreadable"),
        ("", SCORE, "empty"),
        ("-999", SCORE, "impossible"),
        ("9", Column(role="ordinal", codes={1: "low", 2: "high"}, missing={9: ""}), "coded"),
        ("X", Column(role="nominal", missing={"X": ""}), "coded"),
        ("-9", Column(role="nominal", missing={-9: ""}), "coded"),
        ("1900-01-01", Column(role="time", missing=["1900-01-01"]), "coded"),
        ("-9.999", Column(role="numeric", number={"decimal": ",", "thousands": "."}, missing=[-9999]), "coded"),
        ("-9999", Column(role="numeric", number={"suffix": "%"}, missing=[-9999]), "coded"),
        ("-1 %", Column(role="numeric", number={"suffix": "%", "divisor": 100}, missing=[-1]), "coded"),
    ],
)
def test_a_code_for_missing_is_told_from_damage(cell: str, column: Column, kind: str):
    assert read_one(cell, column) == (None, kind)


@pytest.mark.parametrize("cell", [".", "#N/A", "\\N", "<NA>", "NaT", "n.a.", "--", "(null)", "#NV"])
def test_what_programs_write_for_missing_is_none_only_where_it_is_no_code(cell: str):
    assert read_one(cell, FREE_TEXT) == read_one(cell, NUMERIC) == (None, "placeholder")
    assert read_one(cell, Column(role="nominal", codes={cell: "an answer", "x": "x"})) == (cell, "kept")


def test_why_there_is_no_value_is_the_code_or_known():
    cells = pd.Series(["602", "-9999", "-9999.0", ".", "", "?", "9000"], dtype="str", index=range(5, 12))
    said, kinds = why_missing(cells, SCORE)
    assert said.astype("object").where(said.notna(), None).tolist() == ["known", "-9999", "-9999", ".", *[None] * 3]
    assert kinds.tolist() == [*["kept"] * 4, *["empty"] * 3]
    assert list(said.index) == list(kinds.index) == list(cells.index)


def test_the_result_has_the_index_of_the_cells():
    cells = pd.Series(["1", "x"], index=[7, 3], dtype="str")
    values, kinds = read_cells(cells, NUMERIC)
    assert list(values.index) == list(kinds.index) == [7, 3]


def test_an_empty_column_has_no_cells_of_any_kind():
    values, kinds = read_cells(pd.Series([], dtype="str"), MONTHS)
    assert len(values) == 0
    assert count_kinds(kinds) == dict.fromkeys(KINDS, 0)


@pytest.mark.slow
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


@pytest.mark.slow
@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_integers_are_read_exactly(numbers: list[int]):
    values, kinds = read_cells(pd.Series(map(str, numbers), dtype="str"), NUMERIC)
    assert values.astype("int64").tolist() == numbers
    assert (kinds == "kept").all()


def test_counts_cells_by_kind():
    _, kinds = read_cells(pd.Series(["5", "5.0", "", "?", "900"], dtype="str"), MONTHS)
    expected = {"kept": 1, "rewritten": 1, "empty": 1, "placeholder": 1, "impossible": 1}
    assert count_kinds(kinds) == {**dict.fromkeys(KINDS, 0), **expected}


@pytest.mark.parametrize("column", [NUMERIC, MONTHS, CODED, TEXT_CODED, FREE_TEXT, DAY])
def test_categories_of_text_are_read_as_the_text_is(column: Column):
    text = pd.Series(["2", " 1", "2.0", "", "?", "rent", "2026-11-23", "2", "900"], dtype="str", index=range(3, 12))
    categories = text.astype(pd.CategoricalDtype(text.drop_duplicates().iloc[::-1]))
    for of_text, of_categories in zip(read_cells(text, column), read_cells(categories, column), strict=True):
        pd.testing.assert_series_equal(of_text, of_categories)
