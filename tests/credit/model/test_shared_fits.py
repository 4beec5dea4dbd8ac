"""Tests of shared fits: bit for bit what each candidate gives for itself, on distinct and on tied rows."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from credit.core.families import build_estimator
from credit.model.encoded_fold import EncodedFold
from credit.model.shared_fits import BOOSTING, EPOCHS, FOREST, NEIGHBOURS, SHARED_FITS

SEED = 7
COUNTS = (7, 1, 25, 26)
OPTIONS = {
    "rf": [
        {},
        {"max_features": 0.4, "min_samples_leaf": 5},
        {"bootstrap": False},
        {"max_samples": 0.5, "class_weight": "balanced_subsample", "criterion": "entropy"},
    ],
    "xgb": [
        {},
        {"subsample": 0.7, "colsample_bytree": 0.4, "max_depth": 3, "learning_rate": 0.05},
        {"colsample_bylevel": 0.5, "gamma": 1.0, "base_score": 0.3, "scale_pos_weight": 3.0},
        {"num_parallel_tree": 3, "subsample": 0.5, "booster": "gbtree"},
    ],
    "mlp": [
        {"hidden_layer_sizes": [4]},
        {"hidden_layer_sizes": [3, 2], "alpha": 3.0, "learning_rate_init": 0.01, "activation": "tanh"},
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1, "hidden_layer_sizes": [4]},
        {"batch_size": 50, "shuffle": False, "hidden_layer_sizes": [4]},
    ],
    "knn": [{}, {"p": 1}, {"metric": "cosine"}, {"algorithm": "kd_tree"}, {"algorithm": "brute"}],
}
SIZES = {"rf": (5, 1, 12), "xgb": (8, 1, 30), "mlp": (5, 1, 30)}


def draw(columns: int, decimals: int) -> EncodedFold:
    """Draw rows of which the first columns tell the bads; the fewer the decimals, the more ties."""
    generator = np.random.default_rng(columns)
    rows = generator.normal(size=(300, columns)).round(decimals)
    if decimals < 6:
        rows[1::2] = np.where(generator.random((150, 1)) < 0.3, rows[::2], rows[1::2])  # some stand there twice
    bad = (rows[:, :3].sum(axis=1) + generator.normal(size=300) > 1).astype("int64")
    return EncodedFold(rows[:200], bad[:200], rows[200:], bad[200:])


FOLDS = {"distinct": draw(30, 6), "tied": draw(4, 0)}


def candidates_of(family: str, options: dict) -> list[dict]:
    if family == "knn":
        weighted = [{"n_neighbors": n, "weights": way} for n, way in product(COUNTS, ("uniform", "distance"))]
        return [{**options, **sized} for sized in ({"n_neighbors": 3}, *weighted)]
    return [{**options, SHARED_FITS[family].size: size} for size in SIZES[family]]


def check_scores(family: str, candidates: list[dict], fold: EncodedFold) -> None:
    shared, build = SHARED_FITS[family], partial(build_estimator, family, seed=SEED)
    own = [build(each).fit(fold.training, fold.training_bad).predict_proba(fold.validation) for each in candidates]
    scores = shared.scores(candidates, build, fold)
    assert len({shared.key(settings) for settings in candidates}) == 1
    assert shared.key(candidates[0]) is not None
    assert np.array_equal(scores, [pds[:, 1] for pds in own])
    assert len({each.tobytes() for each in scores}) > 1


@pytest.mark.slow
@pytest.mark.parametrize("rows", FOLDS)
@pytest.mark.parametrize(("family", "options"), [(name, each) for name, some in OPTIONS.items() for each in some])
def test_scores_are_those_of_each_candidate_fitted_for_itself(family, options, rows):
    check_scores(family, candidates_of(family, options), FOLDS[rows])


@pytest.mark.parametrize("rows", FOLDS)
def test_a_training_that_ends_of_itself_is_the_end_of_all_longer_ones(rows):
    settings, fold = (
        {"hidden_layer_sizes": [4], "tol": 0.05, "n_iter_no_change": 3, "learning_rate_init": 0.01},
        FOLDS[rows],
    )
    whole = build_estimator("mlp", {**settings, "max_iter": 500}, SEED).fit(fold.training, fold.training_bad)
    assert whole.n_iter_ < 400
    check_scores("mlp", [{**settings, "max_iter": epochs} for epochs in (2, whole.n_iter_, 400, 500)], fold)


@pytest.mark.parametrize(
    ("shared", "settings"),
    [
        (BOOSTING, {"booster": "dart", "n_estimators": 10}),
        (BOOSTING, {"booster": "gblinear", "n_estimators": 10}),
        (EPOCHS, {"solver": "lbfgs", "max_iter": 10}),
        (EPOCHS, {"early_stopping": True, "max_iter": 10}),
        (NEIGHBOURS, {"n_neighbors": 5, "weights": "far"}),
        (FOREST, {"n_estimators": True}),
        (FOREST, {}),
    ],
)
def test_what_cannot_share_a_fit_is_fitted_for_itself(shared, settings):
    assert shared.key(settings) is None


def test_rows_at_no_distance_and_ties_at_the_last_neighbour_are_among_what_is_checked():
    distances = {
        name: np.sort(np.linalg.norm(fold.validation[:, None] - fold.training[None], axis=2), axis=1)
        for name, fold in FOLDS.items()
    }
    assert (distances["tied"][:, 0] == 0).any()
    assert any((distances["tied"][:, n - 1] == distances["tied"][:, n]).any() for n in COUNTS)
    assert all((distances["distinct"][:, n - 1] < distances["distinct"][:, n]).all() for n in COUNTS)
