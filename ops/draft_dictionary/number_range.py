"""Measured numbers, and the range that they have without damage."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from credit.cells import NEARLY_ALL
from ops.draft_dictionary.cells import FEWEST_IDENTIFIERS, MANY, Cells
from ops.draft_dictionary.column import ColumnDraft
from ops.draft_dictionary.distance import frequent, whole, widened
from ops.draft_dictionary.number_codes import MOST_CODES
from ops.draft_dictionary.wording import percent, plain

_FOR_MISSING = re.compile(r"-?99+|-[19]")


def draft_number_range(cells: Cells, notes: Sequence[str]) -> ColumnDraft:
    """Draft a numeric column; `notes` are those that were made before."""
    values = cells.values
    low, high = usual_range(values)
    if far := cells.levels_of(values[(values.index < low) | (values.index > high)]):
        rest = f"{plain(low)} to {plain(high)}"
        far_off = f"{cells.count(far)} far from the rest ({rest}), left out of the range: {cells.first(far)}"
        notes = [*notes, f"unsure: {far_off}"]
    elif cells.size >= FEWEST_IDENTIFIERS and values.max() == 1 and whole(values):
        notes = [*notes, "unsure: whole numbers, all different; if they only name the applicant, role: ignored"]
    elif len(values) <= MOST_CODES and not notes:
        listed = ", ".join(str(plain(value)) for value in values.index)
        notes = [f"unsure: only {listed}; if these are codes, role: nominal or ordinal, with codes"]
    inside = values.loc[low:high]
    notes = [*notes, *_far_end(cells, inside), *_ends_for_missing(inside, values.sum())]
    return ColumnDraft("numeric", range=(plain(low), plain(high)), notes=notes)


def usual_range(values: pd.Series) -> tuple[float, float]:
    """Give the range without what lies far outside of it."""
    usual = frequent(values)
    if len(usual) > 1 and usual.sum() >= NEARLY_ALL * values.sum():
        low, high = usual.index[[0, -1]]
    else:
        quarter, last = (len(values) - 1) // 4, len(values) - 1
        low, high = values.index[[quarter, last - quarter]]
    return widened(values, low, high)


def _far_end(cells: Cells, values: pd.Series) -> list[str]:
    """Ask about the highest number where nearly all are far below it: a long tail, or a slip of the decimal point."""
    shares = values.cumsum() / values.sum()
    low, high = (values.index[np.searchsorted(shares, share)] for share in (0.02, 0.98))
    highest = values.index[-1]
    if cells.size < MANY or not 0 < 3 * (high - low) < highest - high:
        return []
    level = cells.levels_of(values.tail(1))[0]
    return [f"check: 98 % of the cells are at most {plain(high)}, but the highest is {cells.where(level)}: can it be?"]


def _ends_for_missing(values: pd.Series, cells: int) -> list[str]:
    """Ask about an end of the range that many cells hold but that lies apart, or is written like no amount."""
    if len(values) <= 3:
        return []
    lowest, second, *_, last_but_one, highest = values.index
    notes = []
    for end, next_to_it, span in ((lowest, second, highest - second), (highest, last_but_one, last_but_one - lowest)):
        share = values[end] / cells
        odd = len(values) > MOST_CODES and _FOR_MISSING.fullmatch(str(plain(end)))
        if share >= 0.01 and (odd or abs(end - next_to_it) > span):
            notes.append(f"check: {percent(share)} of the cells are {plain(end)}; if it means missing, cut the range")
    below = values.loc[:0].drop(0, errors="ignore").sum()
    if 0 < below <= 0.01 * cells:
        notes.append(f"check: {percent(below / cells)} of the cells are below zero; can that be?")
    return notes
