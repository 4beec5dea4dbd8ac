"""Search a family's candidates by repeated cross-validation.

The scores are those of a plain grid search over the whole pipeline, but what candidates share is done once:
applicants are preprocessed once a fold and encoding, and resampled once a fold, encoding and resampler; and candidates
that are parts of a larger one, such as forests of fewer trees, are scored by its single fit.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import average_precision_score

from credit.core.errors import UnfittableError
from credit.core.families import build_estimator
from credit.core.split import Fold
from credit.features.plan import FeaturePlan
from credit.features.preprocessing import build_preprocessing, column_directions
from credit.metrics.metrics import auc
from credit.model.encoded_fold import EncodedFold, Encoding, encode
from credit.model.pipeline import Applicants
from credit.model.resampling import build_resampler
from credit.model.settings import Candidate
from credit.model.shared_fits import SHARED_FITS, Build, Settings
from credit.model.unfittable import unfittable_refused

# Both judge the order of scores only, so that candidates need no calibration to be compared.
METRICS: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": auc,
    "average_precision": average_precision_score,
}


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
    share_fits: bool = True,
) -> Iterator[np.ndarray | str]:
    """Score candidates, one after the other, on every fold.

    Parameters
    ----------
    metric : one of `METRICS`; higher is better.
    processes : as joblib's n_jobs; the scores do not depend on it.
    share_fits : whether one fit may score several candidates; the scores do not depend on it.

    Yields
    ------
    The scores of the next candidate, shape (folds,); or why it cannot be fitted to the applicants of some fold.

    Raises
    ------
    InputError
        A candidate cannot be fitted, or judged, with its settings, whoever the applicants are.
    """
    encodings = list(dict.fromkeys(_encoding(candidate) for candidate in candidates))
    # Built here, so that what they import is imported once and not by every process.
    transformers = {each.encoding: build_preprocessing(plan, each.encoding, seed) for each in encodings}
    resamplers = {each.resampler: build_resampler(each.resampler, seed) for each in encodings}
    builds = {
        each: partial(build_estimator, family, seed=seed, directions=column_directions(plan, each))
        for each in transformers
    }
    for candidate in candidates:
        builds[candidate.encoding](candidate.hyperparameters)
    groups = group(family, candidates, share_fits=share_fits)
    with Parallel(n_jobs=processes, return_as="generator") as parallel:
        encoded = list(
            parallel(delayed(encode)(family, transformers, resamplers, encodings, applicants, fold) for fold in folds)
        )
        scored = parallel(
            delayed(_score)(family, members, of_fold[_encoding(members[0])], metric, builds[members[0].encoding])
            for members in ([candidates[at] for at in positions] for positions in groups)
            for of_fold in encoded
        )
        yield from _in_order(groups, scored, len(folds))


def _in_order(
    groups: Sequence[Sequence[int]], scored: Iterator[list[float | str]], folds: int
) -> Iterator[np.ndarray | str]:
    """Give the scores of candidate after candidate, each as soon as its group is done."""
    at, scores = 0, {}
    for positions in groups:
        of_folds = zip(*(next(scored) for _ in range(folds)), strict=True)
        scores.update(zip(positions, map(_scores_or_reason, of_folds), strict=True))
        while at in scores:
            yield scores[at]
            at += 1


def _scores_or_reason(of_folds: Sequence[float | str]) -> np.ndarray | str:
    return next((each for each in of_folds if isinstance(each, str)), None) or np.array(of_folds)


def group(family: str, candidates: Sequence[Candidate], *, share_fits: bool = True) -> list[list[int]]:
    """Gather the candidates that one fit can score, by their positions, in the order of the first of each group."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    shared = SHARED_FITS.get(family) if share_fits else None
    for at, candidate in enumerate(candidates):
        key = shared.key(candidate.hyperparameters) if shared else None
        groups[at if key is None else (_encoding(candidate), key)].append(at)
    return list(groups.values())


def _encoding(candidate: Candidate) -> Encoding:
    return Encoding(candidate.encoding, candidate.resampler)


def _score(
    family: str, candidates: Sequence[Candidate], fold: EncodedFold | str, metric: str, build: Build
) -> list[float | str]:
    """Score the candidates of a group; if they cannot be fitted together, one by one, and say of whom that is true."""
    if isinstance(fold, str):
        return [fold] * len(candidates)
    try:
        return _scores_of_group(family, candidates, fold, metric, build)
    except UnfittableError as error:
        if len(candidates) == 1:
            return [str(error)]
        return [score for each in candidates for score in _score(family, [each], fold, metric, build)]


def _scores_of_group(
    family: str, candidates: Sequence[Candidate], fold: EncodedFold, metric: str, build: Build
) -> list[float]:
    settings = [candidate.hyperparameters for candidate in candidates]
    shared = SHARED_FITS[family] if len(candidates) > 1 else None
    named = {**candidates[0].settings, **shared.largest(settings)} if shared else candidates[0].settings
    with unfittable_refused(family, named, fold.training_bad):
        of_rows = shared.scores(settings, build, fold) if shared else [_scores_of_one(settings[0], build, fold)]
        return [METRICS[metric](fold.validation_bad, scores) for scores in of_rows]


def _scores_of_one(settings: Settings, build: Build, fold: EncodedFold) -> np.ndarray:
    model = build(settings).fit(fold.training, fold.training_bad)
    if hasattr(model, "decision_function"):
        return model.decision_function(fold.validation)
    return model.predict_proba(fold.validation)[:, 1]
