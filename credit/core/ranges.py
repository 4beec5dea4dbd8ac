"""The range of a column: of numbers, or of the days on which applicants may have applied."""

from datetime import date, datetime
from math import isfinite, nan
from typing import Any

from pydantic import ValidationInfo

# Of a time without a range. It does not depend on the day on which a table is read, so that a later run gives the same;
# its ends leave out what programs write for a day that is not known: 1900-01-01, 2099-12-31, 9999-12-31.
POSSIBLE_DAYS = date(1901, 1, 1), date(2098, 12, 31)


def range_of(ends: Any, info: ValidationInfo) -> tuple[float, float] | tuple[date, date] | None:
    """Read the range of a column by its role: of a time two days, either of which may be null, else two numbers."""
    if ends is None:
        return None
    is_time = info.data.get("role") == "time"
    wanted = "two days, [first, last], such as [2015-01-01, null]" if is_time else "two numbers, [lowest, highest]"
    if not (isinstance(ends, list | tuple) and len(ends) == 2):
        raise ValueError(wanted)
    low, high = map(_day, ends, POSSIBLE_DAYS) if is_time else map(_number, ends)
    if low is None or high is None or low > high:
        raise ValueError(wanted)
    return low, high


def _number(end: Any) -> float | None:
    """Read a number; one such as 1e6 is a text to YAML."""
    try:
        number = float(end) if isinstance(end, int | float | str) and not isinstance(end, bool) else nan
    except ValueError:
        return None
    return number if isfinite(number) else None


def _day(end: Any, otherwise: date) -> date | None:
    if end is None:
        return otherwise
    try:
        end = date.fromisoformat(end) if isinstance(end, str) else end
    except ValueError:
        return None
    return end if isinstance(end, date) and not isinstance(end, datetime) else None
