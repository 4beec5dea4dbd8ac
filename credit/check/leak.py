"""Whether a feature knows the outcome, as what is found out after the decision does; a good predictor does not."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from credit.check.record import Check, Effect, Number, decide, plain_numbers
from credit.core.intervals import divergence

APART = 0.1  # of the bads (or goods) where there is no other: no application answers for so many alone
FEWEST_APART = 20  # of them, else it may be chance
LEAST_IV = 1.0  # that is about an AUC of 0.76; below, a feature that makes a model alone makes a modest one
SUSPICIOUS_NAME = re.compile(
    r"charge.?off|charged|recover|write.?off|collection|settle|late|overdue|arrear|dpd|default|paid|pymnt|payment|closed",
    re.IGNORECASE,
)
REMEDY = (
    "what becomes known after the decision (an amount charged off, days late, a total paid, a later date) is no "
    "feature: name it in features.exclude; if it is known before, say so in the remarks of data/about.yaml"
)


def no_feature_knows_the_outcome(
    levels: Mapping[str, np.ndarray],
    ranked: pd.DataFrame,
    bad: np.ndarray,
    model_auc: float,
    limits: tuple[float, float],
) -> Check:
    """CR013: no feature sets bads and goods apart as only the outcome could.

    That is an information value of more than the limit, or values (a missing one too) that many bads have and no good,
    or the other way round, or alone almost the whole AUC of the model. A suspicious name convicts no feature, for many
    a history of payments is known before; it is told.

    Parameters
    ----------
    levels : by feature, the number of each training applicant's level (numbers in bins), shape (applicants,).
    ranked : a row a feature; columns feature, iv, levels, n and bad.
    bad : 1 for bad and 0 for good, shape (applicants,).
    model_auc : out of fold.
    limits : of the information value, and of the share of what the model's AUC has above a half.
    """
    max_iv, max_alone = limits
    values = {row.feature: _information(row) for row in ranked.itertuples()}
    apart, alone = {}, {}
    for name, value in values.items():
        counts = _counts(levels[name], bad)
        apart[name] = _apart(counts)
        alone[name] = (_auc_of_levels(counts) - 0.5) / max(model_auc - 0.5, 1e-9) if value.low > LEAST_IV else 0.0
    effects = [Effect(value.low, value.high, max_iv) for value in values.values()]
    effects += [*apart.values()]
    effects += [Effect(share, share, max_alone) for share in alone.values()] if len(values) > 1 else []
    strongest = max(values, key=lambda name: values[name].value)
    knowing = [
        name
        for name, value in values.items()
        if value.low > max_iv or apart[name].is_large or (len(values) > 1 and alone[name] > max_alone)
    ]
    named = {name: (values[name], apart[name], alone[name]) for name in knowing or [strongest]}
    numbers = [
        number
        for name, (value, share, of_auc) in named.items()
        for number in (value, Number(f"{name}, apart", share.high), Number(f"{name}, alone", of_auc))
    ]
    limit_words = f"limits {max_iv:g}, {APART:g} and {max_alone:g}"
    reason = f"{'; '.join(_in_words(name, *found) for name, found in named.items())}; {limit_words}"
    counts = {"limit": max_iv, "limit, apart": APART, "limit, alone": max_alone, "features": len(values)}
    return decide("CR013", effects, f"{reason}; {REMEDY}" if knowing else reason, [*numbers, *plain_numbers(counts)])


def _information(row: pd.Series) -> Number:
    ends = divergence(row.iv, int(row.levels), row.n / (row.bad * (row.n - row.bad)))
    return Number(row.feature, float(row.iv), *ends, n=int(row.n))


def _counts(positions: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Count the goods and the bads of each level that there is, shape (levels, 2)."""
    counts = np.column_stack([np.bincount(positions[bad == kind], minlength=positions.max() + 1) for kind in (0, 1)])
    return counts[counts.sum(axis=1) > 0]


def _apart(counts: np.ndarray) -> Effect:
    """Give the share of one kind that stands in levels without any of the other; of few it may be chance."""
    totals = counts.sum(axis=0)
    shares, sure = [0.0], [0.0]
    for kind in (0, 1):
        alone = int(counts[counts[:, 1 - kind] == 0, kind].sum())
        missing = alone * totals[1 - kind] / totals[kind]  # of the other kind, if both were spread alike
        shares.append(alone / totals[kind])
        sure.append(shares[-1] if min(alone, missing) >= FEWEST_APART else 0.0)
    return Effect(max(sure), max(shares), APART)


def _auc_of_levels(counts: np.ndarray) -> float:
    """Give the AUC of the levels, ranked by their bad rates."""
    good, bad = counts[np.argsort(counts[:, 1] / counts.sum(axis=1))].T
    below = np.cumsum(good) - good
    return float(np.sum(bad * (below + good / 2)) / (good.sum() * bad.sum()))


def _in_words(name: str, value: Number, apart: Effect, alone: float) -> str:
    words = (
        f"{name}: information value {value}, a share of {apart.high:.3f} has values that only bads or only goods have, "
        f"alone {alone:.3f} of what the model's AUC has above a half"
    )
    return f"{words}, and a name of what is known later" if SUSPICIOUS_NAME.search(name) else words
