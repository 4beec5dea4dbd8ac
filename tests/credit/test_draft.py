import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cells import PLACEHOLDERS
from credit.draft import Cells, ColumnDraft, draft_column, draft_dictionary, draft_target, keys_of
from credit.errors import InputError

ROWS = 400


def cells(values, name: str = "x") -> Cells:
    texts = [str(value) for value in values]
    return Cells.of(name, pa.chunked_array([texts]), pa.chunked_array([list(range(2, len(texts) + 2))]))


def column(values, name: str = "x") -> ColumnDraft:
    return draft_column(cells(values, name))


def repeated(*values) -> list:
    return [values[row % len(values)] for row in range(ROWS)]


def damaged(values, *damage) -> list:
    return [*damage, *list(values)[len(damage) :]]


def amounts() -> list[int]:
    return np.random.default_rng(1).lognormal(8, 1, ROWS).astype(int).tolist()


def table(columns: dict) -> pa.Table:
    texts = {name: [str(value) for value in values] for name, values in columns.items()}
    return pa.table({"line": list(range(2, ROWS + 2)), **texts})


def roles(columns: dict, **told) -> dict:
    return {draft.source: draft.role for draft in draft_dictionary(table(columns), **told).columns}


def target_among(columns: dict) -> ColumnDraft | None:
    return next((draft for draft in draft_dictionary(table(columns)).columns if draft.role == "target"), None)


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
        (range(ROWS), "x", "ignored"),
        (range(30_000, 30_000 + 90 * ROWS, 90), "x", "ignored"),
        (range(7, 7 + 90 * ROWS, 90), "x", "numeric"),
        (range(7, 7 + 90 * ROWS, 90), "loanID", "ignored"),
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
        ([f"{amount / 7:.2f}".replace(".", ",") for amount in amounts()], "x", "ignored"),
        ([f"{amount:,}.50 EUR" for amount in amounts()], "x", "ignored"),
        ([f"{amount / 999:.2f} %" for amount in amounts()], "x", "ignored"),
    ],
)
def test_gives_each_kind_of_column_its_role(values, name: str, role: str):
    draft = column(values, name)
    assert draft.role == role
    assert role != "ignored" or draft.notes  # which say why


@pytest.mark.parametrize("written", ["{}", "{}.0", " {}", "0{}"])
def test_whole_numbers_are_codes_however_they_are_written_but_for_leading_zeros(written: str):
    draft = column(written.format(code) for code in repeated(1, 2, 3, 4))
    assert list(draft.codes) == (["01", "02", "03", "04"] if written == "0{}" else [1, 2, 3, 4])


def test_doubts_whether_three_codes_or_more_are_ordered_and_never_says_so_itself():
    assert column(repeated(1, 2, 4)).notes == [
        "unsure: whole numbers, 1 to 4 without 3: names (nominal), an order (ordinal) or a count (numeric)?"
    ]
    assert column(repeated(1, 2)).notes == []
    for values in (repeated("A", "B", "C"), repeated("low", "high", "mid"), repeated("< 100", "100-200", "> 200")):
        assert column(values, "grade").role == "nominal"
        assert any(note.startswith("unsure: in an order?") for note in column(values, "grade").notes)


def test_codes_of_text_are_sorted_and_placeholders_are_none_of_them():
    draft = column([*repeated("rent", "own", "Own "), *PLACEHOLDERS, "N/A", " ? "])
    assert list(draft.codes) == ["Own", "own", "rent"]
    assert "check: levels that differ by case only, as 'own', 'Own', are told apart" in draft.notes
    assert "3.4 % missing" in draft.notes


def test_asks_whether_a_frequent_placeholder_is_an_answer():
    asked = "check: 'none' (50.0 %) is read as missing; if it is an answer, add it to the codes"
    assert asked in column(repeated("none", "guarantor", "none", "other")).notes
    assert asked in column(repeated("none", "guarantor")).notes


@pytest.mark.parametrize("far", ["360", "99", "-40", "2.5e6", "2.5"])
def test_a_rare_number_far_from_the_codes_is_left_out_and_said(far: str):
    draft = column(damaged(repeated(1, 2, 3, 4), far, far))
    assert list(draft.codes) == [1, 2, 3, 4]
    assert f"unsure: 2 cells unlike the rest, left out of the codes: '{far}' (line 2)" in draft.notes


def test_a_rare_code_beside_the_others_stays_and_is_marked():
    draft = column(damaged(repeated(1, 2, 3), 5, 5))
    assert dict(draft.codes) == {1: "", 2: "", 3: "", 5: "unsure: seen 2 times"}
    assert column(damaged(repeated("rent", "own"), "rnet")).codes["rnet"] == "unsure: seen once"


def test_a_number_far_outside_is_left_out_of_the_range_and_said():
    ages = [19 + row % 57 for row in range(ROWS)]
    draft = column(damaged(ages, "794", "abc"), "age")
    assert (draft.range, draft.protected) == ((19, 75), True)
    assert draft.notes == [
        "unsure: 1 cell far from the rest (19 to 75), left out of the range: '794' (line 2)",
        "check: 1 cell without a number, read as missing: 'abc' (line 3)",
    ]


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


def test_asks_about_a_number_that_may_stand_for_missing():
    values = [999 if row % 10 == 0 else 20 + row % 51 for row in range(ROWS)]
    assert column(values).range == (20, 999)
    assert column(values).notes == ["check: 10.0 % of the cells are 999; if it means missing, cut the range"]


def test_a_column_of_text_with_some_numbers_says_so():
    draft = column(repeated("1", "2", "other"))
    assert list(draft.codes) == ["1", "2", "other"]
    assert draft.notes == ["unsure: 66.8 % of the cells are numbers; the first that is none is 'other' (line 4)"]


