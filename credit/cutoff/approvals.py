"""What a cutoff does to a population: how many it approves, how many of these are bad, what that costs; score bands.

Everywhere `bad` is 1 for bad and 0 for good, shape (applicants,), and `pds` are their PDs, one row a repeat of the
cross-validation (one row where there is none), shape (repeats, applicants). An applicant is approved where the PD is
below the cutoff. `bad_rate` is that of the population, in (0, 1); it need not be that of the applicants.
"""

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from credit.core.intervals import UNKNOWN, Estimate, wald, wilson
from credit.core.records import Record
from credit.metrics.curves import equal_bins
from credit.metrics.decision import Cost

Share = Annotated[float, Field(gt=0, lt=1, strict=True)]
Ratio = Annotated[float, Field(gt=0, strict=True)]


class CutoffPage(Record):
    bands: Annotated[int, Field(ge=2, le=20, strict=True)]
    cost_ratios: Annotated[tuple[Ratio, ...], Field(min_length=1, max_length=10)]
    bad_rates: Annotated[tuple[Share, ...], Field(min_length=1, max_length=10)]


def population_mean(values: np.ndarray, bad: np.ndarray, bad_rate: float) -> Estimate:
    """Mean of a value over a population with so many bads, from applicants of both kinds.

    bad_rate times the mean over the bads plus (1 - bad_rate) times that over the goods; the variance likewise, with
    the squares of the shares (stratified sampling; Cochran 1977). An applicant counts once, whatever the repeats.

    Parameters
    ----------
    values : one an applicant, shape (applicants,), some of each kind that the population has; with a single one there
        is no standard error.
    """
    mean = variance = 0.0
    for kind, share in ((1, bad_rate), (0, 1 - bad_rate)):
        if not share:
            continue
        of_kind = values[bad == kind]
        mean += share * float(np.mean(of_kind))
        variance += share**2 * (float(np.var(of_kind, ddof=1)) / len(of_kind) if len(of_kind) > 1 else np.nan)
    return wald(mean, float(np.sqrt(variance)))


def cost_at(bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost, bad_rate: float) -> Estimate:
    """Expected cost per applicant at a cutoff, averaged over the repeats."""
    estimate = population_mean(_costs(bad, pds, cutoff, cost), bad, bad_rate)
    return estimate._replace(low=max(estimate.low, 0.0))


def saved_at(
    bad: np.ndarray, pds: np.ndarray, cutoff: float, instead_of: float, cost: Cost, bad_rate: float
) -> Estimate:
    """What an applicant costs less at `cutoff` than at the cutoff `instead_of`, paired by applicant."""
    less = _costs(bad, pds, instead_of, cost) - _costs(bad, pds, cutoff, cost)
    return population_mean(less, bad, bad_rate)


def approval_rate(bad: np.ndarray, pds: np.ndarray, cutoff: float, bad_rate: float) -> Estimate:
    """Share of the population that is approved at a cutoff."""
    mean, se, low, high = population_mean(_approved(pds, cutoff), bad, bad_rate)
    return Estimate(mean, se, max(low, 0.0), min(high, 1.0))


def bad_rate_of_approved(bad: np.ndarray, pds: np.ndarray, cutoff: float, bad_rate: float) -> Estimate:
    """Bad rate among those approved at a cutoff; all NaN where nobody is.

    The standard error is that of a ratio of two means, by linearisation; the interval is Wilson's, for as many
    applicants as have that standard error, or where all are of one kind, for as many as are approved. (Korn and
    Graubard 1998; Franco et al. 2019.)
    """
    approved = _approved(pds, cutoff)
    share = population_mean(approved, bad, bad_rate).mean
    if share == 0:
        return UNKNOWN
    rate = min(population_mean(approved * bad, bad, bad_rate).mean / share, 1.0)
    se = population_mean(approved * (bad - rate) / share, bad, bad_rate).se
    n = rate * (1 - rate) / se**2 if se > 0 else float(approved.sum())
    low, high = wilson(rate * n, n)
    return Estimate(rate, se, float(low), float(high))


