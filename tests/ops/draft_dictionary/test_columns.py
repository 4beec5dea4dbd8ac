"""What is guessed of a column that is not the target, by its cells and its name."""

import pytest

from credit.data.cells import PLACEHOLDERS
from ops.draft_dictionary.target import draft_target
from tests.ops.draft_dictionary.tables import ROWS, amounts, cells, column, damaged, repeated


@pytest.mark.parametrize(
    ("values", "name", "role"),
    [
        (repeated("EUR"), "x", "ignored"),
        (repeated("1", "1.0", " 1 "), "x", "ignored"),
        (repeated("", "?", "NA"), "x", "ignored"),
        ([f"2020-01-{day % 28 + 1:02}" for day in range(ROWS)], "x", "ignored"),
        ([f"{day % 28 + 1}.{day % 12 + 1}.19{day % 90 + 10}" for day in range(ROWS)], "x", "ignored"),
        ([f"2020-01-02 10:{minute % 60:02}:00" for minute in range(ROWS)], "x", "ignored"),
        ([f"2020-01-02T10:{minute % 60:02}:00.123+01:00" for minute in range(ROWS)], "x", "ignored"),
        (repeated("Dec-2015", "Jan-2016", "Feb-2016"), "x", "ignored"),
        (repeated("20150131", "20150228", "20150331"), "x", "ignored"),
        ([f"{month % 12 + 1}/{month % 28 + 1}/2015" for month in range(ROWS)], "x", "ignored"),
        ([f"{1000 + 8 * row}.{row % 10}" for row in range(ROWS)], "x", "numeric"),  # amounts, and no months
        ([f"{1950 + row % 100}.{row % 13:02}" for row in range(ROWS)], "x", "numeric"),
        (range(ROWS), "x", "ignored"),
        (range(30_000, 30_000 + 90 * ROWS, 90), "x", "ignored"),
        (range(7, 7 + 90 * ROWS, 90), "x", "numeric"),
        (range(7, 7 + 90 * ROWS, 90), "loanID", "ignored"),
        (range(3, 30_000, 3), "x", "numeric"),  # 9,999 of them
        (range(3, 30_003, 3), "x", "ignored"),
        ([f"LP{number}" for number in range(ROWS)], "x", "ignored"),
        ([f"a text about the applicant {number}" for number in range(ROWS)], "x", "ignored"),
        (amounts(), "x", "numeric"),
        ([f"{amount}.0" for amount in amounts()], "x", "numeric"),
        ([f" {amount / 7:.3f} " for amount in amounts()], "x", "numeric"),
        (repeated("1e-3", "-2.5E+4", ".5", "7."), "x", "numeric"),
        (repeated(12, 24, 36, 48, 60), "x", "numeric"),
        (repeated(*range(13)), "x", "numeric"),
        (repeated(0, 1, 2, 3), "number_of_loans", "numeric"),
        (repeated(0, 1), "number_of_loans", "nominal"),
        (repeated(*range(100, 150)), "branch_code", "nominal"),
        (repeated("010", "020", "007"), "x", "nominal"),
        (repeated("True", "False"), "x", "nominal"),
        (repeated("rent", "own"), "x", "nominal"),
        (repeated(*(f"firm {number}" for number in range(100))), "x", "nominal"),
        ([f"{amount / 7:.2f}".replace(".", ",") for amount in amounts()], "x", "numeric"),
        ([f"{amount:,}.50 EUR" for amount in amounts()], "x", "numeric"),
        ([f"{amount / 999:.2f} %" for amount in amounts()], "x", "numeric"),
        (repeated("36 months", "60 months"), "x", "numeric"),
        (repeated("860xx", "071xx", "100xx"), "x", "nominal"),
        (repeated(0, 0, 0, 0, 1, 1, 1, 2, 2, 3), "x", "numeric"),  # they fall off, as counts do
        (repeated(0, 1, 1, 2, 2, 3, 3, 3), "x", "nominal"),
        (repeated(0, 1, 2), "delinq_2yrs", "numeric"),
        (amounts(), "total_pymnt", "ignored"),
        (amounts(), "recoveries", "ignored"),
        (amounts(), "collection_recovery_fee", "ignored"),
        (repeated("Jan-2015", "Feb-2016"), "last_pymnt_d", "ignored"),
        (amounts(), "PAY_AMT1", "numeric"),  # paid before the application
        (amounts(), "months_since_last_delinq", "numeric"),
        (repeated("low", "high", "medium"), "x", "ordinal"),
    ],
)
def test_gives_each_kind_of_column_its_role(values, name: str, role: str):
    draft = column(values, name)
    assert draft.role == role
    if role == "ignored":
        told = any(said in draft.notes[0] for said in ("always ", "no cell holds a value"))
        assert told or draft.notes[0].startswith(("unsure: ", "check: "))  # what is dropped is asked about


def test_marks_protected_attributes_by_a_word_of_their_names():
    names = "age Alter SEX ForeignWorker personal_status_sex Familienstand"
    only_contain_one = "mortgage percentage wages essex tracer rent"
    for name in f"{names} {only_contain_one}".split():
        assert column(repeated("a", "b"), name).protected is (name in names.split()), name


@pytest.mark.parametrize("written", ["{}", "{}.0", " {}", "0{}"])
def test_whole_numbers_are_codes_however_they_are_written_but_for_leading_zeros(written: str):
    draft = column(written.format(code) for code in repeated(1, 2, 3, 4))
    assert list(draft.codes) == (["01", "02", "03", "04"] if written == "0{}" else [1, 2, 3, 4])


