"""The scale of a score: how many points stand for which odds, and what a number of points means."""

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.special import expit, logit

from credit.core.intervals import wilson
from credit.core.records import Record
from credit.core.wording import number_text

APPROVE, REJECT = "approve", "reject"
MOST_EDGES = 10  # of bands, but for the cutoff
TAIL = 0.025  # of the applicants, below the first and above the last inner edge


class Scale(Record):
    """So many points stand for such odds of good to bad, and each further `points_to_double` double the odds.

    (Siddiqi 2006, "Credit Risk Scorecards", ch. 6.)
    """

    points: Annotated[float, Field(strict=True)]
    odds: Annotated[float, Field(gt=0, strict=True)]
    points_to_double: Annotated[float, Field(gt=0, strict=True)]

    @property
    def factor(self) -> float:
        """Points by which ln(odds) is multiplied."""
        return self.points_to_double / float(np.log(2))

    @property
    def offset(self) -> float:
        """Points at odds of 1 to 1."""
        return self.points - self.factor * float(np.log(self.odds))

    def score(self, pds: np.ndarray) -> np.ndarray:
        """Give the exact score of PDs: offset + factor ln((1 - PD) / PD); infinite at 0 and 1."""
        return self.offset - self.factor * logit(pds)

    def pd_at(self, score: np.ndarray) -> np.ndarray:
        """Give the PD of a score: 1 / (1 + odds)."""
        return expit((self.offset - np.asarray(score)) / self.factor)

    def lowest_approved(self, cutoff: float) -> float:
        """Give the lowest whole score whose PD is below a cutoff; infinite if there is none, -infinite if all are."""
        return float(np.floor(self.score(np.clip(cutoff, 0.0, 1.0)))) + 1


def bands_of_points(bad: np.ndarray, pds: np.ndarray, scale: Scale, cutoff: float) -> pd.DataFrame:
    """Say what whole scores mean: their PDs, the decision, and how many applicants have them and are bad.

    Parameters
    ----------
    bad, pds : 1 = bad, and the out-of-fold probability of it; of shape (applicants,).
    cutoff : PD at or above which an applicant is rejected; no band holds both decisions.

    Returns
    -------
    A row a band, from the lowest: order, band (in words), start and end (whole scores, both in it; NaN where it is
    open), pd_highest (at its start) and pd_lowest (at its end), decision, n, bad, bad_rate and its 95 % Wilson
    interval low to high, NaN where there is nobody.
    """
    scores, lowest = np.round(scale.score(pds)), scale.lowest_approved(cutoff)
    edges = _edges(scores, scale, lowest)
    starts, ends = np.array([-np.inf, *edges]), np.array([*(edges - 1), np.inf])
    band = np.searchsorted(edges, scores, side="right")
    n, bads = np.bincount(band, minlength=len(starts)), np.bincount(band, bad, len(starts)).astype(int)
    share = np.divide(bads, n, out=np.full(len(n), np.nan), where=n > 0)
    low, high = wilson(share * n, np.where(n > 0, n, np.nan))
    return pd.DataFrame(
        {
            "order": range(len(starts)),
            "band": [_in_words(start, end) for start, end in zip(starts, ends, strict=True)],
            "start": np.where(np.isfinite(starts), starts, np.nan),
            "end": np.where(np.isfinite(ends), ends, np.nan),
            "pd_highest": scale.pd_at(starts),
            "pd_lowest": scale.pd_at(ends),
            "decision": np.where(starts >= lowest, APPROVE, REJECT),
            "n": n,
            "bad": bads,
            "bad_rate": share,
            "low": low,
            "high": high,
        }
    )


def _edges(scores: np.ndarray, scale: Scale, lowest: float) -> np.ndarray:
    """Choose whole scores at which bands begin: round ones, a doubling of the odds apart or more, and the cutoff."""
    first, last = np.quantile(scores[np.isfinite(scores)], [TAIL, 1 - TAIL])
    step = max(1, round(scale.points_to_double))
    while (last - first) / step >= MOST_EDGES:
        step *= 2
    edges = np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step
    if not np.isfinite(lowest):
        return edges
    return np.unique([*edges[np.abs(edges - lowest) >= step / 2], lowest])


def _in_words(start: float, end: float) -> str:
    if not np.isfinite(start):
        return f"up to {number_text(end)}" if np.isfinite(end) else "any score"
    return f"{number_text(start)} to {number_text(end)}" if np.isfinite(end) else f"{number_text(start)} or more"
