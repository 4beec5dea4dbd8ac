import pytest

from ops.draft_dictionary.target import draft_target
from tests.ops.draft_dictionary.tables import amounts, cells, column, damaged, repeated


def test_asks_whether_a_frequent_placeholder_is_an_answer():
    asked = "check: 'none' (50.0 %) is read as missing; if it is an answer, add it to the codes"
    assert asked in column(repeated("none", "guarantor", "none", "other")).notes
    assert asked in column(repeated("none", "guarantor")).notes


@pytest.mark.parametrize("word", ["NA", "-", "n/a", "?", "Unknown"])
def test_any_word_for_missing_may_be_an_answer_and_an_empty_cell_is_none(word: str):
    asked = f"check: '{word}' (1.5 %) is read as missing; if it is an answer, add it to the codes"
    levels = repeated("guarantor", "other")
    assert asked in column(damaged(levels, *[word] * 6)).notes
    assert asked in column(damaged(repeated(1, 2), *[word] * 6)).notes
    assert not any("if it is an answer" in note for note in column(damaged(levels, *[word] * 3, *[""] * 50)).notes)
    assert not any("if it is an answer" in note for note in column(damaged(amounts(), *[word] * 6)).notes)
    assert asked in draft_target(cells(damaged(repeated("good", "bad"), *[word] * 6), "Risk")).notes


def test_a_rare_code_beside_the_others_stays_and_is_marked():
    draft = column(damaged(repeated(1, 2, 3), 5, 5))
    assert dict(draft.codes) == {1: "", 2: "", 3: "", 5: "unsure: seen 2 times"}
    assert column(damaged(repeated("rent", "own"), "rnet")).codes["rnet"] == "unsure: seen once"


def test_a_column_mostly_missing_is_asked_about():
    values = damaged(repeated(""), *amounts()[:10])
    assert "unsure: 97.5 % missing: worth keeping?" in column(values).notes
