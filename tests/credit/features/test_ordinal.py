"""Tests of the places of levels: their order, rare and unseen levels, missing values."""

import numpy as np
import pandas as pd
import pytest

from credit.features.ordinal import OTHER, ordinal_encoder
from credit.features.plan import Levels

LEVELS = [Levels(kept=("low", "high"), rare=("odd",)), Levels(kept=(1, 3, 7))]


def coded(missing: bool, **columns) -> np.ndarray:
    table = pd.DataFrame(columns)
    return ordinal_encoder(LEVELS, missing=missing).fit(table).transform(table)


@pytest.mark.parametrize("missing", [False, True])
def test_levels_are_numbered_in_the_order_of_the_plan(missing):
    found = coded(missing, text=["high", "low", "low"], code=[3.0, 1.0, 7.0])
    assert np.array_equal(found, [[1, 1], [0, 0], [0, 2]])


@pytest.mark.parametrize("missing", [False, True])
def test_rare_and_unseen_levels_are_one_other_level(missing):
    found = coded(missing, text=["odd", "never"], code=[9.0, 0.0])
    assert np.array_equal(found, np.full((2, 2), OTHER))


def test_a_missing_value_stays_missing_if_asked_for():
    found = coded(True, text=["low", None], code=[np.nan, 1.0])
    assert np.array_equal(found, [[0, np.nan], [np.nan, 0]], equal_nan=True)


def test_a_missing_value_is_the_other_level_else():
    found = coded(False, text=["low", None], code=[np.nan, 1.0])
    assert np.array_equal(found, [[0, OTHER], [OTHER, 0]])


@pytest.mark.parametrize("missing", [False, True])
def test_what_is_fitted_to_plays_no_part(missing):
    fitted = ordinal_encoder(LEVELS, missing=missing).fit(pd.DataFrame({"text": ["high"], "code": [7.0]}))
    asked = pd.DataFrame({"text": ["low", "high"], "code": [1.0, 7.0]})
    assert np.array_equal(fitted.transform(asked), [[0, 0], [1, 2]])
