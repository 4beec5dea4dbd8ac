"""Different numbers and weights of neighbours: the largest number is searched for once, the others are among them.

scikit-learn's own way, a graph of neighbours for `metric="precomputed"`, takes as long as it saves on small tables.
"""

from collections.abc import Sequence

import numpy as np

from credit.model.encoded_fold import Coded
from credit.model.shared_fits.shortcut import Build, Settings, Shortcut


def _applies(settings: Settings) -> bool:
    return settings.get("weights", "uniform") in ("uniform", "distance")


def _scores(tried: Sequence[Settings], build: Build, coded: Coded) -> list[np.ndarray]:
    model = build(NEIGHBOURS.largest(tried)).fit(coded.fitted, coded.fitted_bad)
    distances, positions = model.kneighbors(coded.held_out)
    bad = coded.fitted_bad[positions]
    scores = []
    for settings in tried:
        nearest = slice(settings["n_neighbors"])
        if _is_tied(distances, settings["n_neighbors"]):
            alone = build(settings).fit(coded.fitted, coded.fitted_bad)
            scores.append(alone.predict_proba(coded.held_out)[:, 1])
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


NEIGHBOURS = Shortcut("n_neighbors", _applies, _scores, others=("weights",))
