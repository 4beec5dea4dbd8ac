"""The model that is saved: preprocessing, resampling, an estimator, calibrated PDs and a cutoff."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import FixedThresholdClassifier, PredefinedSplit
from sklearn.pipeline import Pipeline

from credit.errors import InputError
from credit.families import build_estimator
from credit.feature_plan import FeaturePlan
from credit.preprocessing import build_preprocessing
from credit.resampling import build_resampler
from credit.split import Fold, repeated_folds, stratified_sample

CODING = ("encoding", "resampler")  # the settings of a candidate that are not its estimator's


class Applicants(NamedTuple):
    """Rows to learn from: features, outcome (1 = bad) and the number of each row's distinct applicant."""

    features: pd.DataFrame
    bad: np.ndarray
    groups: np.ndarray

    def rows(self, positions: np.ndarray) -> "Applicants":
        return Applicants(self.features.iloc[positions], self.bad[positions], self.groups[positions])

    def at_most(self, most: int | None, seed: int) -> "Applicants":
        """Give a sample of so many of them, bads in proportion, or all if there are no more."""
        return self.rows(stratified_sample(self.bad, most, seed))


class Recipe(NamedTuple):
    """All that defines how a family's model is made, but for the rows.

    `max_rows` is how many rows it is fitted to at most; None for all.
    """

    family: str
    candidate: Mapping[str, Any]
    plan: FeaturePlan
    calibration: str
    calibration_folds: int
    seed: int
    max_rows: int | None = None


def hyperparameters(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """Pick from a candidate the settings of its estimator."""
    return {name: value for name, value in candidate.items() if name not in CODING}


@contextmanager
def blamed_on(family: str, settings: Mapping[str, Any]) -> Iterator[None]:
    """Turn what libraries raise for settings they cannot use into an InputError of one line that names them."""
    try:
        yield
    # ValueError for most; TypeError for a wrong type, by XGBoost; RuntimeError for rows that ADASYN has no use for.
    except (ValueError, TypeError, RuntimeError) as error:
        told = ", ".join(f"{name}={value}" for name, value in settings.items())
        raise InputError(f"'train.{family}' cannot be fitted with {told}: {' '.join(str(error).split())}") from None


def build_pipeline(family: str, candidate: Mapping[str, Any], plan: FeaturePlan, seed: int) -> Pipeline:
    """Build the unfitted pipeline of a candidate; resampling takes part in fitting only."""
    steps = [
        ("preprocess", build_preprocessing(plan, candidate["encoding"])),
        ("model", build_estimator(family, hyperparameters(candidate), seed)),
    ]
    resampler = build_resampler(candidate["resampler"], seed)
    if resampler is None:
        return Pipeline(steps)
    from imblearn.pipeline import Pipeline as ResamplingPipeline

    return ResamplingPipeline([steps[0], ("resample", resampler), steps[1]])


def fit_pd_model(recipe: Recipe, applicants: Applicants, cutoff: float) -> FixedThresholdClassifier:
    """Fit a recipe to applicants, or to a sample of them if they are more than it takes.

    One pipeline is fitted to all rows; its scores become PDs by a calibration fitted to out-of-fold scores of
    unresampled rows (`CalibratedClassifierCV(ensemble=False)`).

    Returns
    -------
    A classifier whose `predict_proba(features)[:, 1]` is the PD and whose `predict` is 1 (reject) where it is
    at or above `cutoff`. It consists of library classes only.

    Raises
    ------
    InputError
        The recipe cannot be fitted to so few, or to such, applicants.
    """
    applicants = applicants.at_most(recipe.max_rows, recipe.seed)
    folds = repeated_folds(applicants.groups, applicants.bad, recipe.calibration_folds, 1, recipe.seed)
    fold_of_row = np.empty(len(applicants.bad), dtype=int)
    for number, (_, held_out) in enumerate(folds):
        fold_of_row[held_out] = number
    calibrated = CalibratedClassifierCV(
        build_pipeline(recipe.family, recipe.candidate, recipe.plan, recipe.seed),
        method=recipe.calibration,
        cv=PredefinedSplit(fold_of_row),
        ensemble=False,
    )
    model = FixedThresholdClassifier(calibrated, threshold=cutoff, pos_label=1, response_method="predict_proba")
    with blamed_on(recipe.family, recipe.candidate):
        return model.fit(applicants.features, applicants.bad)


def out_of_fold(recipe: Recipe, applicants: Applicants, folds: Sequence[Fold], processes: int = -1) -> pd.DataFrame:
    """Judge a recipe on rows it was not fitted to: in every fold all of it, calibration too, is fitted anew.

    Returns
    -------
    One row for each held-out applicant of each fold: fold (from 0), position (of the row), bad, pd.
    """
    parts = Parallel(n_jobs=processes)(
        delayed(_held_out_pds)(recipe, applicants.rows(fitted), applicants.features.iloc[held_out])
        for fitted, held_out in folds
    )
    tables = [
        pd.DataFrame({"fold": number, "position": held_out, "bad": applicants.bad[held_out], "pd": pds})
        for number, ((_, held_out), pds) in enumerate(zip(folds, parts, strict=True))
    ]
    return pd.concat(tables, ignore_index=True)


def _held_out_pds(recipe: Recipe, fitted: Applicants, held_out: pd.DataFrame) -> np.ndarray:
    return fit_pd_model(recipe, fitted, cutoff=0.5).predict_proba(held_out)[:, 1]
