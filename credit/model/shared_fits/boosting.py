"""Boosting of different lengths: a shorter one is the first rounds of a longer one."""

from collections.abc import Sequence

import numpy as np

from credit.model.encoded_fold import Coded
from credit.model.shared_fits.shortcut import Build, Settings, Shortcut


def _applies(settings: Settings) -> bool:
    # DART reweighs the trees of earlier rounds, and a linear booster has none to leave out.
    return settings.get("booster") in (None, "gbtree")


def _scores(tried: Sequence[Settings], build: Build, coded: Coded) -> list[np.ndarray]:
    longest = build(BOOSTING.largest(tried)).fit(coded.fitted, coded.fitted_bad)
    return [
        longest.predict_proba(coded.held_out, iteration_range=(0, settings["n_estimators"]))[:, 1] for settings in tried
    ]


BOOSTING = Shortcut("n_estimators", _applies, _scores)
