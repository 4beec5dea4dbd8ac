"""Weight of evidence and information value: how far a column's levels set goods and bads apart."""

import numpy as np
import pandas as pd

CHANCE = 0.95


def weight_of_evidence(rates: pd.DataFrame) -> pd.DataFrame:
    """Add each level's weight of evidence and its part of the column's information value.

    WoE = ln(share of all goods / share of all bads), so positive is safer than average. A level without
    goods or without bads gets 0.5 of each kind more, before the shares are taken.
    (Siddiqi, Credit Risk Scorecards, 2006, ch. 6.)

    Parameters
    ----------
    rates : table of `bad_rate_by_level`; column, n and bad are used.

    Returns
    -------
    The table with further columns woe and iv (iv = (share of goods - share of bads) * woe, >= 0).
    """
    good, bad = rates["n"] - rates["bad"], rates["bad"]
    added = np.where((good == 0) | (bad == 0), 0.5, 0.0)
    goods, bads = _shares(good + added, rates["column"]), _shares(bad + added, rates["column"])
    woe = np.log(goods / bads)
    return rates.assign(woe=woe, iv=(goods - bads) * woe)


def _shares(counts: pd.Series, column: pd.Series) -> pd.Series:
    return counts / counts.groupby(column, sort=False).transform("sum")


def information_value(evidence: pd.DataFrame) -> pd.DataFrame:
    """Sum the information value over each column's levels; rank the columns, those above chance first.

    Of a column that tells nothing, IV * goods * bads / n has about a chi-squared distribution with
    levels - 1 degrees of freedom; `iv_by_chance` is what such a column exceeds once in 20 times. It matters
    where levels are many or applicants few.

    Parameters
    ----------
    evidence : table of `weight_of_evidence`.

    Returns
    -------
    Columns feature, iv, iv_by_chance, levels, n, bad.
    """
    from scipy.stats import chi2

    by_column = evidence.groupby("column", sort=False)
    table = by_column.agg(iv=("iv", "sum"), levels=("level", "size"), n=("n", "sum"), bad=("bad", "sum"))
    bar = chi2.ppf(CHANCE, np.maximum(table["levels"] - 1, 1))
    bar = np.where(table["levels"] > 1, bar, 0.0) * table["n"] / (table["bad"] * (table["n"] - table["bad"]))
    table = table.rename_axis("feature").reset_index()
    table.insert(2, "iv_by_chance", bar.to_numpy())
    order = np.lexsort((-table["iv"], table["iv"] <= table["iv_by_chance"]))
    return table.iloc[order].reset_index(drop=True)