def test_a_column_mostly_missing_is_asked_about():
    values = damaged(repeated(""), *amounts()[:10])
    assert "unsure: 97.5 % missing: worth keeping?" in column(values).notes


@pytest.mark.parametrize("name", ["age", "Alter", "SEX", "ForeignWorker", "personal_status_sex", "Familienstand"])
def test_marks_protected_attributes_by_name(name: str):
    assert column(repeated("a", "b"), name).protected


@pytest.mark.parametrize("name", ["mortgage", "percentage", "wages", "essex", "tracer", "rent"])
def test_a_name_that_only_contains_such_a_word_is_not_marked(name: str):
    assert not column(repeated("a", "b"), name).protected


@pytest.mark.parametrize(
    ("name", "values", "bad"),
    [
        ("Risk", ("good", "good", "bad"), "bad"),
        ("kredit", (1, 1, 0), 0),
        ("SeriousDlqin2yrs", (0, 0, 0, 1), 1),
        ("class", (1, 2, 1), 2),
        ("BAD", ("1.0", "0.0"), 1),
        ("loan_status", ("Fully Paid", "Charged Off"), "Charged Off"),
        ("MIS_Status", ("P I F", "CHGOFF"), "CHGOFF"),
        ("default payment next month", ("yes", "no"), "yes"),
        ("outcome", ("paid", "not paid"), "not paid"),
        ("result", ("No default", "default"), "default"),
        ("Ausgang", ("bezahlt", "ausgefallen"), "ausgefallen"),
        ("target", ("Y", "N", "N"), "Y"),
        ("repaid", ("t", "f"), "f"),
        ("target", ("A", "B", "B"), "A"),
    ],
)
def test_finds_the_target_and_its_bad_code(name: str, values: tuple, bad):
    draft = target_among({"amount": amounts(), "phone": repeated("yes", "no"), name: repeated(*values)})
    assert (draft.source, draft.bad_codes) == (name, (bad,))
    assert any(note.startswith("check: ") and "bad" in note for note in draft.notes)


def test_an_earlier_default_is_not_the_target_but_named_beside_it():
    past, status = repeated("Y", "N", "N"), repeated(0, 0, 1)
    assert target_among({"cb_default_on_file": past, "loan_status": status}).source == "loan_status"
    draft = draft_dictionary(table({"Risk": repeated("good", "bad"), "loan_status": status}))
    assert draft.notes == ["unsure: the target is taken to be 'Risk'; it could be 'loan_status'"]


def test_says_at_the_top_that_no_target_was_found():
    draft = draft_dictionary(table({"amount": amounts(), "town": repeated("Ulm", "Köln")}))
    assert draft.notes[0].startswith("check: NO TARGET was found")


def test_a_target_told_is_taken_whatever_it_looks_like():
    columns = {"town": repeated("Ulm", "Köln", "Bonn"), "Risk": repeated("good", "bad")}
    assert roles(columns, target="town", bad=["Bonn", "Ulm"]) == {"town": "target", "Risk": "nominal"}


def test_rare_values_of_the_target_are_left_out_and_said():
    draft = draft_target(cells(damaged(repeated("good", "bad"), "maybe", ""), "Risk"))
    assert list(draft.codes) == ["bad", "good"]
    assert "check: 1 cell with none of the codes, rows are set apart: 'maybe' (line 2)" in draft.notes
    told = draft_target(cells(damaged(repeated("good", "bad"), "worse"), "Risk"), bad=["worse", "bad"])
    assert (list(told.codes), told.bad_codes) == (["bad", "good", "worse"], ("worse", "bad"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"target": "nope"}, "expected the target to be a column, got 'nope'; there are 'amount', 'Risk', 'same'"),
        ({"target": "amount"}, "expected a target of 2 to 30 different codes, got"),
        ({"target": "same"}, "expected a target of 2 to 30 different codes, got 1 in 'same', as '7'"),
        ({"bad": ["x"]}, "expected a bad code of 'Risk', got 'x'; there are 'bad', 'good'"),
        ({"bad": ["good", "bad"]}, "expected some of the codes of 'Risk' to mean default, got all: 'good', 'bad'"),
    ],
)
def test_refuses_in_one_line_what_a_person_tells_wrongly(told: dict, said: str):
    columns = {"amount": amounts(), "Risk": repeated("good", "bad"), "same": repeated("7")}
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        draft_dictionary(table(columns), **told)
    assert "\n" not in str(caught.value)


def test_a_bad_code_without_a_target_is_refused():
    with pytest.raises(InputError, match="expected the name of the target for the bad code 'x'"):
        draft_dictionary(table({"amount": amounts()}), bad=["x"])


def test_keys_are_simple_names_and_all_different():
    names = [
        "amount",
        "Höhe (EUR)",
        "hoehe_eur",
        "Höhe/EUR",
        "1st",
        "%",
        "line",
        "file",
        "bad",
        "LoanAmt",
        "été",
    ]
    assert keys_of(names) == [
        "amount", "hoehe_eur_2", "hoehe_eur", "hoehe_eur_3", "column_1st", "column_6", "lender_line", "lender_file",
        "lender_bad", "LoanAmt", "ete",
    ]  # fmt: skip
    assert keys_of(["bad", "x"], target="bad") == ["bad", "x"]
    assert keys_of(["BAD", " Bad!"], target="BAD") == ["BAD", "column_bad"]


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_any_names_give_as_many_different_keys(names: list[str]):
    keys = keys_of(names)
    assert len(set(keys)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,80}", key) for key in keys)
    assert not {"line", "file", "bad"} & set(keys)
