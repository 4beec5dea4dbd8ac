"""Search a family's settings in three ways and say what each costs: `python -m ops.bench.search_benchmark FAMILY`.

The ways are the search of this project, scikit-learn's plain grid search over the whole pipeline, and the fits that are
needed with nothing around them. Prints one line of JSON for `ops.bench`; it wants what eda writes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import joblib
import numpy as np
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from credit.core.columns import BAD, GROUP
from credit.core.families import build_estimator
from credit.core.records import Record, Seed, check
from credit.core.split import Fold, fewest, repeated_folds
from credit.features.plan import FeaturePlan
from credit.features.preprocessing import build_preprocessing, column_directions
from credit.io.files import read_json, read_params, read_parquet
from credit.model.parallel import processes_config
from credit.model.pipeline import Applicants, build_pipeline
from credit.model.resampling import build_resampler
from credit.model.search import group, search
from credit.model.settings import Candidate, Search, read_settings
from credit.model.shared_fits import SHARED_FITS

TRAIN, PLAN = "data/processed/train.parquet", "data/processed/feature_plan.json"
SCORING = {"auc": "roc_auc", "average_precision": "average_precision"}


class Params(Record):
    seed: Seed
    search: Search
    train: dict[str, dict[str, Any]]


class Task(NamedTuple):
    """What is searched, on which applicants and folds, and how."""

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
    plan = check(FeaturePlan, read_json(PLAN), PLAN)
    table = read_parquet(TRAIN)
    applicants = Applicants(table[plan.features], table[BAD].to_numpy(), table[GROUP].to_numpy())
    tuning, seed = params.search.at(len(table)), params.seed
    candidates, max_rows, _ = read_settings(family, params.train[family], len(table))
    applicants = applicants.rows(applicants.sample(fewest(tuning.max_rows, max_rows), seed))
    folds = repeated_folds(applicants.groups, applicants.bad, tuning.folds, tuning.repeats, seed)
    return Task(family, candidates, plan, applicants, folds, tuning.metric, seed)


def searched(task: Task) -> np.ndarray:
    """Search as the stage does; the mean scores of the candidates."""
    scores = search(*task[:5], metric=task.metric, seed=task.seed)
    return np.array([np.nan if isinstance(of_folds, str) else of_folds.mean() for of_folds in scores])


def plain(task: Task) -> np.ndarray:
    """Search with scikit-learn's GridSearchCV, which fits the whole pipeline anew for each candidate and fold."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline

    grid = {"candidate": [build_pipeline(task.family, each, task.plan, task.seed) for each in task.candidates]}
    pipeline = Pipeline([("candidate", grid["candidate"][0])])
    plain_search = GridSearchCV(pipeline, grid, scoring=SCORING[task.metric], cv=task.folds, refit=False, n_jobs=-1)
    return plain_search.fit(task.applicants.features, task.applicants.bad).cv_results_["mean_test_score"]


def needed_fits(task: Task) -> float:
    """Fit one after the other what cannot be shared, preprocessing and resampling too; the CPU seconds."""
    shared, needed = SHARED_FITS.get(task.family), []
    for members in group(task.family, task.candidates):
        first, *others = (task.candidates[at] for at in members)
        needed.append(max(first, *others, key=lambda each: each.hyperparameters[shared.size]) if others else first)
    build = partial(build_estimator, task.family, seed=task.seed)
    started = time.process_time()
    for training, _ in task.folds:
        rows = task.applicants.rows(training)
        encoded, resampled = {}, {}
        for candidate in needed:
            encoding, resampler = key = candidate.encoding, candidate.resampler
            if encoding not in encoded:
                preprocessing = build_preprocessing(task.plan, encoding, task.seed)
                encoded[encoding] = preprocessing.fit_transform(rows.features, rows.bad)
            if key not in resampled:
                sampler, as_is = build_resampler(resampler, task.seed), (encoded[encoding], rows.bad)
                resampled[key] = sampler.fit_resample(*as_is) if sampler else as_is
            directions = column_directions(task.plan, encoding)
            build(candidate.hyperparameters, directions=directions).fit(*resampled[key])
    return time.process_time() - started


def measured(scores_of: Callable[[Task], np.ndarray], task: Task) -> dict[str, Any]:
    """Run a search and say what it cost (seconds), and which candidate is the best, at which score."""
    began, used = time.perf_counter(), os.times()
    with processes_config():
        scores = scores_of(task)
    # joblib's own processes, where they are used, outlive their work, and count only when they have ended.
    get_reusable_executor().shutdown(wait=True)
    wall, cpu = time.perf_counter() - began, sum(os.times()[:4]) - sum(used[:4])  # user and system, children too
    return {"wall": wall, "cpu": cpu, "best": int(np.nanargmax(scores)), "score": float(np.nanmax(scores))}


def main(family: str) -> None:
    """Print what each way costs for a family of the params in the current directory."""
    task = read_task(family)
    results = measured(searched, task)
    results |= {f"plain_{name}": value for name, value in measured(plain, task).items()}
    with threadpool_limits(1):  # as the processes of the others
        cpu = needed_fits(task)
    counts = {"candidates": len(task.candidates), "fits": len(group(task.family, task.candidates))}
    print(json.dumps({**results, **counts, "bound_cpu": cpu, "bound_wall": cpu / joblib.cpu_count()}))


if __name__ == "__main__":
    main(sys.argv[1])
