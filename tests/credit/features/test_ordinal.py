"""Tests of levels as numbers: their order, rare and unseen levels, missing values, bad rates of many levels."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from credit.features.ordinal import MISSING, OTHER, bad_rates, places, ranks
from credit.features.plan import Levels

LEVELS = [Levels(kept=("low", "high"), rare=("odd",)), Levels(kept=(1, 3, 7))]
# A rare, an unseen and a lost level of each column, after the known ones out of their order.
TABLE = pd.DataFrame({"text": ["high", "low", "odd", "never", None], "code": [3.0, 7.0, 9.0, 0.0, np.nan]})


def coded(steps, table: pd.DataFrame = TABLE, fitted_to: pd.DataFrame = TABLE) -> np.ndarray:
    return Pipeline(steps(LEVELS)).fit(fitted_to).transform(table)


def test_a_level_that_the_plan_does_not_know_is_one_of_the_rare_ones_or_missing_where_there_are_none():
    expected = [[1, 1], [0, 2], [OTHER, MISSING], [OTHER, MISSING], [MISSING, MISSING]]
    assert np.array_equal(coded(places), expected)


def test_ordered_levels_that_the_plan_does_not_know_are_missing():
    nothing = [np.nan, np.nan]
    assert np.array_equal(coded(ranks), [[1, 1], [0, 2], nothing, nothing, nothing], equal_nan=True)


@pytest.mark.parametrize("steps", [places, ranks])
def test_what_is_fitted_to_plays_no_part(steps):
    asked = pd.DataFrame({"text": ["low", "high"], "code": [1.0, 7.0]})
    assert np.array_equal(coded(steps, asked, fitted_to=TABLE.head(1)), [[0, 0], [1, 2]])


def test_bad_rates_are_shrunken_the_more_the_fewer_have_the_level_and_unseen_ones_have_that_of_all():
    levels = np.repeat(["large", "small", "safe"], [200, 2, 198])
    bad = (np.arange(400) % 2) * (levels != "safe")
    bad[200:202] = 1
    fitted = Pipeline(bad_rates(seed=1)).fit(pd.DataFrame({"x": levels}), bad)
    found = fitted.transform(pd.DataFrame({"x": ["large", "small", "safe", "never", None]}))
    mean = bad.mean()
    expected = [(100 + 20 * mean) / 220, (2 + 20 * mean) / 22, 20 * mean / 218, mean, mean]
    assert found[:, 0] == pytest.approx(expected)
