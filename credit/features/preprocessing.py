"""The three column pipelines, after the feature plan; library classes only, so a saved model loads anywhere."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler

from credit.features.derived import build_derivation
from credit.features.ordinal import MISSING, ordinal_encoder
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

    Where the plan says that a feature has gaps, they are told apart: of names they are a level of their own, of numbers
    and ranks they stay as they are for trees (`codes`), and for others a column each, after all others, says where
    values were imputed.

    Parameters
    ----------
    plan : derived features, caps, levels, gaps and dropped columns, as found on the training applicants.
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


def column_directions(plan: FeaturePlan, encoding: str) -> list[int]:
    """Give which way the PD should move along each column of an encoding of `ONE_COLUMN_EACH`: 1 up, -1 down, or 0."""
    return plan.directions if encoding == CODES else [*plan.directions, *(0 for _ in _ordered_gaps(plan))]


def _by_role(plan: FeaturePlan, encoding: str) -> ColumnTransformer:
    scaled = encoding != CODES
    roles = (
        ("numeric", plan.numeric, partial(_numeric, scaled=scaled)),
        ("nominal", plan.nominal, partial(_nominal, encoding=encoding)),
        ("ordinal", plan.ordinal, partial(_ordinal, scaled=scaled)),
    )
    branches: list[tuple[str, TransformerMixin, list[str]]] = []
    for role, part, build in roles:
        for gaps in (False, True):
            if columns := {name: part[name] for name in part if plan.has_gaps(name) == gaps}:
                name = f"{role}_with_gaps" if gaps else role
                branches.append((name, build(list(columns.values()), gaps=gaps), list(columns)))
    if scaled and (ordered := _ordered_gaps(plan)):
        branches.append(("gaps", FunctionTransformer(pd.isna), ordered))
    return ColumnTransformer(branches, verbose_feature_names_out=False)


def _ordered_gaps(plan: FeaturePlan) -> list[str]:
    return [name for name in plan.all_features if plan.has_gaps(name) and name not in plan.nominal]


def _impute(strategy: str) -> SimpleImputer:
    """Impute; a column of which a fold has no value at all stays, as 0, for the later steps count the columns."""
    return SimpleImputer(strategy=strategy, keep_empty_features=True)


def _one_kind_of_missing() -> tuple[str, FunctionTransformer]:
    """Make every missing value NaN, the None of Python's and JSON's too, of which encoders would make a level."""
    return "missing", FunctionTransformer(pd.DataFrame.fillna, kw_args={"value": np.nan})


def _objects() -> tuple[str, FunctionTransformer]:
    """Where no applicant has a value pandas takes a column for numbers, among which text cannot be looked up."""
    return "objects", FunctionTransformer(np.asarray, kw_args={"dtype": "object"})


def _numeric(caps: list[Caps], *, gaps: bool, scaled: bool) -> Pipeline:
    limits = {"a_min": np.array([cap.lower for cap in caps]), "a_max": np.array([cap.upper for cap in caps])}
    steps = [("cap", FunctionTransformer(np.clip, kw_args=limits, feature_names_out="one-to-one"))]
    if scaled or not gaps:
        steps.insert(0, ("impute", _impute("median")))
    else:
        steps.insert(0, ("numbers", FunctionTransformer(np.asarray, kw_args={"dtype": "float64"})))
    if scaled:
        steps += [("scale", StandardScaler()), ("power", PowerTransformer(method="yeo-johnson"))]
    return Pipeline(steps)


def _nominal(levels: list[Levels], *, gaps: bool, encoding: str) -> Pipeline:
    group = ordinal_encoder(levels, missing=gaps)
    if gaps:
        first = [_one_kind_of_missing(), _objects()]
        group.set_params(encoded_missing_value=MISSING)
    else:
        first = [("impute", _impute("most_frequent"))]
    return Pipeline([*first, ("group", group), ("encode", NOMINAL[encoding](len(levels)))])


def _ordinal(levels: list[Levels], *, gaps: bool, scaled: bool) -> Pipeline:
    steps = [_one_kind_of_missing(), _objects()] if gaps else []
    if gaps and not scaled:
        return Pipeline([*steps, ("encode", ordinal_encoder(levels, missing=True))])
    steps += [("impute", _impute("most_frequent")), ("encode", ordinal_encoder(levels))]
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
