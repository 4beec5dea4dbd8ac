"""From PDs to decisions: what wrong ones cost, and the cutoff at which they cost least."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from credit.core.errors import InputError
from credit.core.records import Record

STANDARD_ERRORS = 1.96  # that a cutoff must save to be taken instead of the break-even one


class Cost(Record):
    """What a wrong decision costs, per applicant; a right one costs nothing."""

    accept_bad: Annotated[float, Field(gt=0, strict=True)]
    reject_good: Annotated[float, Field(gt=0, strict=True)]

    @property
    def break_even_cutoff(self) -> float:
        """The PD at which accepting and rejecting cost the same, if PDs are calibrated. (Elkan 2001.)"""
        return self.reject_good / (self.accept_bad + self.reject_good)


class Decision(Record):
    """The `decision` section of the params: what wrong decisions cost, and by what the cutoff is chosen."""

    cost: Cost
    cutoff: Literal["cost", "youden"] = "cost"


def expected_cost(bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost) -> float:
    """Mean cost per applicant when those with a PD at or above `cutoff` are rejected.

    Parameters
    ----------
    bad : 1 for bad and 0 for good, shape (applicants,).
    pds : probability of being bad, in [0, 1], shape (applicants,).
    """
    return float(np.mean(_costs(bad, pds, cutoff, cost)))


def cost_by_cutoff(bad: np.ndarray, pds: np.ndarray, cost: Cost) -> tuple[np.ndarray, np.ndarray]:
    """Expected cost at every cutoff that decides differently.

    Returns
    -------
    Cutoffs in rising order, halfway between neighbouring distinct PDs, from 0 (reject everyone) to just
    above the largest (accept everyone), and the mean cost per applicant at each; both (distinct PDs + 1,).
    """
    distinct, inverse = np.unique(pds, return_inverse=True)
    bads = np.bincount(inverse, weights=bad == 1)
    goods = np.bincount(inverse, weights=bad == 0)
    accepted_bads = np.append(0, np.cumsum(bads))
    rejected_goods = goods.sum() - np.append(0, np.cumsum(goods))
    halfway = (distinct[:-1] + distinct[1:]) / 2
    # Between neighbouring floats there is no halfway: the upper of the two separates them as well.
    halfway = np.where(halfway > distinct[:-1], halfway, distinct[1:])
    cutoffs = np.concatenate([[0.0], halfway, [np.nextafter(distinct[-1], np.inf)]])
    return cutoffs, (cost.accept_bad * accepted_bads + cost.reject_good * rejected_goods) / len(pds)


def best_cutoff(bad: np.ndarray, pds: np.ndarray, cost: Cost) -> float:
    """Find the cutoff of least expected cost; among equal ones, that nearest to the break-even cutoff.

    Give it out-of-fold PDs: on the PDs of the rows a model was fitted to, or on test rows, it is optimistic.
    """
    cutoffs, costs = cost_by_cutoff(bad, pds, cost)
    equal = np.flatnonzero(np.isclose(costs, costs.min(), rtol=0, atol=1e-12))
    nearest = equal[np.argmin(np.abs(cutoffs[equal] - cost.break_even_cutoff))]
    return float(cutoffs[nearest])


def stable_cutoff(oof: pd.DataFrame, cost: Cost) -> float:
    """Choose the break-even cutoff unless that of least cost is cheaper by more than 1.96 standard errors.

    The cutoff of least cost follows the noise of a small sample; if PDs are calibrated, the break-even one is right.
    Standard errors are those of the applicants' paired differences in cost, averaged over the repeats. What is saved
    is judged by the PDs that the cutoff was chosen by, so it looks larger than it is: of 800 applicants with
    calibrated PDs, the break-even cutoff is left in one sample of five (with one standard error, in seven of ten).

    Parameters
    ----------
    oof : out-of-fold PDs, columns line, bad, pd; an applicant stands there once a repeat.
    """
    bad, pds = oof["bad"].to_numpy(), oof["pd"].to_numpy()
    cheapest, break_even = best_cutoff(bad, pds, cost), cost.break_even_cutoff
    saved = _costs(bad, pds, break_even, cost) - _costs(bad, pds, cheapest, cost)
    by_applicant = pd.Series(saved).groupby(oof["line"].to_numpy()).mean()
    standard_error = by_applicant.std() / np.sqrt(len(by_applicant))
    return cheapest if by_applicant.mean() > STANDARD_ERRORS * standard_error else break_even


def youden_cutoff(bad: np.ndarray, pds: np.ndarray) -> float:
    """Find the cutoff of the largest TPR - FPR (Youden's J; the point of KS); of equal ones, that nearest the bad rate.

    J weighs all bads as much as all goods: it is largest where cost is least if a bad one costs the share of the goods
    and a good one that of the bads. (Youden 1950; Perkins and Schisterman 2006.)

    Raises
    ------
    InputError
        All applicants are of one kind.
    """
    bad_rate = float(np.mean(bad == 1))
    if bad_rate in {0, 1}:
        kind = "bad" if bad_rate else "good"
        raise InputError(f"a cutoff by Youden's J: expected good and bad applicants, got {len(bad)}, all {kind}")
    return best_cutoff(bad, pds, Cost(accept_bad=1 - bad_rate, reject_good=bad_rate))


def choose_cutoff(oof: pd.DataFrame, decision: Decision) -> float:
    """Choose a cutoff by what the params say: by `stable_cutoff` for cost, by `youden_cutoff` for Youden's J.

    Parameters
    ----------
    oof : out-of-fold PDs, columns line, bad, pd; an applicant stands there once a repeat.
    """
    if decision.cutoff == "youden":
        return youden_cutoff(oof["bad"].to_numpy(), oof["pd"].to_numpy())
    return stable_cutoff(oof, decision.cost)


def _costs(bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost) -> np.ndarray:
    rejected = pds >= cutoff
    return np.where(rejected, cost.reject_good * (bad == 0), cost.accept_bad * (bad == 1))


def cross_fitted_cutoffs(oof: pd.DataFrame, decision: Decision) -> pd.Series:
    """Choose a cutoff for each fold from the PDs of all applicants but those held out in it.

    Judged at the cutoff that was chosen on their own PDs, applicants look cheaper than new ones will be.

    Parameters
    ----------
    oof : out-of-fold PDs, columns fold, line, bad, pd; an applicant stands there once a repeat.

    Returns
    -------
    The cutoffs, by fold.
    """
    cutoffs = {}
    for fold, rows in oof.groupby("fold"):
        others = oof[~oof["line"].isin(rows["line"])]
        cutoffs[fold] = choose_cutoff(others, decision)
    return pd.Series(cutoffs)
