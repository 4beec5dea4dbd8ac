"""Which family to use: ranked by cross-validation on the same folds, with the noise in the ranking stated."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.intervals import cross_validated
from credit.core.records import Record
from credit.core.wording import LOWER_IS_BETTER

HIGHER_IS_BETTER = {metric: metric not in LOWER_IS_BETTER for metric in ("auc", "brier", "cost")}


class SelectBest(Record):
    metric: Literal["auc", "brier", "cost"]
    simplest_first: tuple[str, ...]


class Evaluate(Record):
    bootstrap: Annotated[int, Field(ge=100)]


def check_order(simplest_first: tuple[str, ...]) -> None:
    """Refuse an order of preference of families that are not known, or stand there twice, or are fewer than two."""
    if not set(simplest_first) <= set(FAMILIES) or not len(simplest_first) == len(set(simplest_first)) > 1:
        raise InputError(
            f"params.yaml: 'select_best.simplest_first' must name two or more of {', '.join(FAMILIES)}, each once, "
            f"got {', '.join(simplest_first)}"
        )


def check_model(name: str) -> None:
    """Refuse a model that no stage makes."""
    if name not in ("best", *FAMILIES):
        raise InputError(f"params.yaml: 'model' must be best or one of {', '.join(FAMILIES)}, got {name!r}")


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
        difference = cross_validated(sign * (scores - leading), held_out_share)
        behind = {f"difference_{name}": value for name, value in difference._asdict().items()}
        rows.append(
            {
                "family": family,
                "metric": metric,
                **cross_validated(scores, held_out_share)._asdict(),
                "difference": behind.pop("difference_mean"),
                **behind,
                "more_than_noise": difference.high < 0,
                "n": n,
            }
        )
    return pd.DataFrame(rows)


def simplest_within_one_se(ranking: pd.DataFrame, simplest_first: Sequence[str]) -> str:
    """Choose the simplest family that is at most one standard error (of the paired difference) behind the leader.

    `ranking` is that of `compare`; `simplest_first` has all of its families, in the order of preference.
    """
    close = ranking["difference"] >= -ranking["difference_se"]
    near = set(ranking["family"][close | (np.arange(len(ranking)) == 0)])
    return next(family for family in simplest_first if family in near)
