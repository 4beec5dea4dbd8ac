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
from credit.features.missing import Steps, as_numbers
from credit.features.ordinal import MISSING, bad_rates, places, ranks
from credit.features.plan import Caps, FeaturePlan, Levels
from credit.features.woe import build_binning

WOE = "woe"
CODES = "codes"


def build_preprocessing(plan: FeaturePlan, encoding: str, seed: int = 0) -> TransformerMixin:
    """Build the preprocessing that turns applicants into a matrix of numbers.

    Derived features are computed first, if the plan has any. `woe` then makes monotonic bins of every feature and
    gives their weights of evidence. With any other encoding, numeric: impute the median, cap, scale, Yeo-Johnson power
    transform; nominal: gather rare levels in one, impute the most frequent, encode; ordinal: encode by rank, impute the
    most frequent, scale. `codes` leaves numbers and ranks unscaled: trees ask for their order only. Nominal features of
    many levels become the bad rates of their levels, shrunken to that of all; while fitting, rows get those of other
    rows (`TargetEncoder`; Micci-Barreca 2001).

    None, NaN, NA and NaT are the same missing value in every type of column. A level never seen in training counts as a
    rare one; where no level of the feature is rare, it is missing, and so is an unknown ordered level.

    Where the plan says that a feature has gaps, they are told apart: of names they are a level of their own, of numbers
    and ranks they stay as they are for trees (`codes`), and for others a column each, after all others, says where
    values were imputed.

    Parameters
    ----------
    plan : derived features, caps, levels, gaps and dropped columns, as found on the training applicants.
    encoding : one of `ENCODINGS`; but for `woe`, of the nominal columns.
    seed : of the folds in which many levels become numbers.

    Returns
    -------
    An unfitted transformer of a data frame that has the plan's inputs (others are left out), in any order; `woe`
    and features of many levels are fitted with the outcome.
    """
    encoder = build_binning(plan, seed) if encoding == WOE else _by_role(plan, encoding, seed)
    if not plan.derived:
        return encoder
    return Pipeline([("derive", build_derivation(plan.derived)), ("code", encoder)])


def column_directions(plan: FeaturePlan, encoding: str) -> list[int]:
    """Give which way the PD should move along each column of an encoding of `ONE_COLUMN_EACH`: 1 up, -1 down, or 0."""
    return plan.directions if encoding == CODES else [*plan.directions, *(0 for _ in _ordered_gaps(plan))]


def _by_role(plan: FeaturePlan, encoding: str, seed: int) -> ColumnTransformer:
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
    if plan.many_levels:
        steps = [*bad_rates(seed), *([("scale", StandardScaler())] if scaled else [])]
        branches.append(("many_levels", Pipeline(steps), list(plan.many_levels)))
    if scaled and (ordered := _ordered_gaps(plan)):
        branches.append(("gaps", FunctionTransformer(pd.isna), ordered))
    return ColumnTransformer(branches, verbose_feature_names_out=False)


def _ordered_gaps(plan: FeaturePlan) -> list[str]:
    return [name for name in plan.all_features if plan.has_gaps(name) and name not in plan.nominal]


def _impute(strategy: str, missing: float = np.nan) -> SimpleImputer:
    """Impute; a column of which a fold has no value at all stays, as 0, for the later steps count the columns."""
    return SimpleImputer(missing_values=missing, strategy=strategy, keep_empty_features=True)


def _numeric(caps: list[Caps], *, gaps: bool, scaled: bool) -> Pipeline:
    limits = {"a_min": np.array([cap.lower for cap in caps]), "a_max": np.array([cap.upper for cap in caps])}
    steps: Steps = as_numbers()
    if scaled or not gaps:
        steps.append(("impute", _impute("median")))
    steps.append(("cap", FunctionTransformer(np.clip, kw_args=limits, feature_names_out="one-to-one")))
    if scaled:
        steps += [("scale", StandardScaler()), ("power", PowerTransformer(method="yeo-johnson"))]
    return Pipeline(steps)


def _nominal(levels: list[Levels], *, gaps: bool, encoding: str) -> Pipeline:
    steps = places(levels)
    if not gaps:
        steps.append(("impute", _impute("most_frequent", MISSING)))
    return Pipeline([*steps, ("encode", NOMINAL[encoding](len(levels)))])


def _ordinal(levels: list[Levels], *, gaps: bool, scaled: bool) -> Pipeline:
    steps = ranks(levels)
    if scaled or not gaps:
        steps.append(("impute", _impute("most_frequent")))
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
