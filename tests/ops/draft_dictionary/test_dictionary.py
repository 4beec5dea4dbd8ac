import re

import pytest

from credit.errors import InputError
from ops.draft_dictionary.dictionary import draft_dictionary
from tests.ops.draft_dictionary.tables import amounts, repeated, table


def roles(columns: dict, **told) -> dict:
    return {draft.source: draft.role for draft in draft_dictionary(table(columns), **told).columns}


def test_says_at_the_top_that_no_target_was_found():
    draft = draft_dictionary(table({"amount": amounts(), "town": repeated("Ulm", "Köln")}))
    assert draft.notes[0].startswith("check: NO TARGET was found")


def test_a_target_told_is_taken_whatever_it_looks_like():
    columns = {"town": repeated("Ulm", "Köln", "Bonn"), "Risk": repeated("good", "bad")}
    assert roles(columns, target="town", bad=["Bonn", "Ulm"]) == {"town": "target", "Risk": "nominal"}


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
