"""The order of levels that are text: intervals, grades, and words of a known scale."""

import re
from collections.abc import Sequence

from ops.draft_dictionary.names import ORDERED, named

MOST_ORDERED = 60  # levels, to be listed in their order
_NUMBER = re.compile(r"\d+(?:[., ]\d{3})*(?:[.,]\d+)?k?", re.IGNORECASE)
_BELOW = re.compile(r"[<≤]|\b(below|under|less|up to|at most|unter|bis|weniger|hasta|menos)\b", re.IGNORECASE)
_ABOVE = re.compile(r"[>≥]|\d ?\+|\b(above|over|more|ab|über|mehr|más|desde)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\d ?k?[^\W\d]* ?(-|\u2013|to|bis|and|und|<) ?[^\W\d]* ?\d", re.IGNORECASE)
_GRADE = re.compile(r"([A-Z])(\d{0,2})")
# Each scale from its lowest word on; words of one place are divided by a stroke.
_SCALES = (
    "very low/sehr niedrig/muy bajo, low/niedrig/bajo, medium/middle/moderate/mittel/medio, high/hoch/alto, "
    "very high/sehr hoch/muy alto",
    "very poor/very bad/sehr schlecht, poor/bad/schlecht/malo, fair/average/mittel/regular, good/gut/bueno, "
    "very good/sehr gut/muy bueno, excellent/exceptional/excelente",
    "xs, small/klein, medium/mittel, large/gross, xl, xxl",
    "never/nie/nunca, rarely/seldom/selten, sometimes/manchmal, often/oft, always/immer/siempre",
    "little, moderate, quite rich, rich",
    "aaa, aa+, aa, aa-, a+, a, a-, bbb+, bbb, bbb-, bb+, bb, bb-, b+, b, b-, ccc+, ccc, ccc-, cc, c, d",
)
_PLACES = [
    {word: place for place, words in enumerate(scale.split(", ")) for word in words.split("/")} for scale in _SCALES
]


def in_order(levels: Sequence[str], name: str) -> list[str] | None:
    """Put at least three levels in their order, the lowest first; None where they show none, or two are alike."""
    if not 3 <= len(levels) <= MOST_ORDERED:
        return None
    for places in (_intervals(levels, name), _grades(levels, name), *(_words(levels, scale) for scale in _PLACES)):
        if places is not None and len(set(places)) == len(levels):
            return [level for _, level in sorted(zip(places, levels, strict=True))]
    return None


def _intervals(levels: Sequence[str], name: str) -> list[tuple[float, int]] | None:
    """Place `< 1 year`, `1 year`, `10+ years`, `0-100` by their first number; all have to have one."""
    if not all(_NUMBER.search(level) for level in levels):
        return None
    marked = any(pattern.search(level) for level in levels for pattern in (_BELOW, _ABOVE, _BETWEEN))
    return [_interval(level) for level in levels] if marked or named(ORDERED, name) else None


def _interval(level: str) -> tuple[float, int]:
    numbers = _NUMBER.findall(level)
    side = 0 if len(numbers) > 1 else bool(_ABOVE.search(level)) - bool(_BELOW.search(level))
    return _value(numbers[0]), side


def _value(written: str) -> float:
    """Read a number as in `1,000`, `2.5` or `10k`: three digits after a mark are thousands."""
    digits = re.sub(r"[., ](?=\d{3}(?!\d))", "", written.lower().removesuffix("k")).replace(",", ".")
    return float(digits) * (1000 if written.lower().endswith("k") else 1)


def _grades(levels: Sequence[str], name: str) -> list[tuple[str, int]] | None:
    """Place `A1` to `G5`, and by the column's name also `A` to `G`."""
    parts = [_GRADE.fullmatch(level) for level in levels]
    if not all(parts):
        return None
    letters, digits = ({part[group] for part in parts} for group in (1, 2))
    is_grid = min(len(letters), len(digits)) >= 2 and "" not in digits
    return [(part[1], int(part[2] or 0)) for part in parts] if is_grid or named(ORDERED, name) else None


def _words(levels: Sequence[str], scale: dict[str, int]) -> list[int] | None:
    words = [level.casefold().replace("ß", "ss").replace("_", " ") for level in levels]
    known = all(word in scale for word in words) and max(map(len, words)) > 1  # A, B and C may be anything
    return [scale[word] for word in words] if known else None
