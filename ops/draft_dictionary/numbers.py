"""Columns of numbers (rules 3 and 4)."""

from dataclasses import replace

from credit.cells import NEARLY_ALL
from ops.draft_dictionary.cells import FEWEST_IDENTIFIERS, Cells
from ops.draft_dictionary.column import ColumnDraft
from ops.draft_dictionary.distance import whole
from ops.draft_dictionary.names import CODED, COUNTED, IDENTIFIERS, named
from ops.draft_dictionary.number_codes import MOST_CODES, codes_among, draft_number_codes
from ops.draft_dictionary.number_range import draft_number_range

_DECIMAL_COMMA = r"[+-]?(?:\d+|\d{1,3}(?:[. ]\d{3})+),\d+"
_DECORATED = r"\(?[+-]?(?:[$€£]|eur|usd|dm)? ?[+-]?\d[\d.,' ]*(?: ?(?:[$€£%]|eur|usd|dm))?\)?"


def draft_numbers(cells: Cells) -> ColumnDraft | None:
    """Tell identifiers, codes and measured numbers apart; None if the cells are no numbers."""
    if not cells.are_numbers:
        return None
    if _are_identifiers(cells):
        return ColumnDraft("ignored", notes=["whole numbers, all different: an identifier"])
    codes = codes_among(cells.values)
    is_count = named(COUNTED, cells.name) and codes is not None and len(codes) > 2
    if codes is not None and not is_count:
        draft = draft_number_codes(cells, codes)
    elif named(CODED, cells.name) and len(cells.values) > MOST_CODES:
        doubt = f"unsure: {len(cells.values):,} different numbers, codes by the name; else role: numeric"
        return ColumnDraft("nominal", notes=[doubt])
    else:
        doubt = "unsure: a count by the name; if these are codes, role: nominal or ordinal, with codes"
        draft = draft_number_range(cells, [doubt] if is_count else [])
    unreadable = cells.not_numbers
    if not unreadable:
        return draft
    note = f"check: {cells.count(unreadable)} without a number, read as missing: {cells.first(unreadable)}"
    return replace(draft, notes=[*draft.notes, note])


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


def draft_unreadable_numbers(cells: Cells) -> ColumnDraft | None:
    """Ignore numbers with decimal commas, signs of currency or percent; None if the cells are no such numbers."""
    decorated = rf"(?i){_DECIMAL_COMMA}|{_DECORATED}"
    if cells.have_leading_zeros or cells.share_like(decorated) < NEARLY_ALL:
        return None
    first = cells.where(cells.not_numbers[0])
    what = "decimal commas" if cells.share_like(_DECIMAL_COMMA) else "signs or separators beside the digits"
    note = f"check: numbers with {what} cannot be read, as {first}; write them like 1234.5, then role: numeric"
    return ColumnDraft("ignored", notes=[note])