@pytest.mark.parametrize("far", ["360", "99", "-40", "2.5e6", "2.5"])
def test_a_rare_number_far_from_the_codes_is_left_out_and_said(far: str):
    draft = column(damaged(repeated(1, 2, 3, 4), far, far))
    assert list(draft.codes) == [1, 2, 3, 4]
    assert f"unsure: 2 cells unlike the rest, left out of the codes: '{far}' (line 2)" in draft.notes


def test_in_a_small_table_no_number_is_too_rare():
    assert list(column([1, 2, 3] * 20 + [9]).codes) == [1, 2, 3, 9]
    assert column([0.5, 1.5, 2.5] * 20 + [794.5]).range == (0.5, 794.5)


def test_a_rare_code_beside_the_others_stays_and_is_marked():
    draft = column(damaged(repeated(1, 2, 3), 5, 5))
    assert dict(draft.codes) == {1: "", 2: "", 3: "", 5: "unsure: seen 2 times"}
    assert column(damaged(repeated("rent", "own"), "rnet")).codes["rnet"] == "unsure: seen once"


def test_a_number_far_outside_is_left_out_of_the_range_and_said():
    ages = [19 + row % 57 for row in range(ROWS)]
    draft = column(damaged(ages, "794", "abc"), "age")
    assert (draft.range, draft.protected) == ((18, 110), True)
    assert draft.notes == [
        "unsure: 1 cell outside of what is possible (18 to 110), left out of the range: '794' (line 2)",
        "seen: 19 to 75; the range is what is possible",
        "check: 1 cell without a number, read as missing: 'abc' (line 3)",
    ]
    assert column(damaged(ages, "794", "abc"), "x").notes[0] == (
        "unsure: 1 cell far from the rest (19 to 75), left out of the range: '794' (line 2)"
    )


@pytest.mark.parametrize(
    "values",
    [
        amounts(),
        [0 if row % 20 else 100 * row for row in range(ROWS)],
        [round(1.05**row, 3) for row in range(ROWS)],
        [row % 30 / 7 for row in range(ROWS)],
    ],
)
def test_a_long_tail_is_not_damage(values):
    assert column(values).range == (min(values), max(values))


def test_codes_of_text_are_sorted_and_placeholders_are_none_of_them():
    draft = column([*repeated("rent", "own", "Own "), *PLACEHOLDERS, "N/A", " ? "])
    assert list(draft.codes) == ["Own", "own", "rent"]
    assert "check: levels that differ by case only, as 'own', 'Own', are told apart" in draft.notes
    absent = len(PLACEHOLDERS) + 2
    assert f"{100 * absent / (ROWS + absent):.1f} % missing" in draft.notes


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (
            [f"{2010 + month % 10}{month % 12 + 1:02}" for month in range(ROWS)],
            ["years with a month? then role: time with format: '%Y%m'"],
        ),
        (repeated(201701, 201713, 202104), ["only 201701, 201713, 202104; if these are codes"]),
        (
            [43834 + 5 * row for row in range(365)] * 2,
            ["days as spreadsheets count them (2020-01-04 to 2024-12-28)? then role: ignored"],
        ),
        (repeated(1, 2), []),
        (repeated(1, 2, 4), ["whole numbers, 1 to 4 without 3: names (nominal), an order (ordinal) or a count"]),
        (repeated("A", "B"), []),
        (repeated("A", "B", "C"), ["taken to be in this order, from the first to the last"]),
        (repeated("< 100", "100-200", "> 200"), ["taken to be in this order, from the first to the last"]),
        (repeated("A", "B", "none at all"), ["in an order? then role: ordinal"]),
        (repeated("1", "other"), ["50.0 % of the cells are numbers; the first that is none is 'other' (line 3)"]),
        (damaged(repeated(""), *["own", "rent"] * 6), ["97.0 % missing: worth keeping?"]),
        (
            [999 if row % 10 == 0 else 20 + row % 51 for row in range(ROWS)],
            ["10.0 % of the cells are 999, apart from the rest: taken to"],
        ),
        (
            [row + 0.5 for row in [*range(395), 650, 1200, 2250, 4300, 8400]],
            ["but the highest is '8400.5' (line 401)"],
        ),
        ([-1, *10 * amounts()], ["under 0.1 % of the cells are below zero; can that be?"]),
        (damaged(repeated("EUR"), *[""] * 6), ["beside missing cells, always 'EUR'"]),
        (damaged(10 * repeated("EUR"), "USD"), ["over 99.9 % of the cells are 'EUR': does the column tell anything?"]),
    ],
)
def test_asks_what_only_a_person_can_know(values, asked: list[str]):
    notes = [note for note in column(values, "grade").notes if note.startswith(("unsure: ", "check: "))]
    assert len(notes) == len(asked), notes
    assert all(part in note for part, note in zip(asked, notes, strict=True)), notes


@pytest.mark.parametrize("word", ["NA", "-", "Unknown"])
def test_a_frequent_word_for_missing_may_be_an_answer_and_an_empty_cell_is_none(word: str):
    asked = f"check: '{word}' (1.5 %) is read as missing; if it is an answer, add it to the codes"
    levels = repeated("guarantor", "other")
    for values in (levels, repeated(1, 2), repeated("guarantor")):
        assert asked in column(damaged(values, *[word] * 6)).notes
    assert asked in draft_target(cells(damaged(repeated("good", "bad"), *[word] * 6), "Risk")).notes
    for values in (damaged(levels, *[word] * 3, *[""] * 50), damaged(amounts(), *[word] * 6)):
        assert not any("if it is an answer" in note for note in column(values).notes)
