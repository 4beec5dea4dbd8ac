"""How decisions and PDs differ between the groups of a protected column, and where they are too few to say."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from credit.core.intervals import LEVEL, Estimate, difference, proportion, ratio

TOO_FEW = "too few to say"
NOISE = "within noise"
BELOW, PASSED = "below four fifths", "passed"
NOBODY = "nobody is approved"

_INTERVAL = dict.fromkeys(("value", "low", "high"), "float64")
_SAID = {"verdict": "str", "reason": "str"}
_RATES = {"group": "str", "metric": "str", **_INTERVAL, "n": "int64", "bad": "int64", **_SAID}
_COMPARISONS = {
    **{"group": "str", "against": "str", "metric": "str"},
    **_INTERVAL,
    **{"n": "int64", "n_against": "int64"},
    **_SAID,
}


def rates_by_group(decided: pd.DataFrame, *, min_group_size: int, min_bads: int, min_goods: int) -> pd.DataFrame:
    """Estimate, for each group, how its applicants are decided on and how good their PDs are.

    Parameters
    ----------
    decided : out-of-fold decisions, columns line, group, bad, pd and rejected (0 or 1). An applicant stands there once
        a repeat of the cross-validation, as often as every other; rates are means over the repeats, and count each
        applicant once.
    min_group_size : applicants of a group, below which nothing is said of it.
    min_bads, min_goods : of a group, below which nothing is said of its TPR, and of its FPR.

    Returns
    -------
    A row a group and metric, with value, low, high (95 %), n (the applicants that the metric is a mean over) and bad
    (the bads among them):

    - approval_rate; tpr, the share of the bads rejected; fpr, the share of the goods rejected; bad_rate, observed. All
      with Wilson intervals on applicants; for the first three these are a little too wide, see `proportion`.
    - mean_pd, with Student's t interval.
    - observed_minus_expected: bad_rate - mean_pd (calibration in the large). The interval is that of bad_rate, moved:
      the PDs are taken as given, so it also has a width where nobody is bad.

    verdict is `too few to say`, with the reason; else for observed_minus_expected `within noise`, `PDs too low` or
    `PDs too high`; else empty. The estimate and its interval are given all the same: they show how little is known.
    """
    applicants = decided.groupby("line").agg(group=("group", "first"), bad=("bad", "first"), pd=("pd", "mean"))
    rates, least_of_outcome = _decision_rates(decided), {"tpr": ("bad", min_bads), "fpr": ("good", min_goods)}
    rows = []
    for group, members in applicants.groupby("group", observed=True):
        n, bads = len(members), int(members["bad"].sum())
        counts = {"approval_rate": (n, bads), "tpr": (bads, bads), "fpr": (n - bads, 0)}
        estimates = {metric: proportion(rates.loc[group, metric], counted) for metric, (counted, _) in counts.items()}
        for metric, estimate in {**estimates, **_calibration(members)}.items():
            counted, bad = counts.get(metric, (n, bads))
            reason = _fewer("applicants", n, min_group_size)
            if not reason and metric in least_of_outcome:
                kind, least = least_of_outcome[metric]
                reason = _fewer(f"{kind} applicants", counted, least)
            verdict = TOO_FEW if reason else ""
            if not verdict and metric == "observed_minus_expected":
                verdict = _beyond(estimate, 0.0, below="PDs too high", above="PDs too low")
            rows.append((group, metric, estimate.mean, estimate.low, estimate.high, counted, bad, verdict, reason))
    return pd.DataFrame(rows, columns=list(_RATES)).astype(_RATES)


def _fewer(whom: str, n: int, least: int) -> str:
    """Say that there are too few; empty if there are enough."""
    return f"{n} {whom}, fewer than {least}" if n < least else ""


def _decision_rates(decided: pd.DataFrame) -> pd.DataFrame:
    """Compute approval_rate, tpr and fpr by group; NaN for an outcome that a group does not have."""
    rejected = decided.groupby(["group", "bad"], observed=True)["rejected"].mean().unstack().reindex(columns=[0, 1])
    approved = 1 - decided.groupby("group", observed=True)["rejected"].mean()
    return pd.DataFrame({"approval_rate": approved, "tpr": rejected[1], "fpr": rejected[0]})


def _calibration(applicants: pd.DataFrame) -> dict[str, Estimate]:
    n, expected = len(applicants), float(applicants["pd"].mean())
    observed = proportion(applicants["bad"].mean(), n)
    reach = stdtrit(n - 1, (1 + LEVEL) / 2) * applicants["pd"].std() / np.sqrt(n) if n > 1 else np.nan
    return {
        "bad_rate": observed,
        "mean_pd": Estimate(expected, np.nan, expected - reach, expected + reach),
        "observed_minus_expected": Estimate(*(end - expected for end in observed)),
    }


def _beyond(estimate: Estimate, value: float, *, below: str, above: str) -> str:
    """Give the word for an interval that lies on one side of a value."""
    if estimate.high < value:
        return below
    return above if estimate.low > value else NOISE


def compare_groups(rates: pd.DataFrame, *, four_fifths: float) -> pd.DataFrame:
    """Compare each group with the one of the highest approval rate among those with enough applicants.

    Parameters
    ----------
    rates : of the groups of one column, as `rates_by_group` returns them.
    four_fifths : the least ratio of approval rates that passes.

    Returns
    -------
    A row a group (but the one compared with) and metric, with value, low, high (95 %), n and n_against:

    - approval_ratio: approval rate over that of `against` (the four-fifths rule, 29 CFR 1607.4 D). verdict is `passed`
      or `below four fifths` where the whole interval is, `within noise` where it holds `four_fifths`.
    - tpr_difference, fpr_difference: the rate minus that of `against`; both are 0 under equalised odds (Hardt, Price
      and Srebro 2016). verdict is `higher`, `lower` or `within noise`.

    verdict is `too few to say`, with the reason, where either side has too few; `nobody is approved` where the ratio
    has no meaning. Intervals do not know that `against` was picked as the highest, nor how many groups are compared.
    """
    table = {metric: rows.set_index("group") for metric, rows in rates.groupby("metric", sort=False)}
    if len(table["approval_rate"]) < 2:
        return pd.DataFrame(columns=list(_COMPARISONS)).astype(_COMPARISONS)
    approval = table["approval_rate"]
    enough = approval[approval["verdict"] != TOO_FEW]["value"]
    against = enough.idxmax() if len(enough) else None
    rows = [
        row
        for group in approval.index.drop([against] if len(enough) else [])
        for row in _comparisons(table, group, against, four_fifths)
    ]
    return pd.DataFrame(rows, columns=list(_COMPARISONS)).astype(_COMPARISONS)


def _comparisons(
    table: dict[str, pd.DataFrame], group: str, against: str | None, four_fifths: float
) -> Iterator[tuple[object, ...]]:
    for metric, of in {"approval_ratio": "approval_rate", "tpr_difference": "tpr", "fpr_difference": "fpr"}.items():
        rate = table[of].loc[group]
        if against is None:
            yield group, "", metric, np.nan, np.nan, np.nan, rate["n"], 0, TOO_FEW, "no group has enough applicants"
            continue
        other = table[of].loc[against]
        compare = ratio if metric == "approval_ratio" else difference
        mean, _, low, high = estimate = compare(_estimate(rate), _estimate(other))
        reason = rate["reason"] or (other["reason"] and f"{against}: {other['reason']}")
        verdict = TOO_FEW if reason else _verdict(metric, estimate, four_fifths)
        yield group, against, metric, mean, low, high, rate["n"], other["n"], verdict, reason


def _estimate(row: pd.Series) -> Estimate:
    return Estimate(row["value"], np.nan, row["low"], row["high"])


def _verdict(metric: str, estimate: Estimate, four_fifths: float) -> str:
    if metric != "approval_ratio":
        return _beyond(estimate, 0.0, below="lower", above="higher")
    if np.isnan(estimate.mean):
        return NOBODY
    return _beyond(estimate, four_fifths, below=BELOW, above=PASSED)
