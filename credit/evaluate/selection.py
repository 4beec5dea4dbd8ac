"""Which family to use: ranked by cross-validation on the same folds, with the noise in the ranking stated."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.intervals import Estimate, cross_validated
from credit.core.records import Record, with_present_keys
from credit.core.wording import LOWER_IS_BETTER

HIGHER_IS_BETTER = {metric: metric not in LOWER_IS_BETTER for metric in ("auc", "brier", "cost")}


Rule = Literal["leader", "one_standard_error"]
LEADER, ONE_STANDARD_ERROR = get_args(Rule)
_PRESENT_KEYS = {"simplest_first": ("preference",)}


class SelectBest(Record):
    """The `select_best` section of the params.

    Attributes
    ----------
    rule : `leader` takes the family that is first by the metric; `one_standard_error` of those that are at most one
        standard error (of the paired difference) behind it the one that is preferred.
    preference : families, the preferred ones first; still read as `simplest_first`, with a line that says so.
    """

    metric: Literal["auc", "brier", "cost"]
    rule: Rule = ONE_STANDARD_ERROR
    preference: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _with_present_keys(cls, values: Any) -> Any:
        return with_present_keys(values, "select_best", _PRESENT_KEYS)


class Evaluate(Record):
    bootstrap: Annotated[int, Field(ge=100)]


def check_preference(preference: Sequence[str]) -> None:
    """Refuse an order of preference of families that are not known, or stand there twice, or are fewer than two."""
    if not set(preference) <= set(FAMILIES) or not len(preference) == len(set(preference)) > 1:
        raise InputError(
            f"params.yaml: 'select_best.preference' must name two or more of {', '.join(FAMILIES)}, each once, "
            f"got {', '.join(preference)}"
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
    rows = []
    for family in ranked:
        scores = by_fold[family][metric].to_numpy()
        difference = lead(by_fold[family], by_fold[ranked[0]], metric, held_out_share)
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


def lead(one: pd.DataFrame, other: pd.DataFrame, metric: str, held_out_share: float) -> Estimate:
    """By how much one family is better than another, paired fold by fold; positive is better, whatever the metric."""
    sign = 1 if HIGHER_IS_BETTER[metric] else -1
    return cross_validated(sign * (one[metric].to_numpy() - other[metric].to_numpy()), held_out_share)


def choose(ranking: pd.DataFrame, rule: Rule, preference: Sequence[str]) -> str:
    """Choose a family by a rule of `SelectBest`.

    `ranking` is that of `compare`; `preference` has all of its families.
    """
    if rule == LEADER:
        return ranking["family"].iloc[0]
    close = ranking["difference"] >= -ranking["difference_se"]
    near = set(ranking["family"][close | (np.arange(len(ranking)) == 0)])
    return next(family for family in preference if family in near)


def other_than(rule: Rule) -> Rule:
    """Name the rule that is not in use."""
    return LEADER if rule == ONE_STANDARD_ERROR else ONE_STANDARD_ERROR
