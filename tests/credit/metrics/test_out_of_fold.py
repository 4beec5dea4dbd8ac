"""Tests of out-of-fold PDs arranged by applicant."""

import pandas as pd

from credit.metrics.out_of_fold import by_applicant


def test_repeats_are_rows_and_applicants_columns_by_their_lines():
    oof = pd.DataFrame({"line": [9, 2, 5, 5, 9, 2], "bad": [1, 0, 1, 1, 1, 0], "pd": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    bad, pds = by_applicant(oof)
    assert bad.tolist() == [0, 1, 1]
    assert pds.tolist() == [[0.2, 0.3, 0.1], [0.6, 0.4, 0.5]]


def test_the_order_within_a_repeat_does_not_matter():
    oof = pd.DataFrame({"line": [4, 3, 3, 4], "bad": [1, 0, 0, 1], "pd": [0.1, 0.2, 0.3, 0.4]})
    bad, pds = by_applicant(oof.iloc[[1, 0, 3, 2]])
    assert bad.tolist() == [0, 1]
    assert pds.tolist() == [[0.2, 0.1], [0.3, 0.4]]
