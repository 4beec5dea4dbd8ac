"""What the tests of checks share: a reason tells no number that the record is without."""

import re

from credit.check.record import Check

NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?")


def unrecorded(check: Check, *names: str) -> set[str]:
    """Find the numbers of a check's reason that are none of its numbers, rounded; `names` are taken out before."""
    reason = check.reason
    for name in names:
        reason = reason.replace(name, "")
    values = [value for number in check.numbers for value in number[1:] if value is not None]
    recorded = {f"{round(value, digits) + 0.0:.{digits}f}" for value in values for digits in (0, 1, 2, 3)}
    return set(NUMBER.findall(reason)) - recorded - {f"{value:g}" for value in values}


def value(check: Check, name: str) -> float:
    """Give the number of that name."""
    return next(number.value for number in check.numbers if number.name == name)
