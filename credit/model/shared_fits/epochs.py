"""Networks trained for different numbers of epochs: a shorter training is the beginning of a longer one."""

from collections.abc import Collection, Sequence
from copy import copy
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from credit.model.encoded_fold import Coded
from credit.model.shared_fits.shortcut import Build, Settings, Shortcut


class _Watched(MLPClassifier):
    """A network that is also kept as it was after some of the epochs."""

    def watch(self, epochs: Collection[int]) -> "_Watched":
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


def _applies(settings: Settings) -> bool:
    # L-BFGS has no epochs, and early stopping goes back to the best of all.
    return settings.get("solver", "adam") in ("adam", "sgd") and not settings.get("early_stopping")


def _scores(tried: Sequence[Settings], build: Build, coded: Coded) -> list[np.ndarray]:
    longest = build(EPOCHS.largest(tried)).get_params()
    network = _Watched(**longest).watch({settings["max_iter"] for settings in tried})
    network.fit(coded.fitted, coded.fitted_bad)
    # A training that ended of itself is all that a longer one would have been.
    networks = [network.after_.get(settings["max_iter"], network) for settings in tried]
    return [network.predict_proba(coded.held_out)[:, 1] for network in networks]


EPOCHS = Shortcut("max_iter", _applies, _scores)
