"""Tiny fitted models of two families, one that skops can write and one that it cannot, and their folds."""

import io
from functools import cache

import joblib
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from credit.features.plan import Caps, FeaturePlan, Levels
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model
from tests.credit.small_specs import candidate

PLAN = FeaturePlan(
    numeric={"duration": Caps(lower=4, upper=60)},
    nominal={"purpose": Levels(kept=("car", "house", "tv"), rare=("boat",))},
    ordinal={"savings": Levels(kept=(1, 2, 3))},
    dropped={},
)
# BinaryEncoder, of category_encoders, keeps pandas objects, which skops cannot write.
CODINGS = {"lr": "one_hot", "dt": "binary"}
SETTINGS = {"lr": "C", "dt": "max_depth"}
FOLDS, REPEATS, ROWS = 5, 2, 60


@cache
def applicants(n: int = 90) -> Applicants:
    """Draw applicants, as `prepare` leaves them: decimal numbers, and text for what is coded in text."""
    generator = np.random.default_rng(4)
    features = pd.DataFrame(
        {
            "duration": generator.integers(4, 72, n).astype(float),
            "purpose": generator.choice(["car", "house", "tv", "boat"], n),
            "savings": generator.integers(1, 4, n).astype(float),
        }
    )
    latent = 0.06 * features["duration"] - features["savings"] + generator.logistic(size=n)
    bad = (latent > latent.quantile(0.7)).astype("int64").to_numpy()
    return Applicants(features, bad, np.arange(n))


def spec_of(family: str, plan: FeaturePlan = PLAN, calibration: str = "sigmoid", **settings: object) -> ModelSpec:
    """Give a family's spec."""
    return ModelSpec(family, candidate(**settings), plan, Calibration(method=calibration, folds=2), 7)


def fit(family: str, **given: object):
    """Fit a family's model, by what `spec_of` takes."""
    with threadpool_limits(1):
        return fit_pd_model(spec_of(family, **given), applicants(), cutoff=0.2)


@cache
def saved(family: str, value: float) -> bytes:
    """Fit and save a family's model with its one setting."""
    buffer = io.BytesIO()
    joblib.dump(fit(family, encoding=CODINGS[family], **{SETTINGS[family]: value}), buffer)
    return buffer.getvalue()


@cache
def held_out_table() -> bytes:
    """Save a table like data/processed/test.parquet."""
    _, bad, _ = applicants()
    buffer = io.BytesIO()
    applicants().features.assign(line=np.arange(len(bad)), bad=bad).head(20).to_parquet(buffer)
    return buffer.getvalue()


def folds_of(family: str, lead: float, seed: int) -> pd.DataFrame:
    """Draw a family's metrics of each fold; of equal seeds they are equal."""
    generator = np.random.default_rng([seed, len(family), ord(family[0])])
    better = lead if family == "lr" else 0.0
    folds = FOLDS * REPEATS
    return pd.DataFrame(
        {
            "auc": 0.7 + better + generator.normal(0, 0.02, folds),
            "brier": 0.2 - better / 5 + generator.normal(0, 0.01, folds),
            "cost": 0.6 - better + generator.normal(0, 0.03, folds),
        }
    ).round(6)
