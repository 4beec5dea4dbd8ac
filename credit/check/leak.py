"""Whether a feature knows the outcome, as what is found out after the decision does; a good predictor does not."""

import re
from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np

from credit.check.psi import Stability, compare_counts
from credit.check.record import Check, Effect, Number, decide, plain_numbers
from credit.check.stability import size_of_move
from credit.core.intervals import rank_auc

APART = 0.1  # of the bads, where there are no goods: no application answers for so many alone
BY_CHANCE = 0.01  # how likely it may be that any of a feature's levels is without goods by chance
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
    levels: Mapping[str, np.ndarray], bad: np.ndarray, model_auc: float, limits: tuple[float, float]
) -> Check:
    """CR013: no feature sets bads and goods apart as only the outcome could.

    That is an information value of more than the limit, or values (a missing one too) that many bads have and no good,
    or alone almost the whole AUC of the model. A suspicious name convicts no feature, for many a history of payments is
    known before; it is told.

    Parameters
    ----------
    levels : by feature, the number of each training applicant's level (numbers in bins), shape (applicants,).
    bad : 1 for bad and 0 for good, shape (applicants,).
    model_auc : out of fold.
    limits : of the information value, and of the share of what the model's AUC has above a half.
    """
    max_iv, max_alone = limits
    found = {name: _tell(name, positions, bad, model_auc) for name, positions in levels.items()}
    alone_limit = max_alone if len(found) > 1 else np.inf  # the only feature is the model
    effects = {
        name: [
            size_of_move(signs.information, max_iv),
            Effect(signs.apart.value, signs.apart.value, APART),
            Effect(signs.alone.low or 0.0, signs.alone.high or 0.0, alone_limit),
        ]
        for name, signs in found.items()
    }
    knowing = [name for name, sizes in effects.items() if any(effect.is_large for effect in sizes)]
    told = [found[name] for name in knowing or [max(found, key=lambda name: found[name].value.value)]]
    reason = f"{'; '.join(map(str, told))}; limits {max_iv:g}, {APART:g} and {max_alone:g}"
    numbers = [number for signs in told for number in (signs.value, signs.apart, signs.alone)]
    numbers += plain_numbers(
        {"limit": max_iv, "limit, apart": APART, "limit, alone": max_alone, "features": len(found)}
    )
    return decide("CR013", [*chain(*effects.values())], f"{reason}; {REMEDY}" if knowing else reason, numbers)


class Signs(NamedTuple):
    """What a feature tells of the outcome: information value, bads set apart, what it makes of the AUC alone."""

    information: Stability
    value: Number
    apart: Number
    alone: Number

    def __str__(self) -> str:
        words = (
            f"{self.value.name}: information value {self.value}, a share of {self.apart.value:.3f} of the bads has "
            f"values that no good has, alone {self.alone} of what the model's AUC has above a half"
        )
        return f"{words}, and a name of what is known later" if SUSPICIOUS_NAME.search(self.value.name) else words


def _tell(name: str, positions: np.ndarray, bad: np.ndarray, model_auc: float) -> Signs:
    goods, bads = (np.bincount(positions[bad == kind], minlength=positions.max() + 1) for kind in (0, 1))
    information = compare_counts(goods, bads)  # the information value is the stability index of bads against goods
    value = Number(name, information.psi, *information.interval(), n=len(bad))
    apart = Number(f"{name}, apart", _share_apart(goods, bads))
    share = _share_alone(goods, bads, model_auc) if value.low > LEAST_IV else (0.0,)
    return Signs(information, value, apart, Number(f"{name}, alone", *share))


def _share_apart(goods: np.ndarray, bads: np.ndarray) -> float:
    """Give the share of the bads in levels without any good, where that is no chance: levels large enough."""
    rows = goods + bads
    levels = int(np.sum(rows > 0))
    expected = rows * goods.sum() / rows.sum()
    return float(bads[(goods == 0) & (expected > np.log(levels / BY_CHANCE))].sum() / bads.sum())


def _share_alone(goods: np.ndarray, bads: np.ndarray, model_auc: float) -> tuple[float, float, float]:
    """Give the share of what the model's AUC has above a half that the levels reach by themselves, and its interval."""
    alone, most = rank_auc(_auc_of_levels(goods, bads), int(goods.sum()), int(bads.sum())), max(model_auc - 0.5, 1e-9)
    return (alone.mean - 0.5) / most, (alone.low - 0.5) / most, (alone.high - 0.5) / most


def _auc_of_levels(goods: np.ndarray, bads: np.ndarray) -> float:
    """Give the AUC of the levels, ranked by their bad rates."""
    order = np.argsort(bads / np.maximum(goods + bads, 1))
    goods, bads = goods[order], bads[order]
    below = np.cumsum(goods) - goods
    return float(np.sum(bads * (below + goods / 2)) / (goods.sum() * bads.sum()))
