"""Missing is one thing: None, NaN, pandas' NA and NaT become NaN, whatever the type of the column they stand in."""

from operator import methodcaller

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.preprocessing import FunctionTransformer

Steps = list[tuple[str, TransformerMixin]]  # of a pipeline


def as_numbers() -> Steps:
    """Give the steps of a pipeline that turn a data frame of numbers into an array of float64."""
    return [
        ("missing", _call("fillna", np.nan)),
        ("numbers", _call("to_numpy", "float64", True, np.nan)),
    ]


def as_objects() -> Steps:
    """Give the step of a pipeline that turns a data frame of levels into an array of objects.

    Where no applicant has a value pandas takes a column for numbers, among which text cannot be looked up.
    """
    return [("objects", _call("to_numpy", "object", True, np.nan))]


def _call(method: str, *arguments: object) -> FunctionTransformer:
    return FunctionTransformer(methodcaller(method, *arguments), feature_names_out="one-to-one")
