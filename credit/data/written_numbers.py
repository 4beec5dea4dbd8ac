"""Read numbers as people and spreadsheets write them: exactly by their form, whatever the locale of the machine."""

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from credit.core.number_form import NumberForm

_SPACES = "[\u00a0\u2000-\u200a\u202f\t ]+"
_UNUSUAL = {_SPACES: " ", "\u2212": "-", "\u2019": "'"}  # a minus and an apostrophe of typesetters
_ANY_UNUSUAL = "[\u00a0\u2000-\u200a\u202f\t\u2212\u2019]|  "
_SIGNS = {"leading": ("", "+", "-"), "trailing": ("", "+", "-"), "brackets": ("", "()")}


def plainly(text: pd.Series, form: NumberForm) -> pd.Series:
    """Write numbers as programs do: `(1.234,56 €)` as `-1234.56`; missing where a cell does not fit the form.

    Parameters
    ----------
    text : trimmed cells.
    form : by which they are read, but for its divisor.
    """
    found = pc.extract_regex(_usual(pa.array(text, type=pa.string(), from_pandas=True)), _pattern(form))
    number, *signs = (found.field(group) for group in ("number", *"abcd") if found.type.get_field_index(group) >= 0)
    if form.thousands:
        number = pc.replace_substring(number, form.thousands, "")
    if form.decimal == ",":
        number = pc.replace_substring(number, ",", ".")
    sign = pc.binary_join_element_wise(*signs, "")
    negative = pc.is_in(sign, pa.array(["-", "()"]))
    written = pc.binary_join_element_wise(pc.if_else(negative, "-", ""), number, "")
    fits = pc.and_(found.is_valid(), pc.is_in(sign, pa.array(_SIGNS[form.negative])))
    return pd.Series(pc.if_else(fits, written, None), index=text.index, dtype="str")


def _usual(cells: pa.Array) -> pa.Array:
    """Put plain spaces, signs and apostrophes in the place of those of typesetters."""
    if pc.any(pc.match_substring_regex(cells, _ANY_UNUSUAL)).as_py():
        for unusual, usual in _UNUSUAL.items():
            cells = pc.replace_substring_regex(cells, unusual, usual)
    return cells


def _pattern(form: NumberForm) -> str:
    """Give a regular expression whose groups are the number, and every place where a sign may stand."""
    prefix, suffix = _any_of(form.prefix), _any_of(form.suffix)
    number = _number(form)
    match form.negative:
        case "leading":
            return f"^(?P<a>[+-]?) ?{prefix} ?(?P<b>[+-]?) ?{number} ?{suffix}$"
        case "trailing":
            return f"^{prefix} ?{number} ?(?P<a>[+-]?) ?{suffix} ?(?P<b>[+-]?)$"
        case "brackets":
            opened, closed = rf"(?P<a>\(?) ?{prefix} ?(?P<b>\(?)", rf"(?P<c>\)?) ?{suffix} ?(?P<d>\)?)"
            return f"^{opened} ?{number} ?{closed}$"


def _any_of(affixes: tuple[str, ...]) -> str:
    longest_first = sorted(affixes, key=len, reverse=True)
    return f"(?:{'|'.join(' '.join(map(re.escape, affix.split())) for affix in longest_first)})"


def _number(form: NumberForm) -> str:
    decimal, thousands = f"[{form.decimal}]", f"[{form.thousands}]"
    parted = f"[1-9][0-9]{{0,2}}(?:{thousands}[0-9]{{3}})+|" if form.thousands else ""
    whole = f"(?:{parted}[0-9]+)(?:{decimal}[0-9]*)?"
    return f"(?P<number>(?:{whole}|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?)"
