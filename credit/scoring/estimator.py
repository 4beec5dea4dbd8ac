"""Fitted estimators as plain arrays: the same bits for an applicant alone and in any company."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from credit.scoring.batch import Batch, NotCompilableError
from credit.scoring.encoder import Encoder, Sums

Scores = Callable[[Batch], np.ndarray]
AT_ONCE = 1 << 18  # cells of a table as wide as there are applicants compared with


def compile_scores(estimator: Any, encoder: Encoder, *, pds: bool) -> Scores:
    """Give the function from applicants to an estimator's scores.

    Parameters
    ----------
    pds : whether the scores are to be PDs; else they are what a calibration takes, a decision function before PDs.

    Raises
    ------
    NotCompilableError
        There is no way known for such an estimator, or for an option of it.
    """
    kind = type(estimator).__name__
    if kind not in _WAYS:
        raise NotCompilableError(f"its estimator is a {kind}")
    if list(estimator.classes_) != [0, 1]:
        raise NotCompilableError("its outcomes are not 0 and 1")
    decide = _WAYS[kind](estimator, encoder)
    if kind == "SVC" and pds:
        raise NotCompilableError("its support vectors give PDs without a calibration")
    return (lambda batch: expit(decide(batch))) if kind == "LogisticRegression" and pds else decide


def _affine(encoder: Encoder, weights: np.ndarray, start: np.ndarray) -> Sums:
    """Give the sums of columns times weights, shape (columns, width)."""
    return Sums(encoder, lambda output, values: values[:, None] * weights[output], start)


def _squared_distances(encoder: Encoder, points: np.ndarray) -> Sums:
    return Sums(encoder, lambda output, values: (values[:, None] - points[:, output]) ** 2, np.zeros(len(points)))


def _linear(estimator: Any, encoder: Encoder) -> Scores:
    sums = _affine(encoder, estimator.coef_.T, estimator.intercept_)
    return lambda batch: sums.of(batch)[:, 0]


_ACTIVATIONS = {
    "identity": lambda values: values,
    "relu": lambda values: np.maximum(values, 0),
    "tanh": np.tanh,
    "logistic": expit,
}


def _perceptron(estimator: Any, encoder: Encoder) -> Scores:
    first = _affine(encoder, estimator.coefs_[0], estimator.intercepts_[0])
    layers = list(zip(estimator.coefs_[1:], estimator.intercepts_[1:], strict=True))
    hidden = _ACTIVATIONS[estimator.activation]

    def score(batch: Batch) -> np.ndarray:
        values = first.of(batch)
        for weights, intercepts in layers:
            values = hidden(values)
            sums = np.tile(intercepts, (len(values), 1))
            for place, row in enumerate(weights):
                sums += values[:, place, None] * row
            values = sums
        return expit(values[:, 0])

    return score


def _in_parts(wide: Callable[[Batch, slice], np.ndarray], width: int) -> Scores:
    """Score some rows after the others where every row is compared with many."""
    size = max(1, AT_ONCE // max(width, 1))
    return lambda batch: np.concatenate(
        [wide(batch, slice(start, start + size)) for start in range(0, len(batch), size)]
    )


def _support_vectors(estimator: Any, encoder: Encoder) -> Scores:
    if estimator.kernel not in ("linear", "rbf", "poly", "sigmoid"):
        raise NotCompilableError(f"its kernel is {estimator.kernel}")
    vectors, (weights,), (start,) = estimator.support_vectors_, estimator.dual_coef_, estimator.intercept_
    gamma, coef0 = estimator._gamma, estimator.coef0
    if estimator.kernel == "rbf":
        sums = _squared_distances(encoder, vectors)
    else:
        sums = _affine(encoder, vectors.T, np.zeros(len(vectors)))
    kernel = {
        "linear": lambda values: values,
        "rbf": lambda values: np.exp(-gamma * values),
        "poly": lambda values: (gamma * values + coef0) ** estimator.degree,
        "sigmoid": lambda values: np.tanh(gamma * values + coef0),
    }[estimator.kernel]
    return _in_parts(lambda batch, rows: (kernel(sums.of(batch, rows)) * weights).sum(axis=1) + start, len(vectors))


def _neighbours(estimator: Any, encoder: Encoder) -> Scores:
    if estimator.effective_metric_ != "euclidean":
        raise NotCompilableError(f"its distance is {estimator.effective_metric_}")
    if estimator.weights not in ("uniform", "distance"):
        raise NotCompilableError("its weights are a function")
    if not encoder.numbers:
        raise NotCompilableError("many applicants are equally near where all columns are bins or levels")
    sums, bad = _squared_distances(encoder, np.asarray(estimator._fit_X)), estimator._y.astype("float64")
    nearest = estimator.n_neighbors

    def share(batch: Batch, rows: slice) -> np.ndarray:
        squares = sums.of(batch, rows)
        chosen = np.sort(np.argpartition(squares, nearest - 1, axis=1)[:, :nearest], axis=1)
        if estimator.weights == "uniform":
            return bad[chosen].sum(axis=1) / nearest
        with np.errstate(divide="ignore"):
            weights = 1.0 / np.sqrt(np.take_along_axis(squares, chosen, axis=1))
        same = np.isinf(weights)
        weights = np.where(same.any(axis=1, keepdims=True), same, weights)
        return (weights * bad[chosen]).sum(axis=1) / weights.sum(axis=1)

    return _in_parts(share, len(bad))


def _trees(estimator: Any, encoder: Encoder) -> Scores:
    trees = [tree.tree_ for tree in getattr(estimator, "estimators_", [estimator])]
    leaves = [(tree, tree.value[:, 0, 1].copy()) for tree in trees]

    def score(batch: Batch) -> np.ndarray:
        matrix, total = encoder.matrix(batch), np.zeros(len(batch))
        for tree, bad in leaves:
            total += bad.take(tree.apply(matrix))
        return total / len(leaves)

    return score


def _boosted(estimator: Any, encoder: Encoder) -> Scores:
    booster = estimator.get_booster()
    if estimator.objective != "binary:logistic" or estimator.booster == "gblinear":
        raise NotCompilableError(f"it boosts by {estimator.objective} and {estimator.booster}")
    options = {"iteration_range": estimator._get_iteration_range(None), "missing": estimator.missing}

    def score(batch: Batch) -> np.ndarray:
        return booster.inplace_predict(encoder.matrix(batch), validate_features=False, **options)

    return score


_WAYS = {
    "LogisticRegression": _linear,
    "MLPClassifier": _perceptron,
    "SVC": _support_vectors,
    "KNeighborsClassifier": _neighbours,
    "DecisionTreeClassifier": _trees,
    "RandomForestClassifier": _trees,
    "ExtraTreesClassifier": _trees,
    "XGBClassifier": _boosted,
}
