"""What the tests of models share: a small table of applicants and the plan of its features."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from credit.core.split import applicant_groups
from credit.features.plan import Caps, FeaturePlan, Levels
from credit.model.pipeline import Applicants, ModelSpec
from tests.credit.small_specs import small_spec


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Keep BLAS from sharing out matrices so small that its threads only wait for one another."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def plan() -> FeaturePlan:
    """Give a plan with two columns of every role; `purpose` is coded in text."""
    return FeaturePlan(
        numeric={"duration": Caps(lower=4, upper=60), "amount": Caps(lower=250, upper=9000)},
        nominal={"purpose": Levels(kept=("car", "house", "tv"), rare=("boat",)), "housing": Levels(kept=(1, 2, 3))},
        ordinal={"savings": Levels(kept=(1, 2, 3, 4, 5)), "job": Levels(kept=(1, 2, 3))},
        dropped={"telephone": "constant"},
    )


@pytest.fixture(scope="session")
def draw_applicants() -> Callable[[int, int], Applicants]:
    """Draw applicants of whom about 30 % are bad, more of them where duration is long and savings are low."""

    def draw(n: int, seed: int) -> Applicants:
        generator = np.random.default_rng(seed)
        features = pd.DataFrame(
            {
                "duration": generator.integers(4, 72, n).astype(float),
                "amount": generator.lognormal(8, 0.7, n).round(),
                "purpose": generator.choice(["car", "house", "tv", "boat"], n, p=[0.4, 0.3, 0.25, 0.05]),
                "housing": generator.choice([1.0, 2.0, 3.0], n),
                "savings": generator.integers(1, 6, n).astype(float),
                "job": generator.integers(1, 4, n).astype(float),
                "telephone": 1.0,
            }
        )
        risk = 0.05 * (features["duration"] - 36) - 0.6 * (features["savings"] - 3) + (features["purpose"] == "car")
        latent = risk + generator.logistic(size=n)
        bad = (latent > latent.quantile(0.7)).astype("int64").to_numpy()
        return Applicants(features, bad, applicant_groups(features))

    return draw


@pytest.fixture(scope="session")
def applicants(draw_applicants: Callable[[int, int], Applicants]) -> Applicants:
    """Give 200 applicants, 60 of them bad."""
    return draw_applicants(200, 1)


@pytest.fixture(scope="session")
def spec_of(plan: FeaturePlan) -> Callable[..., ModelSpec]:
    """Give a function that gives a family's small spec, with other settings where they are given."""
    return partial(small_spec, plan=plan)
