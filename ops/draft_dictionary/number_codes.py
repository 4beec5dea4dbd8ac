"""Whole numbers that are codes."""

import pandas as pd

from credit.cells import NEARLY_ALL
from ops.draft_dictionary.cells import Cells
from ops.draft_dictionary.column import ColumnDraft
from ops.draft_dictionary.distance import whole, widened
from ops.draft_dictionary.remarks import seen

MOST_CODES = 12  # of whole numbers, to be taken for codes
CODE_GAP = 2  # 1, 2, 4 are neighbours as codes; 4 and 9 are not


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
    remarks = {int(code): seen(count, cells.size) for code, count in codes.items()}
    return ColumnDraft("nominal", codes=remarks, notes=notes)
