"""Ranges of quantities everybody knows, and numbers that stand for missing."""

import pandas as pd
import pytest

from ops.draft_dictionary.possible import codes_for_missing, possible_range
from tests.ops.draft_dictionary.tables import ROWS, amounts, column


def counts(*values: float) -> pd.Series:
    return pd.Series(values).value_counts().sort_index()


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("person_age", [*range(20, 94)] * 5 + [144], (18, 110)),
        ("age_of_car", range(30), None),
        ("average", range(20, 90), None),
        ("person_emp_length", [*range(42)] * 9 + [123], (0, 60)),
        ("YOJ", range(41), (0, 60)),
        ("loan_percent_income", [row / 100 for row in range(84)], (0, 1)),
        ("pct_paid", range(101), (0, 100)),
        ("duration", range(4, 73), (0, 600)),
        ("amount", range(4, 73), None),
    ],
)
def test_a_name_tells_what_is_possible_if_nearly_all_values_are(name: str, values, expected):
    assert possible_range(name, counts(*values)) == expected


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([*range(300, 800), *[-9999] * 50], [-9999]),
        ([*range(100), *[-1] * 9], [-1]),
        ([*range(20, 71), *[999] * 5, *[-9] * 3, *[-99] * 3], [-99, -9, 999]),
        ([*range(20, 71), *[99] * 2], [99]),
        (range(100), []),  # 99 is one of them
        (range(-50, 50), []),
        ([*range(1000), *[9999]], []),  # one cell is damage, and is left out of the range
        ([-1, 1], []),
        ([*range(100), *[150] * 9], []),
    ],
)
def test_codes_for_missing_lie_apart_and_are_many(values, found: list[float]):
    assert sorted(codes_for_missing(counts(*values))) == sorted(found)


def test_a_draft_lists_them_under_missing_and_asks():
    draft = column([-9999 if row % 3 == 0 else 300 + row for row in range(ROWS)], "bureau")
    assert (draft.missing, draft.range) == ([-9999], (301, 698))
    assert draft.notes[0] == "check: 33.5 % of the cells are -9999, apart from the rest: taken to mean missing"
    assert column(amounts()).missing == []
