"""Columns of dates and times (rule 2)."""

from credit.cells import NEARLY_ALL
from ops.draft_dictionary.cells import Cells
from ops.draft_dictionary.column import ColumnDraft

_MONTH = "(?:jan|feb|mar|mär|maer|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|[+-]\d{2}:?\d{2}))?"
_DATE = (
    rf"(?i)(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})|"
    rf"(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    rf"(?:\d{{1,2}}[-. ]{{1,2}})?{_MONTH}\.?(?:[-, ]{{1,2}}\d{{1,2}},?)?[-, ]\d{{2,4}})(?:[T ]+{_CLOCK})?|{_CLOCK}"
)


def draft_dates(cells: Cells) -> ColumnDraft | None:
    """Ignore dates and times, and ask whether they are those of the applications; None if the cells are none."""
    if cells.share_like(_DATE) < NEARLY_ALL:
        return None
    first = cells.where(cells.present.index[0])
    note = (
        f"dates or times, the first is {first}; if this is when the applicant applied, role: time (format, unless ISO)"
    )
    return ColumnDraft("ignored", notes=[note])
