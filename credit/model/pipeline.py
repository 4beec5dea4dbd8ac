"""The model that is saved: preprocessing, resampling, an estimator, calibrated PDs and a cutoff."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from pydantic import Field
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import FixedThresholdClassifier, PredefinedSplit
from sklearn.pipeline import Pipeline

from credit.core.errors import InputError
from credit.core.families import build_estimator
from credit.core.records import Record
from credit.core.split import Fold, repeated_folds, stratified_sample
from credit.features.plan import FeaturePlan
from credit.features.preprocessing import WOE, build_preprocessing, column_directions
from credit.model.resampling import build_resampler
from credit.model.settings import Candidate
from credit.model.unfittable import unfittable_refused


class Applicants(NamedTuple):
    """Rows to learn from: features, outcome (1 = bad) and the number of each row's distinct applicant."""

    features: pd.DataFrame
    bad: np.ndarray
    groups: np.ndarray

    def rows(self, positions: np.ndarray) -> "Applicants":
        return Applicants(self.features.iloc[positions], self.bad[positions], self.groups[positions])

    def sample(self, most: int | None, seed: int) -> np.ndarray:
        """Give the positions of a sample of so many of them, bads in proportion, or of all if there are no more."""
        return stratified_sample(self.bad, most, seed)


class Calibration(Record):
    """How scores become PDs: by a curve through the scores of rows that were held out.

    Attributes
    ----------
    method : `none` takes the PDs of the estimator as they are.
    folds : each row is held out in one of them; of more than `max_cross_fitted` rows only those of one fold are, which
        takes one fit instead of one more than there are folds.
    """

    method: Literal["sigmoid", "isotonic", "none"]
    folds: Annotated[int, Field(ge=2)]
    max_cross_fitted: Annotated[int, Field(ge=100, strict=True)] | None = None

    def by(self, method: str | None) -> "Calibration":
        """Give the same with another method, if one is given."""
        return self if method is None else self.model_copy(update={"method": method})


class ModelSpec(NamedTuple):
    """All that specifies how a family's model is made, but for the rows.

    `max_rows` is how many rows it is fitted to at most; None for all.
    """

    family: str
    candidate: Candidate
    plan: FeaturePlan
    calibration: Calibration
    seed: int
    max_rows: int | None = None


def build_pipeline(family: str, candidate: Candidate, plan: FeaturePlan, seed: int) -> Pipeline:
    """Build the unfitted pipeline of a candidate; resampling takes part in fitting only."""
    directions = column_directions(plan, candidate.encoding)
    estimator = build_estimator(family, candidate.hyperparameters, seed, directions)
    resampler = build_resampler(candidate.resampler, seed)
    if resampler is not None:
        from imblearn.pipeline import Pipeline as ResamplingPipeline

        # The last step of a plain one, for it takes no pipeline, as preprocessing may be, as a step before its last.
        estimator = ResamplingPipeline([("resample", resampler), (family, estimator)])
    preprocessing = build_preprocessing(plan, candidate.encoding, seed)
    return Pipeline([("preprocess", preprocessing), (family, estimator)])


def build_calibrated(spec: ModelSpec, applicants: Applicants) -> CalibratedClassifierCV | Pipeline:
    """Build the unfitted pipeline of a spec with the calibration that those applicants allow."""
    pipeline = build_pipeline(spec.family, spec.candidate, spec.plan, spec.seed)
    method, parts, most = spec.calibration.method, spec.calibration.folds, spec.calibration.max_cross_fitted
    if method == "none":
        if not hasattr(pipeline, "predict_proba"):
            raise InputError(f"'train.{spec.family}' gives no PDs of its own: expected a calibration, got none")
        return pipeline
    folds = repeated_folds(applicants.groups, applicants.bad, parts, 1, spec.seed)
    fold_of_row = np.full(len(applicants.bad), -1)  # rows of no fold are only fitted to
    one_only = most is not None and len(applicants.bad) > most
    for number, (_, validation) in enumerate(folds[:1] if one_only else folds):
        fold_of_row[validation] = number
    return CalibratedClassifierCV(pipeline, method=method, cv=PredefinedSplit(fold_of_row), ensemble=one_only)


def with_cutoff(model: Any, cutoff: float) -> FixedThresholdClassifier:
    """Let a classifier reject (predict 1) where its PD is at or above a cutoff."""
    return FixedThresholdClassifier(model, threshold=cutoff, pos_label=1, response_method="predict_proba")


def fit_pd_model(spec: ModelSpec, applicants: Applicants, cutoff: float) -> FixedThresholdClassifier:
    """Fit a spec to applicants, or to a sample of them if they are more than it takes.

    One pipeline is fitted to all rows; its scores become PDs by a calibration fitted to out-of-fold scores of
    unresampled rows (`CalibratedClassifierCV`).

    Returns
    -------
    A classifier whose `predict_proba(features)[:, 1]` is the PD and whose `predict` is 1 (reject) where it is
    at or above `cutoff`. It consists of library classes only.

    Raises
    ------
    UnfittableError
        The spec cannot be fitted to so few, or to such, applicants.
    InputError
        It cannot be fitted to any.
    """
    applicants = applicants.rows(applicants.sample(spec.max_rows, spec.seed))
    model = with_cutoff(build_calibrated(spec, applicants), cutoff)
    with unfittable_refused(spec.family, spec.candidate.settings, applicants.bad):
        model.fit(applicants.features, applicants.bad)
    drop_fit_times(spec, model.estimator_)
    return model


def drop_fit_times(spec: ModelSpec, model: Any) -> None:
    """Take out of a fitted model how long its bins took, if it has any, so that equal fits are equal bytes."""
    if spec.candidate.encoding == WOE:
        from credit.features.woe import binning_of

        bins = binning_of(model)
        for timed in (bins, *bins._binned_variables.values()):
            for name in vars(timed):
                if name.startswith("_time"):
                    setattr(timed, name, None)


def out_of_fold(spec: ModelSpec, applicants: Applicants, folds: Sequence[Fold], processes: int = -1) -> pd.DataFrame:
    """Judge a spec on rows it was not fitted to: in every fold all of it, calibration too, is fitted anew.

    Returns
    -------
    One row for each validation row of each fold: fold (from 0), position (of the row), bad, pd.
    """
    parts = Parallel(n_jobs=processes)(
        delayed(_validation_pds)(spec, applicants.rows(training), applicants.features.iloc[validation])
        for training, validation in folds
    )
    tables = [
        pd.DataFrame({"fold": number, "position": rows, "bad": applicants.bad[rows], "pd": pds})
        for number, ((_, rows), pds) in enumerate(zip(folds, parts, strict=True))
    ]
    return pd.concat(tables, ignore_index=True)


def _validation_pds(spec: ModelSpec, training: Applicants, validation: pd.DataFrame) -> np.ndarray:
    model = fit_pd_model(spec, training, cutoff=0.5)
    with unfittable_refused(spec.family, spec.candidate.settings, training.bad):
        return model.predict_proba(validation)[:, 1]
