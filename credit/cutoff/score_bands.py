"""Applicants in bands of their PD: how many of each are bad, and what approving up to there would mean."""

import numpy as np
import pandas as pd

from credit.core.intervals import wilson
from credit.metrics.curves import equal_bins


def upper_ends(pds: np.ndarray, bands: int) -> np.ndarray:
    """Find the highest PD in each band of about equal numbers of applicants, in rising order; ties never straddle."""
    return pd.Series(pds).groupby(equal_bins(pds, bands)).max().to_numpy()


def score_bands(bad: np.ndarray, pds: np.ndarray, ends: np.ndarray) -> pd.DataFrame:
    """Count good and bad applicants by band, from the safest to the riskiest.

    Parameters
    ----------
    bad, pds : 1 = bad, and the probability of it; of shape (applicants,).
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
