"""Tests of out-of-fold PDs arranged by applicant."""

import numpy as np
import pandas as pd
import pytest

from credit.metrics.out_of_fold import by_applicant, held_out_share


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


@pytest.mark.parametrize(("folds", "repeats"), [(10, 2), (5, 1), (3, 3), (7, 2)])
def test_the_share_held_out_is_one_over_the_folds_of_a_repeat(folds, repeats):
    fold = np.concatenate([np.arange(50) % folds + folds * repeat for repeat in range(repeats)])
    oof = pd.DataFrame({"fold": fold, "line": np.tile(np.arange(50), repeats)})
    assert held_out_share(oof) == pytest.approx(1 / folds)
