"""Weights of evidence: bins of every feature in which the bad rate only rises or only falls (optbinning)."""

import warnings
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from credit.core.errors import InputError
from credit.features.missing import as_numbers
from credit.features.ordinal import MISSING, bad_rates, places, ranks
from credit.features.plan import FeaturePlan

if TYPE_CHECKING:
    from optbinning import BinningProcess

SMALLEST_BIN = 0.05  # of the applicants
UNSEEN = -1  # optbinning's number of the bin that a nominal level is in which no fitted applicant had

# optbinning 1.0.0 adds a row of totals to a table in a way that pandas 3 has deprecated, for every column it bins.
warnings.filterwarnings("ignore", message="Setting an item of incompatible dtype", module="optbinning")


def build_binning(plan: FeaturePlan, seed: int = 0) -> Pipeline:
    """Build a transformer of applicants to the weights of evidence of their bins, a column a feature.

    A weight of evidence is ln(share of the goods in the bin / share of the bads in it): the higher, the safer. Bins of
    numbers, ordered levels and the bad rates of many levels are intervals, those of nominal levels any sets; missing
    values are a bin of their own. A weight is 0, as of all applicants together,
    where none fitted to was in the bin, or only goods or only bads were.

    It has to be fitted with the outcome (1 = bad). (Navas-Palencia 2020, "Optimal binning: mathematical programming
    formulation", for the bins.)
    """
    from optbinning import BinningProcess

    levels = ColumnTransformer(
        [
            ("numeric", Pipeline(as_numbers()), list(plan.numeric)),
            ("nominal", Pipeline([*places(list(plan.nominal.values())), _blank()]), list(plan.nominal)),
            ("ordinal", Pipeline(ranks(list(plan.ordinal.values()))), list(plan.ordinal)),
            ("many_levels", Pipeline(bad_rates(seed)), list(plan.many_levels)),
        ]
    )
    ordered = [*plan.numeric, *plan.ordinal, *plan.many_levels]
    bins = BinningProcess(
        variable_names=[*plan.numeric, *plan.nominal, *plan.ordinal, *plan.many_levels],
        categorical_variables=list(plan.nominal),
        min_bin_size=SMALLEST_BIN,
        binning_fit_params={name: {"monotonic_trend": "auto_asc_desc"} for name in ordered},
        binning_transform_params={name: {"metric_missing": "empirical"} for name in plan.all_features},
    )
    # optbinning 1.0.0 does not tell scikit-learn that it is fitted; a pipeline asks its last step only.
    last = FunctionTransformer(np.asarray)
    return Pipeline([("levels", levels), ("empty", _fill_empty()), ("bins", bins), ("weights", last)])


def _blank() -> tuple[str, SimpleImputer]:
    """Make what is missing NaN again, of which optbinning makes a bin of its own."""
    imputer = SimpleImputer(missing_values=MISSING, strategy="constant", fill_value=np.nan, keep_empty_features=True)
    return "blank", imputer


def _fill_empty() -> SimpleImputer:
    """Make a column without any value a column of zeros, of which optbinning makes one bin; it cannot bin nothing.

    In other columns missing values stay: they are filled with a sum of as many NaN as there are values, NaN but for 0.
    """
    return SimpleImputer(strategy=partial(np.einsum, ",i->", np.nan), keep_empty_features=True)


def encoder_of(model: CalibratedClassifierCV | Pipeline) -> Pipeline:
    """Find the fitted `build_binning` in a fitted pipeline, calibrated or not, its derived features before it.

    Raises
    ------
    InputError
        The pipeline encodes its features in another way.
    """
    if isinstance(model, CalibratedClassifierCV):
        model = model.calibrated_classifiers_[0].estimator
    encoder = model.named_steps["preprocess"]
    steps = list(encoder.steps) if isinstance(encoder, Pipeline) else []
    if steps and steps[-1][0] == "code" and isinstance(steps[-1][1], Pipeline):
        steps = [steps[0], *steps[-1][1].steps]
    if "bins" not in dict(steps):
        raise InputError("expected a model whose encoding is woe, got one without bins")
    return Pipeline(steps)


def binning_of(model: CalibratedClassifierCV | Pipeline) -> "BinningProcess":
    """Find the fitted bins in a fitted pipeline, calibrated or not; errors as `encoder_of`."""
    return encoder_of(model).named_steps["bins"]


def bin_numbers(model: CalibratedClassifierCV | Pipeline, applicants: pd.DataFrame) -> pd.DataFrame:
    """Number the bins that applicants are in, a column a feature, as optbinning does: from 0, `UNSEEN` for none."""
    encoder = encoder_of(model)
    bins = encoder.named_steps["bins"]
    levels = encoder[: [name for name, _ in encoder.steps].index("bins")].transform(applicants)
    return pd.DataFrame(bins.transform(levels, metric="indices"), columns=bins.variable_names, index=applicants.index)
