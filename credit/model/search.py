"""Search a family's candidates by repeated cross-validation.

The scores are those of a plain grid search over the whole pipeline, but what candidates share is done once:
applicants are preprocessed once a fold and encoding, and resampled once a fold, encoding and resampler; and candidates
that are parts of a larger one, such as forests of fewer trees, are scored by its single fit.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score

from credit.core.families import build_estimator
from credit.core.split import Fold
from credit.features.plan import FeaturePlan
from credit.features.preprocessing import build_preprocessing
from credit.metrics.metrics import auc
from credit.model.encoded_fold import Coded, Coding, code
from credit.model.pipeline import Applicants, blamed_on, hyperparameters
from credit.model.resampling import build_resampler
from credit.model.shared_fits.boosting import BOOSTING
from credit.model.shared_fits.epochs import EPOCHS
from credit.model.shared_fits.forest import FOREST
from credit.model.shared_fits.neighbours import NEIGHBOURS
from credit.model.shared_fits.shortcut import Build, Settings

# Both judge the order of scores only, so that candidates need no calibration to be compared.
METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": auc,
    "average_precision": average_precision_score,
}
SHORTCUTS = {"rf": FOREST, "xgb": BOOSTING, "knn": NEIGHBOURS, "mlp": EPOCHS}

Candidate = Mapping[str, Any]


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
    shortcuts: bool = True,
) -> Iterator[np.ndarray]:
    """Score candidates, one after the other, on every fold.

    Parameters
    ----------
    metric : one of `METRICS`; higher is better.
    processes : as joblib's n_jobs; the scores do not depend on it.
    shortcuts : whether one fit may score several candidates; the scores do not depend on it.

    Yields
    ------
    The scores of the next candidate, shape (folds,).

    Raises
    ------
    InputError
        A candidate cannot be fitted, or judged, with its settings.
    """
    codings = list(dict.fromkeys(_coding(candidate) for candidate in candidates))
    # Built here, so that what they import is imported once and not by every process.
    encodings = {coding.encoding: build_preprocessing(plan, coding.encoding) for coding in codings}
    resamplers = {coding.resampler: build_resampler(coding.resampler, seed) for coding in codings}
    for candidate in candidates:
        build_estimator(family, hyperparameters(candidate), seed)
    groups = group(family, candidates, shortcuts=shortcuts)
    with Parallel(n_jobs=processes, return_as="generator") as parallel:
        of_folds = list(
            parallel(delayed(code)(family, encodings, resamplers, codings, applicants, fold) for fold in folds)
        )
        scored = parallel(
            delayed(_score)(family, tried, coded[_coding(tried[0])], metric, seed)
            for tried in ([candidates[at] for at in members] for members in groups)
            for coded in of_folds
        )
        yield from _in_order(groups, scored, len(folds))


def _in_order(groups: Sequence[Sequence[int]], scored: Iterator[list[float]], folds: int) -> Iterator[np.ndarray]:
    """Give the scores of candidate after candidate, each as soon as its group is done."""
    at, scores = 0, {}
    for members in groups:
        scores.update(zip(members, np.transpose([next(scored) for _ in range(folds)]), strict=True))
        while at in scores:
            yield scores[at]
            at += 1


def group(family: str, candidates: Sequence[Candidate], *, shortcuts: bool = True) -> list[list[int]]:
    """Gather the candidates that one fit can score, by their positions, in the order of the first of each group."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for at, candidate in enumerate(candidates):
        shortcut = SHORTCUTS.get(family) if shortcuts else None
        key = shortcut.key(hyperparameters(candidate)) if shortcut else None
        groups[at if key is None else (_coding(candidate), key)].append(at)
    return list(groups.values())


def _coding(candidate: Candidate) -> Coding:
    return Coding(candidate["encoding"], candidate["resampler"])


def _score(family: str, candidates: Sequence[Candidate], coded: Coded, metric: str, seed: int) -> list[float]:
    """Score the candidates of a group, or one for itself."""
    build = partial(build_estimator, family, seed=seed)
    settings = [hyperparameters(candidate) for candidate in candidates]
    alone = len(candidates) == 1
    with blamed_on(family, candidates[0] if alone else SHORTCUTS[family].largest(candidates)):
        of_rows = _alone(settings, build, coded) if alone else SHORTCUTS[family].scores(settings, build, coded)
        return [METRICS[metric](coded.held_out_bad, scores) for scores in of_rows]


def _alone(settings: Sequence[Settings], build: Build, coded: Coded) -> list[np.ndarray]:
    model = build(settings[0]).fit(coded.fitted, coded.fitted_bad)
    if hasattr(model, "decision_function"):
        return [model.decision_function(coded.held_out)]
    return [model.predict_proba(coded.held_out)[:, 1]]
