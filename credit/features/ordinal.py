"""Levels as numbers: their places in the plan's order, or their bad rates."""

import numpy as np
from sklearn.model_selection import KFold
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, TargetEncoder

from credit.features.missing import Steps, as_objects
from credit.features.plan import Levels

OTHER = -1  # of a rare level, and of one never seen where others are rare
MISSING = -2  # of no level, and of one never seen where no other is rare
SHRINKAGE = 20.0  # applicants of the mean bad rate that are added to each of many levels


def places(levels: list[Levels]) -> Steps:
    """Give the steps that turn so many columns of names into places from 0 on, `OTHER` or `MISSING`."""
    known = OrdinalEncoder(
        categories=[[*column.kept, np.nan] for column in levels],
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=MISSING,
    )
    others = np.array([OTHER if column.rare else MISSING for column in levels], dtype="float64")
    unknown = FunctionTransformer(np.nan_to_num, kw_args={"nan": others}, feature_names_out="one-to-one")
    return [*as_objects(), ("known", known), ("unknown", unknown)]


def ranks(levels: list[Levels]) -> Steps:
    """Give the steps that turn columns of ordered levels into ranks from 0 on; NaN of none and of unknown ones."""
    known = OrdinalEncoder(
        categories=[list(column.kept) for column in levels],
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
    )
    return [*as_objects(), ("known", known)]


def bad_rates(seed: int) -> Steps:
    """Give the steps that turn columns of many levels into shrunken bad rates; of a level never seen, that of all."""
    others = KFold(5, shuffle=True, random_state=seed)  # while fitting, rows get the rates of the other parts
    return [*as_objects(), ("rates", TargetEncoder(target_type="binary", smooth=SHRINKAGE, cv=others))]
