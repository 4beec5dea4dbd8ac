"""The three column pipelines, after the feature plan; library classes only, so a saved model loads anywhere."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler

from credit.features.derived import build_derivation
from credit.features.ordinal import ordinal_encoder
from credit.features.plan import Caps, FeaturePlan, Levels
from credit.features.woe import build_binning

WOE = "woe"
CODES = "codes"


def build_preprocessing(plan: FeaturePlan, encoding: str) -> TransformerMixin:
    """Build the preprocessing that turns applicants into a matrix of numbers.

    Derived features are computed first, if the plan has any. `woe` then makes monotonic bins of every feature and
    gives their weights of evidence. With any other encoding, numeric: impute the median, cap, scale, Yeo-Johnson power
    transform; nominal: impute the most frequent level, gather rare and unseen levels in one, encode; ordinal: impute
    the most frequent, encode by rank, scale. `codes` leaves numbers and ranks unscaled: trees ask for their order only.

    Parameters
    ----------
    plan : derived features, caps, levels and dropped columns, as found on the training applicants.
    encoding : one of `ENCODINGS`; but for `woe`, of the nominal columns.

    Returns
    -------
    An unfitted transformer of a data frame that has the plan's inputs (others are left out), in any order; `woe`
    is fitted with the outcome.
    """
    encoder = build_binning(plan) if encoding == WOE else _by_role(plan, encoding)
    if not plan.derived:
        return encoder
    return Pipeline([("derive", build_derivation(plan.derived)), ("code", encoder)])


def _by_role(plan: FeaturePlan, encoding: str) -> ColumnTransformer:
    scaled = encoding != CODES
    branches = [
        ("numeric", _numeric(list(plan.numeric.values()), scaled=scaled), list(plan.numeric)),
        ("nominal", _nominal(list(plan.nominal.values()), encoding), list(plan.nominal)),
        ("ordinal", _ordinal(list(plan.ordinal.values()), scaled=scaled), list(plan.ordinal)),
    ]
    return ColumnTransformer([branch for branch in branches if branch[2]], verbose_feature_names_out=False)


def _impute(strategy: str) -> SimpleImputer:
    """Impute; a column of which a fold has no value at all stays, as 0, for the later steps count the columns."""
    return SimpleImputer(strategy=strategy, keep_empty_features=True)


def _numeric(caps: list[Caps], *, scaled: bool) -> Pipeline:
    limits = {"a_min": np.array([cap.lower for cap in caps]), "a_max": np.array([cap.upper for cap in caps])}
    steps = [
        ("impute", _impute("median")),
        ("cap", FunctionTransformer(np.clip, kw_args=limits, feature_names_out="one-to-one")),
    ]
    if scaled:
        steps += [("scale", StandardScaler()), ("power", PowerTransformer(method="yeo-johnson"))]
    return Pipeline(steps)


def _nominal(levels: list[Levels], encoding: str) -> Pipeline:
    return Pipeline(
        [
            ("impute", _impute("most_frequent")),
            ("group", ordinal_encoder(levels)),
            ("encode", NOMINAL[encoding](len(levels))),
        ]
    )


def _ordinal(levels: list[Levels], *, scaled: bool) -> Pipeline:
    steps = [("impute", _impute("most_frequent")), ("encode", ordinal_encoder(levels))]
    return Pipeline([*steps, ("scale", StandardScaler())] if scaled else steps)


def _binary(columns: int) -> TransformerMixin:
    from category_encoders import BinaryEncoder

    return BinaryEncoder(cols=list(range(columns)), handle_unknown="value", handle_missing="value")


def _one_hot(_: int) -> TransformerMixin:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False)


def _rank(_: int) -> Any:
    return "passthrough"


def _count(columns: int) -> TransformerMixin:
    from category_encoders import CountEncoder

    return CountEncoder(cols=list(range(columns)), normalize=True, handle_unknown=0)


NOMINAL: dict[str, Callable[[int], Any]] = {
    "binary": _binary,
    "one_hot": _one_hot,
    "ordinal": _rank,
    CODES: _rank,
    "count": _count,
}
ENCODINGS = (*NOMINAL, WOE)
ONE_COLUMN_EACH = ("ordinal", CODES, "count")  # of `all_features`, in their order
