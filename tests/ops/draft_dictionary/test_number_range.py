import pytest

from tests.ops.draft_dictionary.tables import ROWS, amounts, column, damaged


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
