"""Whether PDs can be taken at their word: calibration in the large, and recalibration on log-odds.

Everywhere `bad` is 1 for bad and 0 for good, shape (applicants,), and `pds` are their PDs, one row a repeat of the
cross-validation (one row where there is none), shape (repeats, applicants). An applicant's repeats are no new evidence:
estimates are means over the repeats, and their standard errors those of as many applicants (sandwich estimator by
applicant; Liang and Zeger 1986). They allow for other applicants to judge by, not for a model fitted anew.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from credit.core.intervals import LEVEL, UNKNOWN, Estimate, wald

MOST_STEPS = 50
CLOSE_ENOUGH = 1e-9


class Recalibration(NamedTuple):
    """The curve log-odds(bad) = intercept + slope * log-odds(PD), with the covariance of the two, shape (2, 2)."""

    intercept: float
    slope: float
    covariance: np.ndarray


def calibration_in_the_large(bad: np.ndarray, pds: np.ndarray) -> Estimate:
    """Mean PD minus bad rate: 0 if PDs are right on the whole, positive if they are too high."""
    excess = pds.mean(axis=0) - bad
    return wald(float(np.mean(excess)), float(np.std(excess, ddof=1) / np.sqrt(len(bad))))


def expected_share(bad: np.ndarray, pds: np.ndarray) -> Estimate:
    """Give the bads over those that the PDs let expect: 1 if PDs are right on the whole, below if they are too high.

    The ends are the shares θ that bads of that number allow: (O - θE)² = z² θ V, O of them, E expected, V = Σ p(1 - p)
    the variance of their number if PDs are right. So none at all has an upper end too. (As Wilson's for proportions.)
    """
    mean = pds.mean(axis=0)
    observed, expected = float(np.sum(bad)), float(np.sum(mean))
    spread = float(ndtri((1 + LEVEL) / 2)) ** 2 * float(np.sum(mean * (1 - mean)))
    centre = 2 * observed * expected + spread
    reach = float(np.sqrt(centre**2 - 4 * (observed * expected) ** 2))
    low, high = ((centre + sign * reach) / (2 * expected**2) for sign in (-1, 1))
    return Estimate(observed / expected, np.nan, low, high)


def recalibration(bad: np.ndarray, pds: np.ndarray) -> Recalibration:
    """Fit the logistic curve that turns PDs into the bad rates that were observed.

    The intercept is 0 and the slope 1 if PDs are calibrated; a slope below 1 says that they are too extreme, one above
    that they are too near to the bad rate. All NaN where in a repeat no curve is the best one: PDs are all equal, or
    part the bads from the goods wholly. (Cox 1958; Van Calster et al. 2019; Albert and Anderson 1984.)
    """
    if not all(_overlap(bad, row) for row in _log_odds(pds)):
        return Recalibration(np.nan, np.nan, np.full((2, 2), np.nan))
    fits = [_fit(np.column_stack([np.ones(len(bad)), row]), np.zeros(len(bad)), bad) for row in _log_odds(pds)]
    (intercept, slope), covariance = _averaged(fits)
    return Recalibration(float(intercept), float(slope), covariance)


def recalibration_intercept(bad: np.ndarray, pds: np.ndarray) -> Estimate:
    """Shift of the log-odds that makes PDs right on the whole: the intercept if the slope is held at 1.

    0 if they are, positive if they are too low. NaN where all applicants are of one kind. (Van Calster et al. 2019.)
    """
    if np.ptp(bad) == 0:
        return UNKNOWN
    (intercept,), covariance = _averaged([_fit(np.ones((len(bad), 1)), row, bad) for row in _log_odds(pds)])
    return wald(float(intercept), float(np.sqrt(covariance[0, 0])))


def calibration_slope(bad: np.ndarray, pds: np.ndarray) -> Estimate:
    """Slope of the recalibration curve: 1 if PDs are calibrated, below if too extreme; NaN if there is none."""
    fit = recalibration(bad, pds)
    return wald(fit.slope, float(np.sqrt(fit.covariance[1, 1])))


def measures(bad: np.ndarray, pds: np.ndarray) -> pd.DataFrame:
    """Three measures of calibration with 95 % intervals.

    Returns
    -------
    measure (mean PD minus bad rate; intercept, slope held at 1; slope), target (the value if PDs are calibrated),
    mean, se, low, high, n, bad.
    """
    estimates = {
        "mean PD minus bad rate": (0, calibration_in_the_large(bad, pds)),
        "intercept, slope held at 1": (0, recalibration_intercept(bad, pds)),
        "slope": (1, calibration_slope(bad, pds)),
    }
    rows = [{"measure": name, "target": target, **value._asdict()} for name, (target, value) in estimates.items()]
    return pd.DataFrame(rows).assign(n=len(bad), bad=int(bad.sum()))


def reliability_curve(bad: np.ndarray, pds: np.ndarray, points: int = 101) -> pd.DataFrame:
    """Recalibrated bad rate by PD with its pointwise 95 % band, between the lowest and the highest PD.

    Returns
    -------
    order, predicted (PD), observed (bad rate on the curve of `recalibration`), low, high; NaN where there is no curve.
    """
    fit = recalibration(bad, pds)
    predicted = np.linspace(pds.min(), pds.max(), points)
    at = _log_odds(predicted, len(bad))
    terms = np.column_stack([np.ones(points), at])
    reach = ndtri((1 + LEVEL) / 2) * np.sqrt(np.einsum("ij,jk,ik->i", terms, fit.covariance, terms))
    centre = fit.intercept + fit.slope * at
    curve = {"observed": expit(centre), "low": expit(centre - reach), "high": expit(centre + reach)}
    return pd.DataFrame({"order": np.arange(points), "predicted": predicted, **curve})


def _log_odds(pds: np.ndarray, applicants: int | None = None) -> np.ndarray:
    """Give the log-odds of PDs; so many applicants cannot tell one nearer to 0 or 1 than half of them from that."""
    nearest = 0.5 / (applicants or pds.shape[-1])
    return logit(np.clip(pds, nearest, 1 - nearest))


def _overlap(bad: np.ndarray, pds: np.ndarray) -> bool:
    """Whether some good has a higher PD than some bad, and some bad than some good."""
    if np.ptp(bad) == 0:
        return False
    bads, goods = pds[bad == 1], pds[bad == 0]
    return bool(bads.min() < goods.max() and goods.min() < bads.max())


def _fit(terms: np.ndarray, offset: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression by Newton's method, halving a step that leads down.

    Returns the coefficients, and the influence of each applicant on them, shape (applicants, terms).
    """

    def log_likelihood(coefficients: np.ndarray) -> float:
        score = offset + terms @ coefficients
        return float(np.sum(bad * score - np.logaddexp(0, score)))

    coefficients = np.zeros(terms.shape[1])
    for _ in range(MOST_STEPS):
        chance = expit(offset + terms @ coefficients)
        information = (terms * (chance * (1 - chance))[:, None]).T @ terms
        step = np.linalg.solve(information, terms.T @ (bad - chance))
        while log_likelihood(coefficients + step) < log_likelihood(coefficients) - CLOSE_ENOUGH:
            step /= 2
        coefficients = coefficients + step
        if np.max(np.abs(step)) < CLOSE_ENOUGH:
            break
    return coefficients, (terms * (bad - chance)[:, None]) @ np.linalg.inv(information)


def _averaged(fits: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Average fits to the same applicants; the covariance is that of the averaged influences."""
    influence = np.mean([of_applicants for _, of_applicants in fits], axis=0)
    return np.mean([coefficients for coefficients, _ in fits], axis=0), influence.T @ influence
