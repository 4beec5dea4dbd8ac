"""Columns of dates (rule 2) and of text (rule 5)."""

from credit.data.cells import NEARLY_ALL
from ops.draft_dictionary.cells import FEW_SHOWN, FEWEST_IDENTIFIERS, Cells, percent, shown
from ops.draft_dictionary.column import ColumnDraft, seen
from ops.draft_dictionary.names import CODED, ORDERED, named

_MONTH = "(?:jan|feb|mar|mär|maer|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|[+-]\d{2}:?\d{2}))?"
_DATE = (
    rf"(?i)(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})|"
    rf"(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    rf"(?:\d{{1,2}}[-. ]{{1,2}})?{_MONTH}\.?(?:[-, ]{{1,2}}\d{{1,2}},?)?[-, ]\d{{2,4}})(?:[T ]+{_CLOCK})?|{_CLOCK}"
)
MOST_LEVELS = 30  # of text, to be listed as codes
LONGEST_CODE = 100  # characters
_INTERVAL = r".*[<>≤≥].*|.*\d ?(?:-|to|bis|and|und) ?\d.*"


def draft_dates(cells: Cells) -> ColumnDraft | None:
    """Ignore dates and times, and ask whether they are those of the applications; None if the cells are none."""
    if cells.share_like(_DATE) < NEARLY_ALL:
        return None
    first = cells.where(cells.present.index[0])
    note = (
        f"dates or times, the first is {first}; if this is when the applicant applied, role: time (format, unless ISO)"
    )
    return ColumnDraft("ignored", notes=[note])


def draft_text(cells: Cells) -> ColumnDraft:
    """Tell identifiers and free text from levels, which are listed as codes where they are few."""
    levels = len(cells.present)
    if cells.size >= FEWEST_IDENTIFIERS and levels > cells.size / 2:
        repeated = levels < 0.9 * cells.size or (levels < cells.size and named(CODED, cells.name))
        found = f"{levels:,} levels in {cells.size:,} cells, the first is {cells.where(cells.present.index[0])}"
        note = f"{'unsure: ' if repeated else ''}identifiers or free text: {found}"
        return ColumnDraft("ignored", notes=[note])
    notes = _perhaps_numbers(cells) + _differing_by_case(cells)
    if levels > MOST_LEVELS or cells.present.index.str.len().max() > LONGEST_CODE:
        return ColumnDraft("nominal", notes=[f"{levels:,} levels, not listed: any text is one", *notes])
    if levels > 2 and (named(ORDERED, cells.name) or cells.share_like(_INTERVAL) >= 0.5):
        notes.append("unsure: in an order? then role: ordinal, with the codes in their order")
    codes = {level: seen(cells.present[level], cells.size) for level in sorted(cells.present.index)}
    return ColumnDraft("nominal", codes=codes, notes=notes)


def _perhaps_numbers(cells: Cells) -> list[str]:
    """Say that a good part of the cells are numbers."""
    share = cells.share(cells.numbers.notna())
    if share < 0.05 or share == 1 or cells.have_leading_zeros:
        return []
    first = cells.where(cells.not_numbers[0])
    return [f"unsure: {percent(share)} of the cells are numbers; the first that is none is {first}"]


def _differing_by_case(cells: Cells) -> list[str]:
    """Ask about levels that may be the same."""
    folded = cells.present.index.str.lower()
    alike = cells.present.index[folded.duplicated(keep=False)]
    if not len(alike):
        return []
    return [f"check: levels that differ by case only, as {', '.join(map(shown, alike[:FEW_SHOWN]))}, are told apart"]
