"""Checks of the cutoff, of the family that was chosen, and of whether its PDs move as they should."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from credit.check.record import Check, Effect, Number, decide, not_applicable, plain_numbers
from credit.core.families import FAMILIES
from credit.core.intervals import proportion
from credit.metrics.decision import Cost

LEAST_DECIDED = 0.01  # of the applicants, otherwise than all are


def cutoff_cheaper(bad: np.ndarray, rejected: np.ndarray, cost: Cost) -> Check:
    """CR015: at the cutoff, test applicants cost less than if all of them were approved, or all rejected.

    What is saved against the cheaper of the two depends on those who are decided otherwise: on how many, and on the
    share of bads among them. Its interval is that of the share (Wilson), so it holds of few too. It is to lie above 0.
    A cutoff that surely decides of fewer than `LEAST_DECIDED` of the applicants otherwise saves nothing.

    Parameters
    ----------
    bad, rejected : 1 for bad and 1 for rejected, both of shape (applicants,).
    """
    n, (approve, reject) = len(bad), (cost.accept_bad * bad, cost.reject_good * (1 - bad))
    at_cutoff = np.where(rejected == 1, reject, approve)
    word, decided = ("approving", 1) if approve.mean() <= reject.mean() else ("rejecting", 0)
    saved, effect = _saved(bad[rejected == decided], n, cost, 1 if decided else -1)
    numbers = [
        Number("cost at the cutoff", float(at_cutoff.mean()), n=n),
        Number("cost of approving everyone", float(approve.mean())),
        Number("cost of rejecting everyone", float(reject.mean())),
        saved,
    ]
    reason = (
        f"cost per test applicant {numbers[0].value:.3f}, of approving everyone {numbers[1].value:.3f}, of rejecting "
        f"everyone {numbers[2].value:.3f}; saved against {word} {saved}, which is to lie above 0"
    )
    return decide("CR015", [effect], reason, numbers)


def _saved(bad: np.ndarray, n: int, cost: Cost, sign: int) -> tuple[Number, Effect]:
    """Give what those decided otherwise save per applicant, and how much they lose; sign 1 if they are rejected."""
    if not len(bad):
        most = float(proportion(0, n).high)  # of the applicants might be decided otherwise
        return Number("saved per applicant", 0.0, n=n), Effect(np.inf if most < LEAST_DECIDED else -np.inf, np.inf, 0)
    each = cost.accept_bad + cost.reject_good
    share = proportion(float(bad.mean()), len(bad))
    ends = [sign * len(bad) / n * (each * end - cost.reject_good) for end in (share.mean, share.low, share.high)]
    value, low, high = ends[0], min(ends), max(ends)
    size = Effect(-high, -low if low <= 0 else -np.inf, 0)
    return Number("saved per applicant", value, low, high, n), size


def family_not_behind(ranking: pd.DataFrame, family: str, limit: float) -> Check:
    """CR016: the evaluated family is behind the leader by at most the share `limit` of the leader's metric.

    How far the second is behind a leader that is evaluated itself is told and decides nothing.

    Parameters
    ----------
    ranking : of one metric, the leader first; columns family, metric, mean, difference (to the leader, at most 0),
        difference_low, difference_high, more_than_noise and n.
    family : the evaluated one.
    """
    if len(ranking) == 1:
        return not_applicable("CR016", f"{FAMILIES[family].title} is the only family that could be fitted")
    leader, runner_up = ranking.iloc[0], ranking.iloc[1]
    evaluated, metric = ranking.set_index("family").loc[family], leader["metric"].upper()
    leads = family == leader["family"]
    row = runner_up if leads else evaluated
    ends = (-float(row[name]) for name in ("difference", "difference_high", "difference_low"))
    behind = Number(f"behind the leader in {metric}", *ends, int(row["n"]))
    first, second = (FAMILIES[of["family"]].title for of in (leader, runner_up))
    certainty = "more" if runner_up["more_than_noise"] else "no more"
    who = "the second" if leads else FAMILIES[family].title
    reason = f"{first} leads {second}, by {certainty} than noise; {who} is {behind} behind in {metric}"
    most = limit * float(leader["mean"])
    effect = Effect(0, 0, most) if leads else Effect(behind.low, behind.high, most)
    reason += f"; limit {most:.3f}, {limit:g} of the leader's"
    return decide("CR016", [effect], reason, [behind, *plain_numbers({"limit": most, "limit, as a share": limit})])


def moves_as_expected(monotonicity: Sequence[Mapping[str, Any]], family: str, tolerance: float) -> Check:
    """CR020: along no feature does the average PD move against expectation by more than `tolerance`.

    The move is the largest of the average curve. It was picked for being that, so it is rather overstated, and the
    check rather strict.

    Parameters
    ----------
    monotonicity : a record an attribute and family, with expected (increasing or decreasing), average, average_low,
        average_high, start, end and n.
    family : the evaluated one.
    """
    moves = [row for row in monotonicity if row["family"] == family]
    if not moves:
        return not_applicable(
            "CR020", f"the data dictionary says of no feature that {family} sees how the PD should move"
        )
    against = [row for row in moves if row["average_low"] is not None and row["average_low"] > tolerance]
    named = against or [max(moves, key=lambda row: row["average"])]
    numbers = [
        Number(row["attribute"], row["average"], row["average_low"], row["average_high"], row["n"]) for row in named
    ]
    largest = "; ".join(_in_words(row, number) for number, row in zip(numbers, named, strict=True))
    counts = {"against": len(against), "features": len(moves), "tolerance": tolerance}
    reason = (
        f"along {len(against)} of {len(moves)} features the average PD moves clearly against expectation; largest move "
        f"against it: {largest}; tolerance {tolerance:g}"
    )
    effects = [_move(row, tolerance) for row in moves]
    return decide("CR020", effects, reason, [*numbers, *plain_numbers(counts)])


def _move(row: Mapping[str, Any], tolerance: float) -> Effect:
    """Give the size of a move; one that has no interval, of a single applicant, is not known at all."""
    low, high = row["average_low"], row["average_high"]
    return Effect(-np.inf if low is None else low, np.inf if high is None else high, tolerance)


def _in_words(row: Mapping[str, Any], number: Number) -> str:
    where = f", from {row['start']} to {row['end']}" if row["average"] else ""
    return f"{row['attribute']} (expected {row['expected']}), by {number}{where}"
