"""Which column is the target, and which of its codes mean default; or what a person said of them."""

import re

import pytest

from credit.core.errors import InputError
from ops.draft_dictionary.cells import ColumnDraft
from ops.draft_dictionary.dictionary import draft_dictionary
from ops.draft_dictionary.target import draft_target
from tests.ops.draft_dictionary.tables import amounts, cells, damaged, repeated, table


def target_among(columns: dict) -> ColumnDraft | None:
    return next((draft for draft in draft_dictionary(table(columns)).columns if draft.role == "target"), None)


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


def test_asks_whether_it_is_the_other_way_round_where_more_than_half_are_bad():
    for levels, asked in ((("bad", "good"), False), (("bad", "good", "bad"), True)):
        notes = draft_target(cells(repeated(*levels), "Risk")).notes
        assert any("is it the other way round?" in note for note in notes) is asked


@pytest.mark.parametrize(
    ("levels", "bad", "good"),
    [
        (("Fully Paid", "Charged Off", "Current", "In Grace Period"), ("Charged Off",), ["Fully Paid"]),
        (
            ("Fully Paid", "Charged Off", "Late (31-120 days)", "Current"),
            ("Charged Off", "Late (31-120 days)"),
            ["Fully Paid"],
        ),
        (("good", "bad", "indeterminate"), ("bad",), ["good"]),
        (("default", "closed", "open"), ("default",), ()),  # none says that it is good, so all others are
        (("good", "bad"), ("bad",), ()),
    ],
)
def test_codes_that_say_neither_good_nor_bad_are_asked_about(levels, bad, good):
    values = repeated(*levels)
    draft = draft_target(cells(values, "loan_status"))
    assert (draft.bad_codes, list(draft.good_codes)) == (bad, list(good))
    asked = [note for note in draft.notes if "say neither good nor bad: kept" in note]
    assert len(asked) == bool(good)
    decided = [value for value in values if value in (*bad, *good)] if good else values
    share = sum(value in bad for value in decided) / len(decided)
    assert any(f"{100 * share:.1f} % of the applicants are bad" in note for note in draft.notes)


def test_rare_values_of_the_target_are_left_out_and_said():
    draft = draft_target(cells(damaged(repeated("good", "bad"), "maybe", ""), "Risk"))
    assert list(draft.codes) == ["bad", "good"]
    assert "check: 1 cell with none of the codes, rows are set apart: 'maybe' (line 2)" in draft.notes
    told = draft_target(cells(damaged(repeated("good", "bad"), "worse"), "Risk"), bad=["worse", "bad"])
    assert (list(told.codes), told.bad_codes) == (["bad", "good", "worse"], ("worse", "bad"))


def test_says_at_the_top_that_no_target_was_found():
    columns = table({"amount": amounts(), "town": repeated("Ulm", "Köln")})
    assert draft_dictionary(columns).notes[0].startswith("check: NO TARGET was found")
    with pytest.raises(InputError, match="expected the name of the target for the bad code 'x'"):
        draft_dictionary(columns, bad=["x"])


def test_a_target_told_is_taken_whatever_it_looks_like():
    columns = table({"town": repeated("Ulm", "Köln", "Bonn"), "Risk": repeated("good", "bad")})
    town, risk = draft_dictionary(columns, target="town", bad=["Bonn", "Ulm"]).columns
    assert (town.role, town.bad_codes, risk.role) == ("target", ("Bonn", "Ulm"), "nominal")


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
