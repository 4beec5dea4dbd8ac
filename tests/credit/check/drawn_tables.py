"""Tables of applicants with their true PDs, drawn, and the faults that are put into them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

FEATURES = ["income", "debts", "age"]
SLOPES = {"income": -0.6, "debts": 0.9}  # of the log-odds
OFTEN, SELDOM = -1.7, -4.0  # about a fifth of the applicants is bad, or one in 40


class Drawn(NamedTuple):
    """A table that is split: features, outcomes, the model's PDs, and PDs that its models give those fitted to.

    `rival` are another model's PDs; `fall` is how much lower the model's log-odds are for the largest debts.
    """

    features: pd.DataFrame
    bad: np.ndarray
    pds: np.ndarray
    in_sample: np.ndarray
    in_test: np.ndarray
    rival: np.ndarray
    fall: float = 0.0


def draw(n: int, generator: np.random.Generator, base: float = OFTEN) -> Drawn:
    """Draw applicants, a fifth of them for testing; what is fitted to looks a little better.

    Parameters
    ----------
    base : log-odds of the average applicant to be bad.
    """
    features = pd.DataFrame(generator.normal(size=(n, 3)), columns=FEATURES)
    features["area"] = generator.zipf(1.5, n) % 300  # names, of which most are rare
    features.loc[generator.random(n) < 0.1, "age"] = np.nan
    log_odds = base + sum(slope * features[name] for name, slope in SLOPES.items())
    pds = expit(log_odds).to_numpy()
    bad = (generator.random(n) < pds).astype(int)
    in_sample = expit(log_odds + 0.3 * (bad - 0.2)).to_numpy()
    noise = generator.spawn(1)[0].normal(0, 0.3, n)
    return Drawn(features, bad, pds, in_sample, generator.random(n) < 0.2, expit(log_odds + noise).to_numpy())


def leaked(drawn: Drawn, generator: np.random.Generator) -> Drawn:
    days_late = np.where(drawn.bad == 1, generator.gamma(3, 30, len(drawn.bad)), generator.random(len(drawn.bad)))
    return drawn._replace(features=drawn.features.assign(days_late=days_late))


def charged_off(drawn: Drawn, generator: np.random.Generator) -> Drawn:
    known = (drawn.bad == 1) & (generator.random(len(drawn.bad)) < 0.3)
    return drawn._replace(features=drawn.features.assign(charged_off=np.where(known, 100.0, 0.0)))


def drifted(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(features=drawn.features.assign(income=drawn.features["income"] + 0.7 * drawn.in_test))


def too_low(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(pds=drawn.pds / 1.2)


def too_high(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(pds=drawn.pds * 1.2)


def moved_score(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(pds=np.where(drawn.in_test, drawn.pds**0.6, drawn.pds))


def held_back(drawn: Drawn, generator: np.random.Generator) -> Drawn:
    """Let half of the young who would be approved be rejected."""
    rejected = (drawn.features["age"] < 0) & (generator.random(len(drawn.bad)) < 0.5)
    return drawn._replace(pds=np.where(rejected, 0.9, drawn.pds))


def learnt_by_heart(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(in_sample=np.where(drawn.bad == 1, 0.9, drawn.in_sample))


def on_both_sides(drawn: Drawn, _: np.random.Generator) -> Drawn:
    features = drawn.features.copy()
    features.loc[np.flatnonzero(drawn.in_test)[0]] = features.loc[np.flatnonzero(~drawn.in_test)[0]]
    return drawn._replace(features=features)


def upside_down(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(pds=np.sort(drawn.pds)[::-1][np.argsort(np.argsort(drawn.pds))])


def worse_tomorrow(drawn: Drawn, generator: np.random.Generator) -> Drawn:
    shuffled = drawn.pds.copy()
    test = np.flatnonzero(drawn.in_test)
    mixed = test[: len(test) // 2]
    shuffled[mixed] = generator.permutation(shuffled[mixed])
    return drawn._replace(pds=shuffled)


def worse_than_another(drawn: Drawn, generator: np.random.Generator) -> Drawn:
    mixed = generator.random(len(drawn.bad)) < 0.4
    return drawn._replace(pds=np.where(mixed, generator.permutation(drawn.pds), drawn.pds))


def safer_with_large_debts(drawn: Drawn, _: np.random.Generator) -> Drawn:
    return drawn._replace(fall=1.5)
