"""How the best cutoff moves with what is not known for sure: the cost ratio, and the population's bad rate."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from credit.cutoff.approvals import approval_rate, as_cheap_as, bad_rate_of_approved, cost_at, saved_at
from credit.metrics.decision import Cost, stable_cutoff
from credit.metrics.out_of_fold import by_applicant

METRICS = (
    "break_even_cutoff",
    "cutoff",
    "approved",
    "bad_rate_approved",
    "cost",
    "cost_of_staying",
    "saved",
    "cost_without_model",
)


def by_cost_ratio(oof: pd.DataFrame, cost: Cost, today: float, ratios: Iterable[float]) -> pd.DataFrame:
    """Find the best cutoff if accepting a bad one cost so many times as much as rejecting a good one.

    Rejecting a good one keeps its cost. Best is the break-even cutoff, unless the cheapest saves enough
    (`credit.metrics.decision.stable_cutoff`); another looks a little better than it is, for it is
    judged by the PDs that it was chosen by.

    Parameters
    ----------
    oof : out-of-fold PDs, columns line, bad, pd; an applicant stands there once a repeat.
    today : the cutoff in use, beside which each is set.
    ratios : positive; that of `cost` is added.

    Returns
    -------
    A row a ratio and metric: cost_ratio, today (whether it is that of `cost`), metric, mean, se, low, high, n, bad.
    Metrics are those of `METRICS`: the break-even cutoff, 1 / (1 + ratio); the best one, low to high being the cutoffs
    that cannot be proved dearer (`as_cheap_as`); the share approved, the bad rate among these and the cost per
    applicant at it; the cost of staying at today's cutoff, and how much of that is saved by the best one; the cost of
    approving all or rejecting all, whichever is less. Intervals are at 95 %, given how many applicants are bad.
    """
    bad, pds = by_applicant(oof)
    todays = cost.accept_bad / cost.reject_good
    tables = []
    for ratio in sorted({todays, *map(float, ratios)}):
        changed = Cost(accept_bad=ratio * cost.reject_good, reject_good=cost.reject_good)
        cutoffs = (changed.break_even_cutoff, stable_cutoff(oof, changed), today)
        rows = _rows(bad, pds, cutoffs, changed, float(np.mean(bad)))
        tables.append(pd.DataFrame(rows).assign(cost_ratio=ratio, today=ratio == todays))
    return _arranged(tables, "cost_ratio", bad)


def by_bad_rate(oof: pd.DataFrame, cost: Cost, today: float, bad_rates: Iterable[float]) -> pd.DataFrame:
    """Find the best cutoff if the population had another bad rate than the applicants (prior shift).

    Good and bad applicants are taken to look as they do, only to be there in other numbers. Then each counts with a
    weight, that of the bads being the ratio of the new bad rate to the old, and their PDs move by Bayes' rule
    (`shifted_pd`); deciding by them is the same as deciding by today's PDs under other costs (`shifted_cost`).
    (Elkan 2001; Saerens, Latinne and Decaestecker 2002.)

    Parameters
    ----------
    oof, today : as in `by_cost_ratio`.
    bad_rates : in (0, 1); that of the applicants is added.

    Returns
    -------
    As `by_cost_ratio`, with the column bad_rate instead of cost_ratio. Cutoffs are on the scale of today's PDs; the
    metric shifted_cutoff is the best one on the scale of PDs that have been moved to the new bad rate.
    """
    bad, pds = by_applicant(oof)
    observed = float(np.mean(bad))
    tables = []
    for rate in sorted({observed, *map(float, bad_rates)}):
        as_if = shifted_cost(cost, observed, rate)
        best = stable_cutoff(oof, as_if)
        rows = _rows(bad, pds, (as_if.break_even_cutoff, best, today), cost, rate)
        rows.insert(2, {"metric": "shifted_cutoff", "mean": float(shifted_pd(best, observed, rate))})
        tables.append(pd.DataFrame(rows).assign(bad_rate=rate, today=rate == observed))
    return _arranged(tables, "bad_rate", bad)


def shifted_pd(pds: np.ndarray | float, bad_rate: float, new_rate: float) -> np.ndarray | float:
    """Move PDs from a population with one bad rate to one with another, by Bayes' rule.

    The odds are multiplied by the ratio of the odds of the bad rates. (Saerens, Latinne and Decaestecker 2002.)

    Parameters
    ----------
    pds : in [0, 1], of any shape.
    bad_rate, new_rate : in (0, 1).
    """
    bads, goods = pds * (new_rate / bad_rate), (1 - pds) * ((1 - new_rate) / (1 - bad_rate))
    return bads / (bads + goods)


def shifted_cost(cost: Cost, bad_rate: float, new_rate: float) -> Cost:
    """Give the costs that lead on applicants with one bad rate to the decisions that are right for another."""
    return Cost(
        accept_bad=cost.accept_bad * (new_rate / bad_rate),
        reject_good=cost.reject_good * ((1 - new_rate) / (1 - bad_rate)),
    )


def _rows(
    bad: np.ndarray, pds: np.ndarray, cutoffs: tuple[float, float, float], cost: Cost, bad_rate: float
) -> list[dict[str, Any]]:
    """Give a record a metric, at the break-even, the best and today's cutoff."""
    break_even, best, today = cutoffs
    low, high = as_cheap_as(bad, pds, best, cost, bad_rate)
    estimates = (
        {"mean": break_even},
        {"mean": best, "low": low, "high": high},
        approval_rate(bad, pds, best, bad_rate)._asdict(),
        bad_rate_of_approved(bad, pds, best, bad_rate)._asdict(),
        cost_at(bad, pds, best, cost, bad_rate)._asdict(),
        cost_at(bad, pds, today, cost, bad_rate)._asdict(),
        saved_at(bad, pds, best, today, cost, bad_rate)._asdict(),
        {"mean": min(cost.accept_bad * bad_rate, cost.reject_good * (1 - bad_rate))},
    )
    return [{"metric": metric, **values} for metric, values in zip(METRICS, estimates, strict=True)]


def _arranged(tables: list[pd.DataFrame], scenario: str, bad: np.ndarray) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True).assign(n=len(bad), bad=int(bad.sum()))
    return table[[scenario, "today", "metric", "mean", "se", "low", "high", "n", "bad"]]
