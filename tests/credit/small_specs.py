"""Small specs of every family that is searched: every kind of encoding, with and without resampling."""

import numpy as np
import pandas as pd

from credit.features.plan import FeaturePlan
from credit.model.pipeline import Calibration, ModelSpec
from credit.model.settings import Candidate, expand

SETTINGS = {
    "lr": {"encoding": "one_hot", "resampler": "smote", "C": 0.3},
    "rf": {"encoding": "ordinal", "resampler": "none", "n_estimators": 10, "min_samples_leaf": 5},
    # Early stopping would judge by the accuracy on a tenth of these few rows, and learn next to nothing.
    "mlp": {
        "encoding": "binary",
        "resampler": "none",
        "hidden_layer_sizes": [4],
        "early_stopping": False,
        "learning_rate_init": 0.1,
        "tol": 0.001,
    },
    "svc": {"encoding": "one_hot", "resampler": "none", "C": 1.0},
    "dt": {"encoding": "count", "resampler": "near_miss", "max_depth": 3},
    "xgb": {"encoding": "binary", "resampler": "smote_tomek", "n_estimators": 10, "max_depth": 2},
    "knn": {"encoding": "ordinal", "resampler": "smote", "n_neighbors": 15},
    "scorecard": {"encoding": "woe", "resampler": "none", "C": 0.5},
}
PLATT = Calibration(method="sigmoid", folds=3)


def candidate(encoding: str = "ordinal", resampler: str = "none", **hyperparameters: object) -> Candidate:
    """Give a candidate."""
    return Candidate(encoding, resampler, hyperparameters)


def candidates(settings: dict[str, object]) -> list[Candidate]:
    """Give every combination of settings."""
    return [candidate(**combination) for combination in expand(settings)]


def small_spec(family: str, plan: FeaturePlan, **changes: object) -> ModelSpec:
    """Give a family's spec, with other settings where they are given."""
    return ModelSpec(family, candidate(**{**SETTINGS[family], **changes}), plan, PLATT, 11)


def pds_of(model: object, features: pd.DataFrame) -> np.ndarray:
    """Give the PDs by a model."""
    return model.predict_proba(features)[:, 1]
