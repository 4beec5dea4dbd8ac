"""Search a family's settings in three ways and say what each costs: python -m ops.search_ways FAMILY.

The ways are the search of this project, scikit-learn's plain grid search over the whole pipeline, and the fits that are
needed with nothing around them. One line of JSON is printed a way. For `ops.bench`; it wants what eda writes.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import joblib
import numpy as np
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from credit.core.columns import BAD
from credit.core.errors import InputError
from credit.core.families import SEARCHED, build_estimator
from credit.core.records import Record, Seed, check
from credit.core.split import Fold, applicant_groups, repeated_folds
from credit.features.plan import FeaturePlan
from credit.features.preprocessing import build_preprocessing
from credit.io.files import read_json, read_params, read_parquet
from credit.model.parallel import processes_config
from credit.model.pipeline import Applicants, build_pipeline, hyperparameters
from credit.model.resampling import build_resampler
from credit.model.search import SHORTCUTS, Candidate, group, search
from credit.model.settings import read_settings
from stages.train import PLAN, TRAIN, Search

SCORING = {"auc": "roc_auc", "average_precision": "average_precision"}


class Params(Record):
    seed: Seed
    search: Search
    train: dict[str, dict[str, Any]]


class Task(NamedTuple):
    """What is searched, and on which applicants and folds."""

    family: str
    candidates: Sequence[Candidate]
    plan: FeaturePlan
    applicants: Applicants
    folds: Sequence[Fold]
    metric: str
    seed: int


def read_task(family: str) -> Task:
    """Read what the stage `train` would search."""
    params = read_params(Params)
    if family not in params.train:
        raise InputError(f"params.yaml: expected 'train.{family}', found {', '.join(params.train)}")
    candidates, *_ = read_settings(family, params.train[family])
    plan = check(FeaturePlan, read_json(PLAN), str(PLAN))
    table = read_parquet(TRAIN)
    groups = applicant_groups(table[[*plan.features, *plan.dropped]])
    applicants = Applicants(table[plan.features], table[BAD].to_numpy(), groups)
    applicants = applicants.rows(applicants.sample(params.search.max_rows, params.seed))
    folds = repeated_folds(applicants.groups, applicants.bad, params.search.folds, params.search.repeats, params.seed)
    return Task(family, candidates, plan, applicants, folds, params.search.metric, params.seed)


def searched(task: Task) -> np.ndarray:
    """Search as the stage does; the mean scores of the candidates."""
    return np.array([of_folds.mean() for of_folds in search(*task[:5], metric=task.metric, seed=task.seed)])


def plain(task: Task) -> np.ndarray:
    """Search with scikit-learn's GridSearchCV, which fits the whole pipeline anew for each candidate and fold."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline

    grid = [{"candidate": [build_pipeline(task.family, each, task.plan, task.seed)]} for each in task.candidates]
    pipeline = Pipeline([("candidate", grid[0]["candidate"][0])])
    found = GridSearchCV(pipeline, grid, scoring=SCORING[task.metric], cv=task.folds, refit=False, n_jobs=-1)
    return found.fit(task.applicants.features, task.applicants.bad).cv_results_["mean_test_score"]


def needed_fits(task: Task) -> float:
    """Fit one after the other what cannot be shared: CPU seconds within `fit`, of preprocessing and resampling too."""
    groups = [[task.candidates[at] for at in members] for members in group(task.family, task.candidates)]
    largest = [tried[0] if len(tried) == 1 else SHORTCUTS[task.family].largest(tried) for tried in groups]
    return sum(_fits_of_fold(task, largest, fold) for fold in task.folds)


def _fits_of_fold(task: Task, candidates: Sequence[Candidate], fold: Fold) -> float:
    rows, seconds = task.applicants.rows(fold[0]), 0.0

    def timed(fit: Callable[..., Any], *given: Any) -> Any:
        nonlocal seconds
        started = time.process_time()
        result = fit(*given)
        seconds += time.process_time() - started
        return result

    encoded, resampled = {}, {}
    for candidate in candidates:
        coding = encoding, resampler = candidate["encoding"], candidate["resampler"]
        if encoding not in encoded:
            preprocessing = build_preprocessing(task.plan, encoding)
            encoded[encoding] = timed(preprocessing.fit_transform, rows.features, rows.bad)
        if coding not in resampled:
            sampler, given = build_resampler(resampler, task.seed), (encoded[encoding], rows.bad)
            resampled[coding] = timed(sampler.fit_resample, *given) if sampler else given
        timed(build_estimator(task.family, hyperparameters(candidate), task.seed).fit, *resampled[coding])
    return seconds


def measured(way: str, task: Task) -> dict[str, Any]:
    """Run a search and say what it cost, and which candidate it would pick."""
    began, used = time.perf_counter(), _cpu()
    with processes_config():
        scores = WAYS[way](task)
    # joblib's own processes, where they are used, outlive their work, and count only when they have ended.
    get_reusable_executor().shutdown(wait=True)
    wall, cpu = time.perf_counter() - began, _cpu() - used
    return {"way": way, "wall": wall, "cpu": cpu, "pick": int(np.argmax(scores)), "score": float(np.max(scores))}


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


WAYS: dict[str, Callable[[Task], np.ndarray]] = {"search": searched, "plain": plain}


def main(family: str) -> None:
    """Print what each way costs for a family of the params in the current directory."""
    if family not in SEARCHED:
        raise SystemExit(f"usage: python -m ops.search_ways FAMILY, one of {', '.join(SEARCHED)}; got {family}")
    try:
        task = read_task(family)
        for way in WAYS:
            print(json.dumps(measured(way, task)), flush=True)
        fits = len(group(task.family, task.candidates))
        with threadpool_limits(1):  # as the processes of the others
            needed = {"way": "fits", "cpu": needed_fits(task), "cores": joblib.cpu_count()}
        print(json.dumps({**needed, "candidates": len(task.candidates), "fits": fits}))
    except InputError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
