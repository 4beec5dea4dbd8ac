from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.column import Column
from credit.core.columns import LINE, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.cells import INVALID, KINDS, MISSING, RESTORED, read_cells
from credit.data.quality import check_columns, check_shares, count_filled, summarise

WHERE = "ingested.parquet"


def counted(absent: tuple[str, ...] = (), **columns: dict[str, int]) -> pd.DataFrame:
    """Counts of cells as `stages.prepare.read_table` makes them: a row a column, a column a kind."""
    rows = {name: dict.fromkeys(KINDS, 0) | kinds | {"in_file": name not in absent} for name, kinds in columns.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


@st.composite
def tables(draw) -> pd.DataFrame:
    """Counts of one to four columns of up to 30 cells, of any kinds."""
    rows = draw(st.integers(0, 30))
    kinds = st.lists(st.sampled_from(KINDS), min_size=rows, max_size=rows)
    columns = draw(st.lists(kinds, min_size=1, max_size=4))
    return counted(**{f"column {number}": dict(Counter(found)) for number, found in enumerate(columns)})


@given(tables())
@pytest.mark.slow
def test_the_cells_of_every_column_add_up_to_the_rows(counts):
    rows = int(counts.drop(columns="in_file").sum(axis=1).iloc[0])
    records = summarise(counts)
    assert [record["column"] for record in records] == list(counts.index)
    for record in records:
        groups = {group: record[group] for group in ("kept", "restored", "missing", "invalid")}
        assert sum(groups.values()) == rows
        assert record["kept"] + sum(record["kinds"].values()) == rows
        assert set(record["kinds"]) == {*RESTORED, *MISSING, *INVALID}
        of_kind = {kind: counts.loc[record["column"], kind] for kind in record["kinds"]}
        assert record["kinds"] == of_kind
        for group, kinds in {"restored": RESTORED, "missing": MISSING, "invalid": INVALID}.items():
            assert groups[group] == sum(of_kind[kind] for kind in kinds)


def test_a_record_says_what_was_found_in_a_column():
    counts = counted(
        income={"kept": 90, "padded": 1, "rewritten": 2, "padded_rewritten": 3, "placeholder": 4},
        phone={"empty": 100},
        absent=("phone",),
    )
    income, phone = summarise(counts)
    assert income == {
        "column": "income", "in_file": True, "kept": 90, "restored": 6, "missing": 4, "invalid": 0,
        "kinds": {"padded": 1, "rewritten": 2, "padded_rewritten": 3, "empty": 0, "placeholder": 4, "coded": 0,
                  "unreadable": 0, "impossible": 0},
    }  # fmt: skip
    assert (phone["in_file"], phone["kept"], phone["missing"]) == (False, 0, 100)
    assert {type(value) for value in income["kinds"].values()} == {int}  # and so they can be written as JSON


def test_cells_filled_from_repeats_are_those_that_the_first_row_lacked():
    values = pd.DataFrame({"a": [1.0, np.nan, np.nan, 4.0], "b": ["x", None, "y", None]})
    merged = pd.DataFrame({"a": [1.0, 4.0], "b": ["x", "y"]}, index=[0, 1])  # rows 1, 2 and 3 are one applicant
    assert count_filled(values, merged) == 2
    assert count_filled(values, values) == 0


CODES = {"codes": {"Y": "default", "N": "repaid"}}
LENT = Dictionary(
    columns={
        "income": Column(role="numeric", source="line", range=(0, 1_000_000)),
        "phone": Column(role="nominal", required=False, codes={1: "yes", 2: "no"}),
        "applied": Column(role="time", format="%d.%m.%Y", range=("2015-01-01", "2025-12-31")),
        "outcome": Column(role="target", bad_codes=("Y",), **CODES),
    }
)


def refusal(max_invalid: float, rows: int = 10, **cells: dict[str, int]) -> str | None:
    """Check columns of so many cells of each text, the rest of them empty; returns what is said against them."""
    texts = {name: [text for text, times in of.items() for _ in range(times)] for name, of in cells.items()}
    ingested = pd.DataFrame(
        {kept_apart(LENT.source(name)): [*[""] * (rows - len(text)), *text] for name, text in texts.items()},
        dtype="str",
    )
    ingested.insert(0, LINE, range(2, rows + 2))
    kinds = {name: read_cells(ingested[kept_apart(LENT.source(name))], LENT.columns[name])[1] for name in cells}
    try:
        check_columns(
            counted(**{name: dict(Counter(of)) for name, of in kinds.items()}), ingested, LENT, max_invalid, WHERE
        )
    except InputError as error:
        return str(error)
    return None


def test_a_column_of_which_too_many_cells_are_not_valid_is_refused_with_the_first_one():
    assert len(refusal(0, phone={"x" * 8000: 1})) < 300
    found = "got something else in 4 of the 6 cells present; the first is"
    limit = "up to 66.6 % may be so ('prepare.max_column_invalid_share')"
    assert refusal(0.666, income={"7": 2, "12,5": 3, "many": 1}) == (
        f"{WHERE}: expected numbers from 0 to 1000000 in 'income', {found} '12,5' (line 8); {limit}"
    )
    assert refusal(0.666, phone={"3": 1, "x" * 80: 3, "1": 2}) == (
        f"{WHERE}: expected the codes [1, 2] in 'phone', {found} '3' (line 6); {limit}"
    )
    assert refusal(0.666, applied={"23.11.2025": 2, "31.12.9999": 3, "11/23/2026": 1}) == (
        f"{WHERE}: expected times from 2015-01-01 to 2025-12-31 written as '%d.%m.%Y' in 'applied', "
        f"{found} '31.12.9999' (line 8); {limit}"
    )


def test_only_cells_present_count_and_a_column_may_be_half_missing():
    few = {"7": 7, "many": 3}
    assert refusal(0.3, rows=100, income=few, applied={"23.11.2025": 50}) is None
    assert "got something else in 3 of the 10 cells present" in refusal(0.29, rows=100, income=few)


@pytest.mark.parametrize("cells", [{}, {"?": 3, "NA": 2}, {"many": 4}])
def test_a_required_column_without_any_value_is_refused_whatever_the_limit(cells):
    expected = f"{WHERE}: expected values in the required column '{{}}', got none on 10 rows"
    assert refusal(1, income=cells) == expected.format("income")
    assert refusal(1, applied=cells) == expected.format("applied")
    assert refusal(1, phone=cells) is None


DAMAGED = counted(
    clean={"kept": 100},
    holes={"kept": 60, "empty": 30, "placeholder": 10},
    wrong={"kept": 70, "unreadable": 12, "impossible": 18},
    some={"kept": 95, "padded": 4, "impossible": 1},
)  # of 400 cells 71 are without a value, 31 of them not as the dictionary allows


@pytest.mark.parametrize(
    ("max_missing", "max_invalid", "expected"),
    [
        (
            70 / 400,
            31 / 400,
            "expected at most 17.5 % cells without a value ('prepare.max_missing_share'), got 17.8 %; "
            "most in holes 40.0 %, wrong 30.0 %, some 1.0 %",
        ),
        (
            71 / 400,
            0.07,
            "expected at most 7.0 % cells with what data/dictionary.yaml does not allow "
            "('prepare.max_invalid_share'), got 7.8 %; most in wrong 30.0 %, some 1.0 %, clean 0.0 %",
        ),
        (0, 0, "expected at most 0.0 % cells with what data/dictionary.yaml does not allow"),
    ],
)
def test_a_table_too_damaged_is_refused_with_the_worst_columns(max_missing, max_invalid, expected):
    check_shares(DAMAGED, max_missing=71 / 400, max_invalid=31 / 400, where=WHERE)
    check_shares(counted(income={}), max_missing=0, max_invalid=0, where=WHERE)
    with pytest.raises(InputError) as caught:
        check_shares(DAMAGED, max_missing, max_invalid, WHERE)
    assert str(caught.value).startswith(f"{WHERE}: {expected}")
    assert "\n" not in str(caught.value)


def test_columns_that_the_file_is_without_do_not_count():
    counts = counted(income={"kept": 90, "empty": 10}, phone={"empty": 100}, absent=("phone",))
    check_shares(counts, max_missing=0.1, max_invalid=0, where=WHERE)
    check_shares(counts.loc[["phone"]], max_missing=0, max_invalid=0, where=WHERE)
    check_shares(counts.assign(in_file=True), max_missing=0.55, max_invalid=0, where=WHERE)
    with pytest.raises(InputError, match=r"got 55\.0 %; most in phone 100.0 %, income 10.0 %"):
        check_shares(counts.assign(in_file=True), max_missing=0.5, max_invalid=0, where=WHERE)
