"""The curves by which a score is judged, as tables; 1 = bad, and the bads are to be found.

`bad` is 1 for bad and 0 for good and `pd` the probability of it, both of shape (applicants,).
"""

import numpy as np
import pandas as pd

from credit.core.intervals import wilson
from credit.metrics.decision import Cost, cost_by_cutoff
from credit.metrics.metrics import rejection_rates


def roc(bad: np.ndarray, pds: np.ndarray) -> pd.DataFrame:
    """ROC curve: fpr (goods rejected) and tpr (bads rejected), with their order, a row a distinct PD."""
    tpr, fpr = rejection_rates(bad, pds)
    return pd.DataFrame({"order": np.arange(len(fpr)), "fpr": fpr, "tpr": tpr})


def roc_on_grid(bad: np.ndarray, pds: np.ndarray, points: int = 101) -> pd.DataFrame:
    """ROC curve at evenly spaced false positive rates, straight between the observed points."""
    tpr, fpr = rejection_rates(bad, pds)
    grid = np.linspace(0, 1, points)
    # Where the curve rises straight up, its upper end is the value at that rate, but for the start; rounded, for
    # equal rates that were computed differently must meet.
    heights = np.interp(grid.round(12), fpr.round(12), tpr)
    heights[0] = 0.0
    return pd.DataFrame({"order": np.arange(points), "fpr": grid, "tpr": heights})


def precision_recall(bad: np.ndarray, pds: np.ndarray) -> pd.DataFrame:
    """Precision (bads among the rejected) by recall (bads rejected), a row a distinct PD, the highest first."""
    tpr, fpr = rejection_rates(bad, pds)
    hits, false_alarms = tpr[1:] * bad.sum(), fpr[1:] * (1 - bad).sum()
    return pd.DataFrame({"order": np.arange(len(hits)), "recall": tpr[1:], "precision": hits / (hits + false_alarms)})


def equal_bins(pds: np.ndarray, bins: int) -> np.ndarray:
    """Number the bins of about equal numbers of applicants, from 0 for the lowest PDs; ties never straddle bins."""
    return pd.qcut(pds, bins, labels=False, duplicates="drop") if np.ptp(pds) else np.zeros(len(pds), dtype=int)


def calibration(bad: np.ndarray, pds: np.ndarray, bins: int = 10) -> pd.DataFrame:
    """Observed bad rate by predicted PD, in bins of about equal numbers of applicants.

    Returns
    -------
    order, n, predicted (mean PD), observed (bad rate), low, high (its 95 % Wilson interval); ties never
    straddle bins, so there may be fewer than `bins`.
    """
    parts = pd.DataFrame({"bin": equal_bins(pds, bins), "bad": bad, "pd": pds}).groupby("bin")
    table = parts.agg(n=("bad", "size"), predicted=("pd", "mean"), observed=("bad", "mean")).reset_index()
    low, high = wilson(parts["bad"].sum().to_numpy(), table["n"].to_numpy())
    return table.rename(columns={"bin": "order"}).assign(low=low, high=high)


def gain(bad: np.ndarray, pds: np.ndarray) -> pd.DataFrame:
    """Gain and lift: share of the bads among the riskiest share of the applicants, a row a distinct PD.

    Returns
    -------
    order, applicants (share, above 0 and up to 1), bads (share), lift (their ratio: 1 is no better than chance).
    """
    tpr, fpr = rejection_rates(bad, pds)
    rejected = tpr * bad.mean() + fpr * (1 - bad.mean())
    lift = np.divide(tpr, rejected, out=np.full_like(tpr, np.nan), where=rejected > 0)
    return pd.DataFrame({"order": np.arange(len(tpr)), "applicants": rejected, "bads": tpr, "lift": lift})[1:]


def cost(bad: np.ndarray, pds: np.ndarray, costs: Cost) -> pd.DataFrame:
    """Expected cost per applicant, and the share approved, by cutoff; a row a cutoff that decides differently."""
    cutoffs, expected = cost_by_cutoff(bad, pds, costs)
    approved = np.searchsorted(np.sort(pds), cutoffs, side="left") / len(pds)
    order = np.arange(len(cutoffs))
    return pd.DataFrame({"order": order, "cutoff": np.minimum(cutoffs, 1.0), "cost": expected, "approved": approved})
