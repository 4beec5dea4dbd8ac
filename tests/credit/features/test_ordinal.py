"""Tests of the places of levels: their order, rare and unseen levels, missing values."""

import numpy as np
import pandas as pd
import pytest

from credit.features.ordinal import OTHER, ordinal_encoder
from credit.features.plan import Levels

LEVELS = [Levels(kept=("low", "high"), rare=("odd",)), Levels(kept=(1, 3, 7))]


# A rare, an unseen and a lost level of each column, after the known ones out of their order.
TABLE = {"text": ["high", "low", "odd", "never", None], "code": [3.0, 7.0, 9.0, 0.0, np.nan]}


def coded(missing: bool, **columns) -> np.ndarray:
    table = pd.DataFrame(columns)
    return ordinal_encoder(LEVELS, missing=missing).fit(table).transform(table)


@pytest.mark.parametrize(("missing", "lost"), [(False, OTHER), (True, np.nan)])
def test_levels_are_numbered_in_the_order_of_the_plan_and_all_others_are_one(missing, lost):
    expected = [[1, 1], [0, 2], [OTHER, OTHER], [OTHER, OTHER], [lost, lost]]
    assert np.array_equal(coded(missing, **TABLE), expected, equal_nan=True)


@pytest.mark.parametrize("missing", [False, True])
def test_what_is_fitted_to_plays_no_part(missing):
    fitted = ordinal_encoder(LEVELS, missing=missing).fit(pd.DataFrame({"text": ["high"], "code": [7.0]}))
    asked = pd.DataFrame({"text": ["low", "high"], "code": [1.0, 7.0]})
    assert np.array_equal(fitted.transform(asked), [[0, 0], [1, 2]])
