"""What a column of dates and times would need to tell when applicants applied: its format and its range."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from credit.core.column import Column
from credit.core.ranges import POSSIBLE_DAYS
from credit.data.cells import NEARLY_ALL, read_cells
from ops.draft_dictionary.cells import Cells

_DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%Y/%m/%d"),
    *("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%b-%Y", "%b-%y", "%b %Y", "%B %Y"),
)
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
FORMATS = (None, *(f"{day}{clock}" for clock in _CLOCKS for day in _DAYS))  # None is ISO 8601
LOOKED_AT = 1000  # levels, to find the formats


def as_time(cells: Cells) -> list[str]:
    """Say how a column of dates and times is written as one of the role `time`, and ask about days that are none.

    Parameters
    ----------
    cells : nearly all of them dates or times.
    """
    today = datetime.now(UTC).date()
    forms = formats(cells)
    if not forms:
        return ["role: time (with its format)"]
    times = read(cells.present.index, forms[0])
    is_likely = times.dt.normalize().between(pd.Timestamp(POSSIBLE_DAYS[0]), pd.Timestamp(today)).to_numpy()
    likely, others = times[is_likely], list(cells.present.index[times.notna().to_numpy() & ~is_likely])
    role = "role: time"
    if forms[0]:
        role += f", format: {' or '.join(map(repr, forms))}"
    if len(forms) == 1 and len(likely):
        role += f", range: [{likely.min():%Y-%m-%d}, {likely.max():%Y-%m-%d}]"
    if not others:
        return [role]
    return [role, f"check: no days of an application, to be kept out of the range? {cells.first(others)}"]


def formats(cells: Cells) -> list[str | None]:
    """Find the formats that read nearly all of the cells: ISO 8601, or else more than one where days may be months."""
    some = cells.present.iloc[:LOOKED_AT]
    shares = {form: some[read(some.index, form).notna().to_numpy()].sum() / some.sum() for form in FORMATS}
    forms = [form for form, share in shares.items() if share >= NEARLY_ALL]
    return [None] if None in forms else forms


def read(levels: pd.Index, form: str | None) -> pd.Series:
    """Read levels as `prepare` would, whatever their day."""
    column = Column(role="time", format=form, range=(date.min, date.max))
    return read_cells(pd.Series(np.asarray(levels), dtype="str"), column)[0]
