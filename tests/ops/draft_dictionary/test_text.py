from credit.cells import PLACEHOLDERS
from tests.ops.draft_dictionary.tables import column, repeated


def test_codes_of_text_are_sorted_and_placeholders_are_none_of_them():
    draft = column([*repeated("rent", "own", "Own "), *PLACEHOLDERS, "N/A", " ? "])
    assert list(draft.codes) == ["Own", "own", "rent"]
    assert "check: levels that differ by case only, as 'own', 'Own', are told apart" in draft.notes
    assert "3.4 % missing" in draft.notes


def test_a_column_of_text_with_some_numbers_says_so():
    draft = column(repeated("1", "2", "other"))
    assert list(draft.codes) == ["1", "2", "other"]
    assert draft.notes == ["unsure: 66.8 % of the cells are numbers; the first that is none is 'other' (line 4)"]


def test_doubts_whether_three_levels_or_more_are_ordered_and_never_says_so_itself():
    for values in (repeated("A", "B", "C"), repeated("low", "high", "mid"), repeated("< 100", "100-200", "> 200")):
        assert column(values, "grade").role == "nominal"
        assert any(note.startswith("unsure: in an order?") for note in column(values, "grade").notes)
