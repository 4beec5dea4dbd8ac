"""Checks of how protected groups are decided on, from what the stage `fairness` found."""

from collections.abc import Mapping, Sequence
from typing import Any

from credit.check.record import Check, Number, judge, not_applicable
from credit.fairness.rates import BELOW, NOBODY, TOO_FEW

NO_GROUPS = "the data dictionary has no protected column among the features"


def groups_large_enough(rates: Sequence[Mapping[str, Any]]) -> Check:
    """CR018: every protected group has applicants, bads and goods enough to say something of it.

    Parameters
    ----------
    rates : a record a column, group and metric, with n, verdict and reason; the column is empty for all applicants.
    """
    of_groups = [rate for rate in rates if rate["column"]]
    if not of_groups:
        return not_applicable("CR018", NO_GROUPS)
    groups = {(rate["column"], rate["group"]) for rate in of_groups}
    small = {}
    for rate in of_groups:
        if rate["verdict"] == TOO_FEW:
            small.setdefault((rate["column"], rate["group"]), rate)
    numbers = [Number("groups", len(groups)), Number("too small", len(small))]
    numbers += [Number(f"{column}: {group}", rate["n"]) for (column, group), rate in small.items()]
    told = "; ".join(f"{column}: {group} ({rate['reason']})" for (column, group), rate in small.items())
    reason = f"{len(small)} of {len(groups)} groups too small" + (f": {told}" if told else "")
    return judge("CR018", not small, reason, numbers)


def four_fifths(comparisons: Sequence[Mapping[str, Any]]) -> Check:
    """CR019: no group's approval rate is clearly below four fifths of that of the group approved most often.

    Clearly: the whole interval of the ratio is. Groups too small to say are not judged.

    Parameters
    ----------
    comparisons : a record a column, group and metric, with against, value, low, high, n and verdict.
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
    told = "; ".join(
        f"{number.name} against {row['against']} {number}" for number, row in zip(numbers, named, strict=True)
    )
    counts = [Number("groups judged", len(judged)), Number("below four fifths", len(below))]
    reason = f"{len(below)} of {len(judged)} ratios of approval rates clearly below four fifths; lowest: {told}"
    return judge("CR019", not below, reason, [*numbers, *counts])
