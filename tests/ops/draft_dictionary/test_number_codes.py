import pytest

from tests.ops.draft_dictionary.tables import column, damaged, repeated


@pytest.mark.parametrize("written", ["{}", "{}.0", " {}", "0{}"])
def test_whole_numbers_are_codes_however_they_are_written_but_for_leading_zeros(written: str):
    draft = column(written.format(code) for code in repeated(1, 2, 3, 4))
    assert list(draft.codes) == (["01", "02", "03", "04"] if written == "0{}" else [1, 2, 3, 4])


def test_doubts_whether_three_codes_or_more_are_ordered_and_never_says_so_itself():
    assert column(repeated(1, 2, 4)).notes == [
        "unsure: whole numbers, 1 to 4 without 3: names (nominal), an order (ordinal) or a count (numeric)?"
    ]
    assert column(repeated(1, 2)).notes == []


@pytest.mark.parametrize("far", ["360", "99", "-40", "2.5e6", "2.5"])
def test_a_rare_number_far_from_the_codes_is_left_out_and_said(far: str):
    draft = column(damaged(repeated(1, 2, 3, 4), far, far))
    assert list(draft.codes) == [1, 2, 3, 4]
    assert f"unsure: 2 cells unlike the rest, left out of the codes: '{far}' (line 2)" in draft.notes
