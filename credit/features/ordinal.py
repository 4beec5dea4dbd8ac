"""Levels as numbers: their places in the plan's order."""

import numpy as np
from sklearn.preprocessing import OrdinalEncoder

from credit.features.plan import Levels

OTHER = -1  # of a rare level, and of one never seen
MISSING = -2  # of no level, where that is a level of its own


def ordinal_encoder(levels: list[Levels], *, missing: bool = False) -> OrdinalEncoder:
    """Build an encoder of so many columns, by the places of their levels from 0 on.

    Parameters
    ----------
    missing : whether a missing value stays missing; else it counts as a level never seen.
    """
    more = [np.nan] if missing else []
    return OrdinalEncoder(
        categories=[[*column.kept, *more] for column in levels],
        handle_unknown="use_encoded_value",
        unknown_value=OTHER,
    )
