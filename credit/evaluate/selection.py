"""Which family to use: ranked by cross-validation on the same folds, with the noise in the ranking stated."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from credit.core.intervals import cross_validated
from credit.core.wording import LOWER_IS_BETTER

HIGHER_IS_BETTER = {metric: metric not in LOWER_IS_BETTER for metric in ("auc", "brier", "cost")}


def compare(by_fold: Mapping[str, pd.DataFrame], metric: str, held_out_share: float, n: int) -> pd.DataFrame:
    """Rank families on one metric, each paired with the leader fold by fold.

    Parameters
    ----------
    by_fold : family -> its metrics, a row a fold; the folds are the same for all.
    metric : one of `HIGHER_IS_BETTER`.
    held_out_share : rows held out over all rows in one fold.
    n : applicants.

    Returns
    -------
    A row a family, the best first: family, metric, mean, se, low, high; difference (how much better than the
    leader, so at most 0 but for rounding), difference_se, difference_low, difference_high; more_than_noise (the
    interval of the difference leaves out 0) and n. Intervals are at 95 %, with the Nadeau-Bengio correction.
    """
    sign = 1 if HIGHER_IS_BETTER[metric] else -1
    means = {family: float(folds[metric].mean()) for family, folds in by_fold.items()}
    ranked = sorted(means, key=lambda family: -sign * means[family])
    leading = by_fold[ranked[0]][metric].to_numpy()
    rows = []
    for family in ranked:
        scores = by_fold[family][metric].to_numpy()
        own = cross_validated(scores, held_out_share)
        difference = cross_validated(sign * (scores - leading), held_out_share)
        rows.append(
            {
                "family": family,
                "metric": metric,
                **own._asdict(),
                "difference": difference.mean,
                "difference_se": difference.se,
                "difference_low": difference.low,
                "difference_high": difference.high,
                "more_than_noise": difference.high < 0,
                "n": n,
            }
        )
    return pd.DataFrame(rows)


def simplest_within_one_se(ranking: pd.DataFrame, simplest_first: Sequence[str]) -> str:
    """Choose the simplest family that is at most one standard error (of the paired difference) behind the leader.

    Parameters
    ----------
    ranking : as `compare` returns it.
    simplest_first : every family of the ranking, in the order of preference.
    """
    close = ranking["difference"] >= -ranking["difference_se"]
    near = set(ranking["family"][close | (np.arange(len(ranking)) == 0)])
    return next(family for family in simplest_first if family in near)
