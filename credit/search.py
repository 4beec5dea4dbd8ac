"""Search a family's candidates by repeated cross-validation.

The scores are those of a plain grid search over the whole pipeline, but what candidates share is done once:
applicants are preprocessed once a fold and coding, and resampled once a fold, coding and resampler.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score, roc_auc_score

from credit.families import build_estimator
from credit.feature_plan import FeaturePlan
from credit.pd_model import Applicants, blamed_on, hyperparameters
from credit.preprocessing import build_preprocessing
from credit.resampling import build_resampler
from credit.split import Fold

# Both judge the order of scores only, so that candidates need no calibration to be compared.
METRICS = {"auc": roc_auc_score, "average_precision": average_precision_score}

Candidate = Mapping[str, Any]


class Coded(NamedTuple):
    """A fold's rows as numbers: those fitted to (resampled) and those held out."""

    fitted: np.ndarray
    fitted_bad: np.ndarray
    held_out: np.ndarray
    held_out_bad: np.ndarray


def search(
    family: str,
    candidates: Sequence[Candidate],
    plan: FeaturePlan,
    applicants: Applicants,
    folds: Sequence[Fold],
    *,
    metric: str,
    seed: int,
    processes: int = -1,
) -> Iterator[np.ndarray]:
    """Score candidates, one after the other, on every fold.

    Parameters
    ----------
    metric : one of `METRICS`; higher is better.
    processes : as joblib's n_jobs; the scores do not depend on it.

    Yields
    ------
    The scores of the next candidate, shape (folds,).

    Raises
    ------
    InputError
        A candidate cannot be fitted, or judged, with its settings.
    """
    codings = list(dict.fromkeys((candidate["encoding"], candidate["resampler"]) for candidate in candidates))
    keys = [(coding, number) for coding in codings for number in range(len(folds))]
    with Parallel(n_jobs=processes, return_as="generator") as parallel:
        coded = parallel(
            delayed(_code)(family, plan, *coding, applicants, folds[number], seed) for coding, number in keys
        )
        by_key = dict(zip(keys, coded, strict=True))
        scores = parallel(
            delayed(_score)(
                family, candidate, by_key[(candidate["encoding"], candidate["resampler"]), number], metric, seed
            )
            for candidate in candidates
            for number in range(len(folds))
        )
        for _ in candidates:
            yield np.array([next(scores) for _ in folds])


def _code(
    family: str, plan: FeaturePlan, encoding: str, resampler: str, applicants: Applicants, fold: Fold, seed: int
) -> Coded:
    fitted, held_out = (applicants.rows(rows) for rows in fold)
    preprocessing = build_preprocessing(plan, encoding)
    numbers, bad = preprocessing.fit_transform(fitted.features, fitted.bad), fitted.bad
    sampler = build_resampler(resampler, seed)
    if sampler is not None:
        with blamed_on(family, {"encoding": encoding, "resampler": resampler}):
            numbers, bad = sampler.fit_resample(numbers, bad)
    return Coded(numbers, bad, preprocessing.transform(held_out.features), held_out.bad)


def _score(family: str, candidate: Candidate, coded: Coded, metric: str, seed: int) -> float:
    model = build_estimator(family, hyperparameters(candidate), seed)
    with blamed_on(family, candidate):
        model.fit(coded.fitted, coded.fitted_bad)
        if hasattr(model, "decision_function"):
            scores = model.decision_function(coded.held_out)
        else:
            scores = model.predict_proba(coded.held_out)[:, 1]
        return METRICS[metric](coded.held_out_bad, scores)
