"""What is possible for quantities that everybody knows, and numbers that mean missing."""

import re
from typing import NamedTuple

import pandas as pd

from ops.draft_dictionary.cells import plain
from ops.draft_dictionary.names import named

NEARLY_ALL = 0.95  # of the cells, which have to be possible for the name to be believed
FEWEST = 0.005  # of the cells, to be a code for missing; fewer are damage
FAR = 0.25  # of the extent of the others: so far from them a code for missing lies
MOST_CODES = 4
_FOR_MISSING = re.compile(r"-?99+|-[1-9]")


class Quantity(NamedTuple):
    """A quantity by the words of its name, and the range in which it is possible; `also` have to be in the name too."""

    words: str
    low: float
    high: float
    also: str = ""


_KNOWN = (
    Quantity("age|alter|edad", 18, 110),
    Quantity(
        "emp|employment|employed|job|work|tenure|beruf|yoj", 0, 60, also="length|years|yrs|since|tenure|jahre|yoj"
    ),
    Quantity("share|anteil|percent|pct|prob|probability", 0, 1),
    Quantity("share|anteil|percent|pct|percentage", 0, 100),
    Quantity("term|duration|laufzeit|plazo|months|monate|meses", 0, 600),
)


def possible_range(name: str, values: pd.Series) -> tuple[float, float] | None:
    """Give the range in which a quantity of this name is possible, if nearly all its values are.

    Parameters
    ----------
    values : number -> cells, from the lowest number to the highest.
    """
    for known in _KNOWN:
        by_name = named(known.words, name) and (not known.also or named(known.also, name))
        if by_name and values.loc[known.low : known.high].sum() >= NEARLY_ALL * values.sum():
            return known.low, known.high
    return None


def codes_for_missing(values: pd.Series) -> list[float]:
    """Find numbers such as -9999, -1 and 999 that many cells hold and that lie apart from all others."""
    found = []
    while len(found) < MOST_CODES and len(values) > 3 and (code := _code_at_an_end(values)) is not None:
        found.append(code)
        values = values.drop(code)
    return found


def _code_at_an_end(values: pd.Series) -> float | None:
    lowest, second, *_, last_but_one, highest = values.index
    ends = ((lowest, second, highest - second), (highest, last_but_one, last_but_one - lowest))
    for end, next_to_it, extent in ends:
        apart = abs(end - next_to_it) > FAR * extent or end < 0 <= next_to_it
        if apart and values[end] >= FEWEST * values.sum() and _FOR_MISSING.fullmatch(str(plain(end))):
            return plain(end)
    return None