def cost_on_grid(bad: np.ndarray, pds: np.ndarray, cost: Cost, points: int = 201) -> pd.DataFrame:
    """Expected cost by cutoff with its pointwise interval, at evenly spaced quantiles of the PDs, ends included.

    Returns
    -------
    order, cutoff, cost, se, low, high, approved (share); from rejecting everyone to accepting everyone.
    """
    cutoffs = _grid(pds, points)
    rows = [cost_at(bad, pds, cutoff, cost, float(np.mean(bad))) for cutoff in cutoffs]
    table = pd.DataFrame(rows, columns=["cost", "se", "low", "high"])
    table.insert(0, "cutoff", np.minimum(cutoffs, 1.0))
    table.insert(0, "order", table.index)
    return table.assign(approved=[float(np.mean(pds < cutoff)) for cutoff in cutoffs])


def as_cheap_as(
    bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost, bad_rate: float, points: int = 101
) -> tuple[float, float]:
    """Find the lowest and the highest cutoff that the applicants cannot prove to cost more than `cutoff` does.

    Those whose paired difference in cost has a 95 % interval that reaches 0, of a grid as in `cost_on_grid`.
    """
    cheap = [other for other in _grid(pds, points) if saved_at(bad, pds, cutoff, other, cost, bad_rate).low <= 0]
    return min([cutoff, *cheap]), min(max([cutoff, *cheap]), 1.0)


def upper_ends(pds: np.ndarray, bands: int) -> np.ndarray:
    """Find the highest PD in each band of about equal numbers of applicants, in rising order; ties never straddle."""
    return pd.Series(pds).groupby(equal_bins(pds, bands)).max().to_numpy()


def score_bands(bad: np.ndarray, pds: np.ndarray, ends: np.ndarray) -> pd.DataFrame:
    """Count good and bad applicants by band, from the safest to the riskiest.

    Parameters
    ----------
    pds : of shape (applicants,).
    ends : highest PD of each band, from `upper_ends`; the last band takes all that are higher too.

    Returns
    -------
    A row a band: band (from 1), n, bad, pd_low, pd_high and pd_mean of its applicants, bad_rate and its interval low
    to high; approved, the share of all applicants up to this band, which a cutoff just above it would approve, and
    bad_rate_approved among them, each with its interval (_low, _high). Intervals are Wilson's at 95 %; NaN where there
    is nobody.
    """
    band = np.minimum(np.searchsorted(ends, pds), len(ends) - 1)
    parts = pd.DataFrame({"band": band, "bad": bad, "pd": pds}).groupby("band")
    table = parts.agg(
        n=("bad", "size"), bad=("bad", "sum"), pd_low=("pd", "min"), pd_high=("pd", "max"), pd_mean=("pd", "mean")
    ).reindex(range(len(ends)))
    table[["n", "bad"]] = table[["n", "bad"]].fillna(0).astype(int)
    n, bads = table["n"].cumsum(), table["bad"].cumsum()
    for name, count, of, prefix in (
        ("bad_rate", table["bad"], table["n"], ""),
        ("approved", n, n * 0 + len(bad), "approved_"),
        ("bad_rate_approved", bads, n, "bad_rate_approved_"),
    ):
        share = count / of.where(of > 0)
        low, high = wilson(share * of, of.where(of > 0))
        table[name], table[f"{prefix}low"], table[f"{prefix}high"] = share, low, high
    table.insert(0, "band", table.index + 1)
    return table.reset_index(drop=True)


def _grid(pds: np.ndarray, points: int) -> np.ndarray:
    inner = np.unique(np.quantile(pds, np.linspace(0, 1, points), method="inverted_cdf"))
    return np.unique([0.0, *inner, np.nextafter(inner[-1], np.inf)])


def _approved(pds: np.ndarray, cutoff: float) -> np.ndarray:
    """Give the share of the repeats in which each applicant is approved."""
    return np.mean(pds < cutoff, axis=0)


def _costs(bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost) -> np.ndarray:
    """Give what each applicant costs, averaged over the repeats."""
    approved = _approved(pds, cutoff)
    return np.where(bad == 1, cost.accept_bad * approved, cost.reject_good * (1 - approved))
