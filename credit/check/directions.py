"""Check of the PD's movement along features whose direction is known, from what the stage `explain` found."""

from collections.abc import Mapping, Sequence
from typing import Any

from credit.check.record import Check, Number, judge, not_applicable


def moves_as_expected(directions: Sequence[Mapping[str, Any]], family: str, tolerance: float) -> Check:
    """CR020: along no feature does the average PD move against expectation by clearly more than `tolerance`.

    Clearly: the whole interval of the largest such move of the average curve lies above it. That move was picked for
    being the largest, so it is rather overstated, and the check rather strict.

    Parameters
    ----------
    directions : a record an attribute and family, with expected (increasing or decreasing), average, average_low,
        average_high, start, end and n.
    family : the evaluated one.
    """
    own = [row for row in directions if row["family"] == family]
    if not own:
        return not_applicable(
            "CR020", f"the data dictionary says of no feature that {family} sees how the PD should move"
        )
    against = [row for row in own if row["average_low"] is not None and row["average_low"] > tolerance]
    named = against or [max(own, key=lambda row: row["average"])]
    numbers = [
        Number(row["attribute"], row["average"], row["average_low"], row["average_high"], row["n"]) for row in named
    ]
    told = "; ".join(_told(row, number) for number, row in zip(numbers, named, strict=True))
    counts = [Number("against", len(against)), Number("features", len(own)), Number("tolerance", tolerance)]
    reason = (
        f"along {len(against)} of {len(own)} features the average PD moves clearly against expectation; largest move "
        f"against it: {told}; tolerance {tolerance:g}"
    )
    return judge("CR020", not against, reason, [*numbers, *counts])


def _told(row: Mapping[str, Any], number: Number) -> str:
    where = f", from {row['start']} to {row['end']}" if row["average"] else ""
    return f"{row['attribute']} (expected {row['expected']}), by {number}{where}"
