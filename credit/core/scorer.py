"""From applicants to a saved model's PDs, whatever other columns stand beside those it knows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Score = Callable[[pd.DataFrame], np.ndarray]


def scorer(model: Any) -> Score:
    """Give the function from applicants, a row each, to their PDs, shape (applicants,)."""
    features = list(model.feature_names_in_)
    return lambda applicants: model.predict_proba(applicants[features])[:, 1]
