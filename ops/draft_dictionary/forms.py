"""How the numbers of a column are written, found in all its cells; they are read as `ingest` and scoring read them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from credit.core.number_form import NumberForm
from credit.data.cells import NEARLY_ALL
from credit.data.written_numbers import plainly
from ops.draft_dictionary.cells import FEW_SHOWN, Cells, share_text, shown

_BETWEEN = ".,'\u2019_\\s"  # what may stand between the digits of a number
_PARTS = rf"^(?P<before>[^0-9]*?)(?P<number>[.,]?[0-9][0-9{_BETWEEN}]*?(?:[eE][+-]?[0-9]+)?)(?P<after>[^0-9]*)$"
_CURRENCIES = "[$€£¥₹₽₺₩]|eur|usd|gbp|chf|dm|dem|inr|rs|r[$]|us[$]|kr|sek|nok|dkk|pln|zł|kč|czk|mxn|ars|cop|clp"
_UNITS = "[%‰]|k|m|mio|tsd|p[.]? ?a|months?|mths?|mos?|years?|yrs?|days?|weeks?|monate?|jahre?|tage?|meses|años?"
_CURRENCY, _UNIT = re.compile(f"(?i)(?:{_CURRENCIES})[.]?"), re.compile(f"(?i)(?:{_UNITS}|{_CURRENCIES})[.]?")
_WORDS = re.compile(r"\s[^\W\d_]{2,}[.]?(?: [^\W\d_]+[.]?){0,2}")
# Decimal and thousands, the plainest first.
_MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"), (".", "_"))
_TOLD_APART = 0.02  # of the marked cells: so many have to allow only one of two readings
_RARE = 0.02  # of the numbers: a sign that fewer have is a slip
_ALIKE = 20  # different numbers, all with three digits after their only mark: so many are no decimals by chance


class Written(NamedTuple):
    """How numbers are written: None where plainly; what is to be asked; and the decimal mark, where that is sure."""

    form: NumberForm | None
    questions: Sequence[str] = ()
    decimal: str = ""


def find_form(cells: Cells, of_file: str = "") -> Written | None:
    """Find out how the numbers of a column are written; None if it has none.

    Parameters
    ----------
    of_file : the decimal mark of other columns of the file, by which a column is read that leaves it open.
    """
    if cells.have_leading_zeros or not cells.size:
        return None
    parts = _parts(cells)
    counts = cells.present[parts.index]
    prefix, suffix = (_frequent(parts[side], counts) for side in ("prefix", "suffix"))
    if counts.sum() < NEARLY_ALL * cells.size or not (_are_one(prefix) and _are_one(suffix)):
        return None
    beside = {"prefix": prefix, "suffix": suffix, "negative": _sign(parts, counts)}
    (decimal, thousands), questions, sure = _find_marks(parts["number"], counts, beside, of_file)
    form = NumberForm(decimal=decimal, thousands=thousands, **beside)
    if not _UNIT.fullmatch(suffix[0]) and suffix[0]:
        questions.append(f"check: numbers before {shown(suffix[0])}")
    for side in ("prefix", "suffix"):
        questions += _perhaps_none(beside[side], parts[side], cells)
    return Written(None if form == NumberForm() else form, questions, sure)


def unit_of(form: NumberForm | None) -> str:
    """Give the unit that a form names, such as %."""
    return "" if form is None else next((affix for affix in (*form.suffix, *form.prefix) if affix), "")


def _parts(cells: Cells) -> pd.DataFrame:
    """Part the levels that are numbers: what stands before and after, the prefix and suffix in it, and the number."""
    parts = cells.present.index.to_series().str.replace("\u2212", "-").str.extract(_PARTS).dropna()
    parts["prefix"], parts["suffix"] = parts["before"].str.strip(" -+("), parts["after"].str.strip(" -)")
    known = {prefix for prefix in parts["prefix"].unique() if not prefix or _CURRENCY.fullmatch(prefix)}
    units = {after for after in parts["after"].unique() if _is_unit(after)}
    return parts[parts["prefix"].isin(known) & parts["after"].isin(units)]


def _is_unit(after: str) -> bool:
    """Tell a unit after a number (`5%`, `36 months`) from more of a code (`860xx`) or of a comparison (`10+ years`)."""
    unit = after.strip(" -)")
    return not unit or bool(_UNIT.fullmatch(unit) or _WORDS.fullmatch(after.rstrip()))


def _frequent(affixes: pd.Series, counts: pd.Series) -> tuple[str, ...]:
    shares = counts.groupby(affixes).sum().sort_values(ascending=False, kind="stable") / counts.sum()
    return tuple(shares.index[shares >= _RARE])


def _are_one(affixes: Sequence[str]) -> bool:
    """Tell whether affixes mean the same: `month` and `months` do; `$` and `€`, and `k` and `M` do not."""
    named = [affix.lower() for affix in affixes if affix]
    return len(named) < 2 or (len({affix[:3] for affix in named}) == 1 and min(map(len, named)) >= 3)


def _sign(parts: pd.DataFrame, counts: pd.Series) -> str:
    """Find where most negative numbers have their sign."""
    places = {"leading": ("before", "-"), "trailing": ("after", "-"), "brackets": ("before", "(")}
    having = {place: parts[side].str.contains(sign, regex=False) for place, (side, sign) in places.items()}
    return max(having, key=lambda place: counts[having[place]].sum())


def _perhaps_none(affixes: Sequence[str], of_cells: pd.Series, cells: Cells) -> list[str]:
    """Ask about cells without the prefix or suffix that others have."""
    if len(affixes) < 2 or "" not in affixes:
        return []
    named = next(affix for affix in affixes if affix)
    without = share_text(cells.present[of_cells.index[of_cells == ""]].sum() / cells.size)
    return [f"unsure: {without} of the cells are without {shown(named)}: the same unit?"]


def _find_marks(
    numbers: pd.Series, counts: pd.Series, beside: Mapping[str, Any], of_file: str
) -> tuple[tuple[str, str], list[str], str]:
    """Find the marks by all the numbers that have some: decimals and thousands, a question, and the decimal if sure."""
    has_mark = numbers.str.contains(f"[{_BETWEEN}]")
    marked = counts[has_mark]
    if not len(marked):
        return _MARKS[0], [], ""
    cells, shares = pd.Series(marked.index, dtype="str"), {}
    for decimal, thousands in _MARKS:
        fit = plainly(cells, NumberForm(decimal=decimal, thousands=thousands, **beside)).notna()
        shares[decimal, thousands] = marked[fit.to_numpy()].sum() / marked.sum()
    if max(shares.values()) < NEARLY_ALL:
        examples = ", ".join(shown(numbers[level]) for level in marked.index[:FEW_SHOWN])
        return _MARKS[0], [f"unsure: numbers are not all written in one way: {examples}"], ""
    near = [marks for marks in _MARKS if shares[marks] >= max(shares.values()) - _TOLD_APART]
    for mark, other in ((".", ","), (",", ".")):
        if {(mark, ""), (other, mark)} <= set(near):
            return _guess(mark, other, numbers[has_mark], numbers[~has_mark], of_file)
    decimals = {decimal for decimal, _ in near}
    return near[0], [], decimals.pop() if len(decimals) == 1 else ""


def _guess(
    mark: str, other: str, marked: pd.Series, plain: pd.Series, of_file: str
) -> tuple[tuple[str, str], list[str], str]:
    """Decide what a mark is that three digits follow in nearly all cells: as in the file, else by what is likely."""
    alone = not ((plain.str.len() > 3).any() or (mark == "." and len(marked) < _ALIKE))
    if of_file == mark and not alone:
        return (mark, ""), [], ""
    is_thousands = of_file == other if of_file else alone
    example = marked.iloc[0]
    read = example.replace(mark, "" if is_thousands else ".")
    mood = "check" if of_file == other else "unsure"
    question = f"{mood}: {shown(example)} is taken for {read}; three digits follow the mark in nearly all cells"
    return ((other, mark) if is_thousands else (mark, "")), [question], ""
