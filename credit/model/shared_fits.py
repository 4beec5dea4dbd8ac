"""Candidates that one fit scores together, bit for bit as if each were fitted for itself.

A forest begins with the trees of a smaller one, a longer boosting or training with a shorter one, and the nearest
neighbours stand among more of them.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from sklearn.neural_network import MLPClassifier

from credit.model.encoded_fold import EncodedFold

Settings = Mapping[str, Any]  # of an estimator
Build = Callable[[Settings], Any]  # makes an unfitted estimator of settings


class SharedFit(NamedTuple):
    """How candidates of a family that differ in its size, and perhaps little more, are scored together.

    Attributes
    ----------
    size : the setting of which the largest value does the work of all.
    applies : whether settings allow it; if not, their candidate is fitted for itself.
    scores : gives the scores of the validation rows for each of the settings, higher for bad, shape (rows,).
    others : further settings in which the candidates may differ.
    """

    size: str
    applies: Callable[[Settings], bool]
    scores: Callable[[Sequence[Settings], Build, EncodedFold], list[np.ndarray]]
    others: tuple[str, ...] = ()

    def key(self, settings: Settings) -> Hashable | None:
        """Give what the settings have in common with those they can be scored together with; None if there is none."""
        size = settings.get(self.size)
        # Anything but a count is for the library to refuse, and True is none.
        if type(size) is not int or size < 1 or not self.applies(settings):
            return None
        return repr(sorted((name, value) for name, value in settings.items() if name not in (self.size, *self.others)))

    def largest(self, candidates: Sequence[Settings]) -> Settings:
        """Give the settings of the largest size."""
        return max(candidates, key=lambda settings: settings[self.size])


def _scores_of_forests(candidates: Sequence[Settings], build: Build, fold: EncodedFold) -> list[np.ndarray]:
    # scikit-learn draws the seeds of the trees one after the other, so the first ones do not depend on how many follow.
    forest = build(FOREST.largest(candidates)).fit(fold.training, fold.training_bad)
    return [
        _first_trees(forest, settings["n_estimators"]).predict_proba(fold.validation)[:, 1] for settings in candidates
    ]


def _first_trees(forest: Any, trees: int) -> Any:
    smaller = copy(forest).set_params(n_estimators=trees)
    smaller.estimators_ = forest.estimators_[:trees]
    return smaller


def _boosts_trees(settings: Settings) -> bool:
    # DART reweighs the trees of earlier rounds, and a linear booster has none to leave out.
    return settings.get("booster") in (None, "gbtree")


def _scores_of_boosting(candidates: Sequence[Settings], build: Build, fold: EncodedFold) -> list[np.ndarray]:
    longest = build(BOOSTING.largest(candidates)).fit(fold.training, fold.training_bad)
    return [
        longest.predict_proba(fold.validation, iteration_range=(0, settings["n_estimators"]))[:, 1]
        for settings in candidates
    ]


class _WatchedNetwork(MLPClassifier):
    """A network that is also kept as it was after some of the epochs."""

    def watch(self, epochs: Collection[int]) -> "_WatchedNetwork":
        self.epochs_ = epochs
        self.after_: dict[int, MLPClassifier] = {}
        return self

    def _update_no_improvement_count(self, *arguments: Any) -> None:
        """Do what scikit-learn does after each epoch, and keep the weights."""
        super()._update_no_improvement_count(*arguments)
        if self.n_iter_ in self.epochs_:
            network = copy(self)
            network.coefs_ = [weights.copy() for weights in self.coefs_]
            network.intercepts_ = [weights.copy() for weights in self.intercepts_]
            self.after_[self.n_iter_] = network


def _trains_by_epochs(settings: Settings) -> bool:
    # L-BFGS has no epochs, and early stopping goes back to the best of all.
    return settings.get("solver", "adam") in ("adam", "sgd") and not settings.get("early_stopping")


def _scores_of_epochs(candidates: Sequence[Settings], build: Build, fold: EncodedFold) -> list[np.ndarray]:
    longest = build(EPOCHS.largest(candidates)).get_params()
    network = _WatchedNetwork(**longest).watch({settings["max_iter"] for settings in candidates})
    network.fit(fold.training, fold.training_bad)
    # A training that ended of itself is all that a longer one would have been.
    networks = [network.after_.get(settings["max_iter"], network) for settings in candidates]
    return [network.predict_proba(fold.validation)[:, 1] for network in networks]


def _weighs_simply(settings: Settings) -> bool:
    return settings.get("weights", "uniform") in ("uniform", "distance")


def _scores_of_neighbours(candidates: Sequence[Settings], build: Build, fold: EncodedFold) -> list[np.ndarray]:
    # scikit-learn's own way, a precomputed graph of neighbours, takes as long as it saves on small tables.
    model = build(NEIGHBOURS.largest(candidates)).fit(fold.training, fold.training_bad)
    distances, positions = model.kneighbors(fold.validation)
    bad = fold.training_bad[positions]
    scores = []
    for settings in candidates:
        nearest = slice(settings["n_neighbors"])
        if _is_tied(distances, settings["n_neighbors"]):
            for_itself = build(settings).fit(fold.training, fold.training_bad)
            scores.append(for_itself.predict_proba(fold.validation)[:, 1])
        else:
            scores.append(_bad_share(distances[:, nearest], bad[:, nearest], settings.get("weights", "uniform")))
    return scores


def _is_tied(distances: np.ndarray, neighbours: int) -> bool:
    """Whether the last neighbour of some row is no nearer than the next: which one counts depends on the search."""
    return neighbours < distances.shape[1] and bool(np.any(distances[:, neighbours - 1] == distances[:, neighbours]))


def _bad_share(distances: np.ndarray, bad: np.ndarray, weights: str) -> np.ndarray:
    """Weigh the bads among the neighbours, summed one after the other as scikit-learn does."""
    if weights == "uniform":
        return bad.mean(axis=1)
    with np.errstate(divide="ignore"):
        nearness = 1 / distances
    alike = np.isinf(nearness)  # of neighbours at no distance only those count, all the same
    nearness = np.where(alike.any(axis=1, keepdims=True), alike, nearness)
    of_bad, of_good = (np.cumsum(np.where(bad == outcome, nearness, 0), axis=1)[:, -1] for outcome in (1, 0))
    return of_bad / (of_good + of_bad)


FOREST = SharedFit("n_estimators", lambda _: True, _scores_of_forests)
BOOSTING = SharedFit("n_estimators", _boosts_trees, _scores_of_boosting)
EPOCHS = SharedFit("max_iter", _trains_by_epochs, _scores_of_epochs)
NEIGHBOURS = SharedFit("n_neighbors", _weighs_simply, _scores_of_neighbours, others=("weights",))
SHARED_FITS = {"rf": FOREST, "xgb": BOOSTING, "knn": NEIGHBOURS, "mlp": EPOCHS}
