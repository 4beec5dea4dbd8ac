"""The draft of a whole dictionary: the target, and for every other column the first rule that fits.

Here are the rules on columns that tell nothing (1), of dates (2) and of text (5); `numbers` has the others.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import pyarrow as pa

from credit.core.errors import InputError
from credit.data.cells import NEARLY_ALL
from ops.draft_dictionary.cells import (
    FEW_SHOWN,
    FEWEST_IDENTIFIERS,
    MANY,
    MOST_LEVELS,
    Cells,
    ColumnDraft,
    share_text,
    shown,
)
from ops.draft_dictionary.forms import find_form
from ops.draft_dictionary.names import LATER, ORDERED, PROTECTED, keys_of, named
from ops.draft_dictionary.numbers import draft_numbers
from ops.draft_dictionary.order import in_order
from ops.draft_dictionary.target import draft_target, find_target, likeness_to_target
from ops.draft_dictionary.times import as_time

_YEAR, _MM, _DD = r"(?:19|20)\d{2}", "(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = "(?:jan|feb|mar|mär|maer|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|[+-]\d{2}:?\d{2}))?"
# 1980.5 is no month: as many amounts are written so.
_DATE = (
    rf"(?i)(?:{_YEAR}[-/]{_MM}(?:[-/]{_DD})?|{_YEAR}\.{_MM}\.{_DD}|{_MM}[./-]{_YEAR}|"
    rf"(?:{_DD}[./-]{_MM}|{_MM}[./-]{_DD})[./-](?:{_YEAR}|\d{{2}})|"
    rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    rf"(?:\d{{1,2}}[-. ]{{1,2}})?{_MONTH}\.?(?:[-, ]{{1,2}}\d{{1,2}},?)?[-, ]\d{{2,4}})(?:[T ]+{_CLOCK})?|{_CLOCK}"
)
LONGEST_CODE = 100  # characters
_INTERVAL = r".*[<>≤≥].*|.*\d ?(?:-|to|bis|and|und) ?\d.*"


class Draft(NamedTuple):
    """The columns in the order of the file, and remarks on the whole."""

    columns: Sequence[ColumnDraft]
    notes: Sequence[str]


def draft_dictionary(table: pa.Table, target: str | None = None, bad: Sequence[str] = ()) -> Draft:
    """Guess what each column of a table is.

    Parameters
    ----------
    table : the numbers of the lines, then columns of text as written.
    target, bad : its name in the file, and which of its codes mean default, where a person knows them.
    """
    lines, *texts = table.columns
    names = table.column_names[1:]
    scores, decimals = [], Counter()
    for name, text in zip(names, texts, strict=True):  # the levels of one column at a time, for they take memory
        cells = Cells.of(name, text, lines)
        scores.append(likeness_to_target(cells))
        decimals.update([written.decimal] if not are_dates(cells) and (written := find_form(cells)) else [])
    of_file = max((mark for mark in decimals if mark), key=decimals.get, default="")
    drafts = [draft_column(Cells.of(name, text, lines), of_file) for name, text in zip(names, texts, strict=True)]
    position, notes, why = find_target(names, scores, target)
    if position is not None:
        drafts[position] = draft_target(Cells.of(names[position], texts[position], lines), bad, why)
    elif bad:
        raise InputError(f"expected the name of the target for the bad code {bad[0]!r}, found no target by itself")
    if not any(draft.role in ("numeric", "nominal", "ordinal") for draft in drafts):
        notes = [*notes, "check: no column is left for a model to see, and without one this dictionary is refused"]
    keys = keys_of(names, None if position is None else names[position])
    keyed = zip(drafts, names, keys, strict=True)
    return Draft([draft._replace(source=name, key=key) for draft, name, key in keyed], notes)


def draft_column(cells: Cells, of_file: str = "") -> ColumnDraft:
    """Guess what a column is that is not the target, by the first rule that fits.

    Parameters
    ----------
    of_file : the decimal mark of the file's other columns, where there is one.
    """
    questions = []
    if not are_dates(cells) and (written := find_form(cells, of_file)):
        cells, questions = replace(cells, form=written.form), written.questions
    rules = (draft_nothing_told, draft_known_later, draft_dates, draft_numbers, draft_text)
    draft = next(draft for rule in rules if (draft := rule(cells)) is not None)
    remarks = [*questions, *draft.notes, *cells.missing()]
    if draft.role == "ignored":
        return draft._replace(notes=remarks)
    if draft.role == "nominal":
        remarks += cells.perhaps_levels()
    share, level = cells.present.max() / cells.size, cells.present.idxmax()
    if cells.size >= MANY and share >= 0.99:
        remarks.append(f"unsure: {share_text(share)} of the cells are {shown(level)}: does the column tell anything?")
    return draft._replace(notes=remarks, protected=named(PROTECTED, cells.name))


def draft_nothing_told(cells: Cells) -> ColumnDraft | None:
    """Ignore a column without a value, or with the same one everywhere (rule 1); None if it has more."""
    if not cells.size:
        return ColumnDraft("ignored", notes=["no cell holds a value"])
    if len(cells.present) == 1 or (len(cells.values) == 1 and cells.are_numbers and cells.numbers.notna().all()):
        doubt = "unsure: beside missing cells, " if cells.share_absent >= 0.01 else ""
        always = f"{doubt}always {shown(cells.present.index[0])}"
        return ColumnDraft("ignored", notes=[always, *cells.perhaps_levels()])
    return None


def draft_known_later(cells: Cells) -> ColumnDraft | None:
    """Ignore what is known only after the outcome, by its name (rule 2); None if the name does not tell."""
    if not named(LATER, cells.name):
        return None
    note = "check: by its name known only after the outcome; if it was known at the application, give it a role"
    return ColumnDraft("ignored", notes=[note])


def are_dates(cells: Cells) -> bool:
    return cells.share_like(_DATE) >= NEARLY_ALL


def draft_dates(cells: Cells) -> ColumnDraft | None:
    """Ignore dates and times, and ask whether they are those of the applications; None if the cells are none."""
    if not are_dates(cells):
        return None
    first = f"unsure: dates or times, the first is {cells.where(cells.present.index[0])}"
    role, *doubts = as_time(cells)
    return ColumnDraft("ignored", notes=[f"{first}; if this is when the applicant applied, {role}", *doubts])


def draft_text(cells: Cells) -> ColumnDraft:
    """Tell identifiers and free text from levels, which are listed as codes where they are few."""
    levels = len(cells.present)
    if order := in_order(list(cells.present.index), cells.name):
        note = "check: taken to be in this order, from the first to the last"
        codes = {level: cells.seen(cells.present[level]) for level in order}
        return ColumnDraft("ordinal", codes=codes, notes=[note, *_differing_by_case(cells)])
    if cells.size >= FEWEST_IDENTIFIERS and levels > cells.size / 2:
        extent = f"{levels:,} levels in {cells.size:,} cells, the first is {cells.where(cells.present.index[0])}"
        note = f"unsure: identifiers or free text: {extent}"
        return ColumnDraft("ignored", notes=[note])
    notes = _perhaps_numbers(cells) + _differing_by_case(cells)
    if levels > MOST_LEVELS or cells.present.index.str.len().max() > LONGEST_CODE:
        return ColumnDraft("nominal", notes=[f"{levels:,} levels, not listed: any text is one", *notes])
    if levels > 2 and (named(ORDERED, cells.name) or cells.share_like(_INTERVAL) >= 0.5):
        notes.append("unsure: in an order? then role: ordinal, with the codes in their order")
    codes = {level: cells.seen(cells.present[level]) for level in sorted(cells.present.index)}
    return ColumnDraft("nominal", codes=codes, notes=notes)


def _perhaps_numbers(cells: Cells) -> list[str]:
    """Say that a good part of the cells are numbers."""
    share = cells.share(cells.numbers.notna())
    if share < 0.05 or share == 1 or cells.have_leading_zeros:
        return []
    first = cells.where(cells.not_numbers[0])
    return [f"unsure: {share_text(share)} of the cells are numbers; the first that is none is {first}"]


def _differing_by_case(cells: Cells) -> list[str]:
    """Ask about levels that may be the same."""
    folded = cells.present.index.str.lower()
    alike = cells.present.index[folded.duplicated(keep=False)]
    if not len(alike):
        return []
    return [f"check: levels that differ by case only, as {', '.join(map(shown, alike[:FEW_SHOWN]))}, are told apart"]
