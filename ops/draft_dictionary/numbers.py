"""Columns of numbers (rule 4): identifiers, codes, and measured numbers with their range.

Everywhere, `values` maps each number to its cells, from the lowest number to the highest.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from credit.data.cells import NEARLY_ALL
from ops.draft_dictionary.cells import FEWEST_IDENTIFIERS, MANY, Cells, ColumnDraft, plain, share_text
from ops.draft_dictionary.forms import unit_of
from ops.draft_dictionary.names import CODED, COUNTED, IDENTIFIERS, named
from ops.draft_dictionary.possible import codes_for_missing, possible_range

FEW = 0.03  # of the present cells, which may be damage
MOST_CODES = 12  # of whole numbers, to be taken for codes
FEWEST_COUNTS = 4  # different ones, to be seen to fall off
CODE_GAP = 2  # 1, 2, 4 are neighbours as codes; 4 and 9 are not
_MONTHS = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])"
_DAYS, _FIRST_DAY = (29_221, 54_789), date(1899, 12, 30)  # from 1980 to 2049, as spreadsheets count
_FOR_MISSING = re.compile(r"-?99+|-[19]")


def draft_numbers(cells: Cells) -> ColumnDraft | None:
    """Tell identifiers, codes and measured numbers apart; None if the cells are no numbers."""
    if not cells.are_numbers:
        return None
    if _are_identifiers(cells):
        return ColumnDraft("ignored", notes=["unsure: whole numbers, all different: an identifier? else role: numeric"])
    codes = None if cells.form else codes_among(cells.values)
    is_count = codes is not None and len(codes) > 2 and (named(COUNTED, cells.name) or _fall_off(codes))
    if codes is not None and not is_count:
        draft = draft_number_codes(cells, codes)
    elif named(CODED, cells.name) and len(cells.values) > MOST_CODES:
        doubt = f"unsure: {len(cells.values):,} different numbers, codes by the name; else role: numeric"
        return ColumnDraft("nominal", notes=[doubt])
    else:
        doubt = "unsure: a count by name or values; if these are codes, role: nominal or ordinal, with codes"
        draft = draft_number_range(cells, [doubt] if is_count else [])
    unreadable = cells.not_numbers
    if not unreadable:
        return draft
    note = f"check: {cells.count(unreadable)} without a number, read as missing: {cells.first(unreadable)}"
    return draft._replace(notes=[*draft.notes, note])


def _are_identifiers(cells: Cells) -> bool:
    """Tell identifiers from amounts, which in a small table may all be different too."""
    values = cells.values
    if cells.size < FEWEST_IDENTIFIERS or not whole(values):
        return False
    if named(IDENTIFIERS, cells.name):
        return len(values) > cells.size / 2
    numbered = values.index[-1] - values.index[0] < 2 * len(values)
    digits = cells.present.index.str.len()
    alike = digits.min() == digits.max() >= 5
    return bool(values.max() == 1 and cells.numbers.notna().all() and (numbered or alike or cells.size >= 10_000))


def _fall_off(codes: pd.Series) -> bool:
    """Tell counts (of delinquencies, say) from codes: from 0 on, and each rarer than the one before."""
    counts = codes.to_numpy()
    return len(codes) >= FEWEST_COUNTS and codes.index[0] == 0 and bool((np.diff(counts) < 0).all())


def codes_among(values: pd.Series) -> pd.Series | None:
    """Take whole numbers for codes, if they are few and close together; far and rare ones are left out."""
    usual = values.idxmax()
    low, high = widened(values, usual, usual, CODE_GAP)
    inside = values.loc[low:high]
    codes = inside[inside.index == inside.index.to_numpy().round()]
    if not 2 <= len(codes) <= MOST_CODES or codes.sum() < NEARLY_ALL * values.sum() or not whole(codes):
        return None
    close = high - low + 1 <= 3 * len(codes)
    return codes if close else None


def draft_number_codes(cells: Cells, codes: pd.Series) -> ColumnDraft:
    """Draft a nominal column of some of its numbers."""
    low, high = (int(codes.index[end]) for end in (0, -1))
    unseen = [str(code) for code in range(low, high) if code not in codes.index]
    notes = []
    if len(codes) > 2:
        gaps = f" without {', '.join(unseen)}" if unseen else ""
        notes.append(
            f"unsure: whole numbers, {low} to {high}{gaps}: names (nominal), an order (ordinal) or a count (numeric)?"
        )
    if far := cells.levels_of(cells.values.drop(codes.index)):
        notes.append(f"unsure: {cells.count(far)} unlike the rest, left out of the codes: {cells.first(far)}")
    remarks = {int(code): cells.seen(count) for code, count in codes.items()}
    return ColumnDraft("nominal", codes=remarks, notes=notes)


def draft_number_range(cells: Cells, notes: Sequence[str]) -> ColumnDraft:
    """Draft a numeric column; `notes` are those that were made before."""
    missing = codes_for_missing(cells.values)
    values = cells.values.drop(missing)
    possible = possible_range(cells.name, values)
    low, high = possible or usual_range(values)
    if missing:
        share, listed = share_text(cells.values[missing].sum() / cells.size), ", ".join(map(str, missing))
        notes = [*notes, f"check: {share} of the cells are {listed}, apart from the rest: taken to mean missing"]
    if far := cells.levels_of(values[(values.index < low) | (values.index > high)]):
        rest = f"{'outside of what is possible' if possible else 'far from the rest'} ({plain(low)} to {plain(high)})"
        notes = [*notes, f"unsure: {cells.count(far)} {rest}, left out of the range: {cells.first(far)}"]
    elif cells.size >= FEWEST_IDENTIFIERS and values.max() == 1 and whole(values):
        notes = [*notes, "unsure: whole numbers, all different; if they only name the applicant, role: ignored"]
    elif len(values) <= MOST_CODES and not notes:
        listed = ", ".join(str(plain(value)) for value in values.index)
        notes = [f"unsure: only {listed}; if these are codes, role: nominal or ordinal, with codes"]
    inside = values.loc[low:high]
    notes = [*notes, *_perhaps_dates(cells), *_far_end(cells, inside), *_ends_for_missing(inside, values.sum())]
    if possible:
        notes.append(f"seen: {plain(inside.index[0])} to {plain(inside.index[-1])}; the range is what is possible")
    written = {"unit": unit_of(cells.form), "number": cells.form}
    return ColumnDraft("numeric", range=(plain(low), plain(high)), missing=missing, notes=notes, **written)


def _perhaps_dates(cells: Cells) -> list[str]:
    """Ask about numbers that are all months, such as 201701, or days as spreadsheets count them."""
    if cells.share_like(_MONTHS) >= NEARLY_ALL:
        return ["unsure: years with a month? then role: time with format: '%Y%m', or role: ignored"]
    if whole(cells.values) and cells.values.loc[slice(*_DAYS)].sum() >= NEARLY_ALL * cells.values.sum():
        first, last = (_FIRST_DAY + timedelta(int(cells.values.index[end])) for end in (0, -1))
        return [
            f"unsure: days as spreadsheets count them ({first} to {last})? then role: ignored, or write them as dates"
        ]
    return []


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
            notes.append(
                f"check: {share_text(share)} of the cells are {plain(end)}; if it means missing, list it under missing"
            )
    below = values.loc[:0].drop(0, errors="ignore").sum()
    if 0 < below <= 0.01 * cells:
        notes.append(f"check: {share_text(below / cells)} of the cells are below zero; can that be?")
    return notes


def frequent(counts: pd.Series) -> pd.Series:
    """Leave out values of one or two cells, or of less than half a percent; in a small table, none."""
    cells = counts.sum()
    return counts[counts > max(2, cells / 200)] if cells >= MANY else counts


def widened(values: pd.Series, low: float, high: float, gap: float | None = None) -> tuple[float, float]:
    """Walk outwards from `low` to `high` until a wide gap with few cells beyond it.

    Without a `gap`, one is wide that is wider than all that was walked over.
    """
    high = _walked_up(values, low, high, gap)
    mirrored = pd.Series(values.to_numpy()[::-1], index=-values.index.to_numpy()[::-1])
    return -_walked_up(mirrored, -high, -low, gap), high


def _walked_up(values: pd.Series, low: float, high: float, gap: float | None) -> float:
    above = values.loc[high:]
    numbers, cells, total = above.index.to_numpy(dtype="float64"), above.to_numpy(), values.sum()
    beyond = cells[::-1].cumsum()[::-1][1:]
    wide = numbers[:-1] - low if gap is None else gap
    few = FEW * total if total >= MANY else 0
    stops = np.flatnonzero((np.diff(numbers) > wide) & (beyond <= few))
    return numbers[stops[0]] if len(stops) else numbers[-1]


def whole(values: pd.Series) -> bool:
    """Whether all numbers are whole, and none so large that neighbours cannot be told apart."""
    numbers = values.index.to_numpy(dtype="float64")
    return bool((numbers == numbers.round()).all() and (np.abs(numbers) < 2**53).all())
