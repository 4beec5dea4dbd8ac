"""Checks of how protected groups are decided on, from what the stage `fairness` found."""

from collections.abc import Mapping, Sequence
from typing import Any

from credit.check.record import Check, Effect, Number, decide, judge, not_applicable, plain_numbers
from credit.core.wording import and_more
from credit.fairness.rates import BELOW, NOBODY, TOO_FEW

NAMED = 20  # of the groups that are too small
NO_GROUPS = "the data dictionary has no protected column among the features"


def groups_large_enough(rates: Sequence[Mapping[str, Any]]) -> Check:
    """CR018: every protected group has applicants, bads and goods enough to say something of it.

    `rates` has a record a column, group and metric, with n, verdict and reason; all applicants have an empty column.
    """
    of_groups = [rate for rate in rates if rate["column"]]
    if not of_groups:
        return not_applicable("CR018", NO_GROUPS)
    groups = {(rate["column"], rate["group"]) for rate in of_groups}
    small: dict[str, Mapping[str, Any]] = {}
    for rate in of_groups:
        if rate["verdict"] == TOO_FEW:
            small.setdefault(f"{rate['column']}: {rate['group']}", rate)
    named, more = dict(list(small.items())[:NAMED]), max(len(small) - NAMED, 0)
    counts = {"groups": len(groups), "too small": len(small), **{name: rate["n"] for name, rate in named.items()}}
    counts |= {"not named": more} if more else {}
    names = "; ".join([*(f"{name} ({rate['reason']})" for name, rate in named.items()), *[and_more(more)] * bool(more)])
    reason = f"{len(small)} of {len(groups)} groups too small" + (f": {names}" if names else "")
    return judge("CR018", not small, reason, plain_numbers(counts))


def four_fifths(comparisons: Sequence[Mapping[str, Any]], limit: float) -> Check:
    """CR019: every group's approval rate is at least `limit` (four fifths) of that of the group approved most often.

    Groups too small to say are not judged. `comparisons` has a record a column, group and metric, with against, value,
    low, high, n and verdict.
    """
    ratios = [row for row in comparisons if row["metric"] == "approval_ratio"]
    if not ratios:
        return not_applicable("CR019", NO_GROUPS)
    judged = [row for row in ratios if row["verdict"] not in (TOO_FEW, NOBODY)]
    if not judged:
        return not_applicable("CR019", "no two groups have applicants enough, and approved ones, to be compared")
    below = [row for row in judged if row["verdict"] == BELOW]
    named = below or [min(judged, key=lambda row: row["value"])]
    numbers = [
        Number(f"{row['column']}: {row['group']}", row["value"], row["low"], row["high"], row["n"]) for row in named
    ]
    lowest = "; ".join(
        f"{number.name} against {row['against']} {number}" for number, row in zip(numbers, named, strict=True)
    )
    counts = {"groups judged": len(judged), "below four fifths": len(below), "limit": limit}
    reason = f"{len(below)} of {len(judged)} ratios of approval rates surely below {limit:g}; lowest: {lowest}"
    effects = [Effect(-row["high"], -row["low"], -limit) for row in judged]
    return decide("CR019", effects, reason, [*numbers, *plain_numbers(counts)])
