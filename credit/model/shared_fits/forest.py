"""Forests of different sizes: a seeded forest begins with the trees of a smaller one."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from credit.model.encoded_fold import Coded
from credit.model.shared_fits.shortcut import Build, Settings, Shortcut


def _scores(tried: Sequence[Settings], build: Build, coded: Coded) -> list[np.ndarray]:
    # scikit-learn draws the seeds of the trees one after the other, so the first ones do not depend on how many follow.
    forest = build(FOREST.largest(tried)).fit(coded.fitted, coded.fitted_bad)
    return [_first(forest, settings["n_estimators"]).predict_proba(coded.held_out)[:, 1] for settings in tried]


def _first(forest: Any, trees: int) -> Any:
    smaller = copy(forest).set_params(n_estimators=trees)
    smaller.estimators_ = forest.estimators_[:trees]
    return smaller


FOREST = Shortcut("n_estimators", lambda _: True, _scores)
