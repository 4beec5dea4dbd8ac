"""A shortcut scores candidates together, bit for bit as if each were fitted for itself; and which share one."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from credit.model.encoded_fold import Coded

Settings = Mapping[str, Any]  # of an estimator
Build = Callable[[Settings], Any]  # makes an unfitted estimator of settings


class Shortcut(NamedTuple):
    """How candidates of a family that differ in its size, and perhaps little more, are scored together.

    Attributes
    ----------
    size : the setting of which the largest value does the work of all.
    applies : whether settings allow it; if not, their candidate is fitted for itself.
    scores : gives the scores of the held-out rows for each of the settings, higher for bad, shape (held out,).
    others : further settings in which the candidates may differ.
    """

    size: str
    applies: Callable[[Settings], bool]
    scores: Callable[[Sequence[Settings], Build, Coded], list[np.ndarray]]
    others: tuple[str, ...] = ()

    def key(self, settings: Settings) -> Hashable | None:
        """Give what the settings have in common with those they can be scored together with; None if there is none."""
        size = settings.get(self.size)
        # Anything but a count is for the library to refuse, and True is none.
        if type(size) is not int or size < 1 or not self.applies(settings):
            return None
        return repr(sorted((name, value) for name, value in settings.items() if name not in (self.size, *self.others)))

    def largest(self, tried: Sequence[Settings]) -> Settings:
        """Pick the settings of the largest size."""
        return max(tried, key=lambda settings: settings[self.size])
