"""From PDs to decisions: what wrong ones cost, and the cutoff at which they cost least."""

from typing import Annotated

import numpy as np
from pydantic import Field

from credit.checked import Record


class Cost(Record):
    """What a wrong decision costs, per applicant; a right one costs nothing."""

    accept_bad: Annotated[float, Field(gt=0)]
    reject_good: Annotated[float, Field(gt=0)]

    @property
    def neutral_cutoff(self) -> float:
        """The PD at which accepting and rejecting cost the same, if PDs are calibrated. (Elkan 2001.)"""
        return self.reject_good / (self.accept_bad + self.reject_good)


class Decision(Record):
    """The `decision` section of the params."""

    cost: Cost


def expected_cost(bad: np.ndarray, pd: np.ndarray, cutoff: float, cost: Cost) -> float:
    """Mean cost per applicant when those with a PD at or above `cutoff` are rejected.

    Parameters
    ----------
    bad : 1 for bad and 0 for good, shape (applicants,).
    pd : probability of being bad, in [0, 1], shape (applicants,).
    """
    rejected = pd >= cutoff
    wrongly_accepted = np.mean(~rejected & (bad == 1))
    wrongly_rejected = np.mean(rejected & (bad == 0))
    return float(cost.accept_bad * wrongly_accepted + cost.reject_good * wrongly_rejected)


def cost_by_cutoff(bad: np.ndarray, pd: np.ndarray, cost: Cost) -> tuple[np.ndarray, np.ndarray]:
    """Expected cost at every cutoff that decides differently.

    Returns
    -------
    Cutoffs in rising order, halfway between neighbouring distinct PDs, from 0 (reject everyone) to just
    above the largest (accept everyone), and the mean cost per applicant at each; both (distinct PDs + 1,).
    """
    distinct, inverse = np.unique(pd, return_inverse=True)
    bads = np.bincount(inverse, weights=bad == 1)
    goods = np.bincount(inverse, weights=bad == 0)
    accepted_bads = np.append(0, np.cumsum(bads))
    rejected_goods = goods.sum() - np.append(0, np.cumsum(goods))
    halfway = (distinct[:-1] + distinct[1:]) / 2
    # Between neighbouring floats there is no halfway: the upper of the two separates them as well.
    halfway = np.where(halfway > distinct[:-1], halfway, distinct[1:])
    cutoffs = np.concatenate([[0.0], halfway, [np.nextafter(distinct[-1], np.inf)]])
    return cutoffs, (cost.accept_bad * accepted_bads + cost.reject_good * rejected_goods) / len(pd)


def best_cutoff(bad: np.ndarray, pd: np.ndarray, cost: Cost) -> float:
    """Find the cutoff of least expected cost; among equal ones, that nearest to the neutral cutoff.

    Give it out-of-fold PDs: on the PDs of the rows a model was fitted to, or on test rows, it is optimistic.
    """
    cutoffs, costs = cost_by_cutoff(bad, pd, cost)
    equal = np.flatnonzero(np.isclose(costs, costs.min(), rtol=0, atol=1e-12))
    nearest = equal[np.argmin(np.abs(cutoffs[equal] - cost.neutral_cutoff))]
    return float(cutoffs[nearest])
