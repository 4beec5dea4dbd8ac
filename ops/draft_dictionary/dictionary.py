"""The draft of a whole dictionary: the target, and for every other column the first rule that fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from credit.core.errors import InputError
from ops.draft_dictionary.cells import MANY, Cells, percent, shown
from ops.draft_dictionary.column import ColumnDraft, missing, perhaps_levels
from ops.draft_dictionary.names import PROTECTED, keys_of, named
from ops.draft_dictionary.numbers import draft_numbers, draft_unreadable_numbers
from ops.draft_dictionary.target import draft_target, find_target, likeness_to_target
from ops.draft_dictionary.text import draft_dates, draft_text


@dataclass(frozen=True)
class Draft:
    """The columns in the order of the file, and remarks on the whole."""

    columns: Sequence[ColumnDraft]
    notes: Sequence[str]


def draft_dictionary(table: pa.Table, target: str | None = None, bad: Sequence[str] = ()) -> Draft:
    """Guess what each column of a table is.

    Parameters
    ----------
    table : the numbers of the lines, then columns of text as written.
    target : name of the target in the file, where a person knows it.
    bad : which of its codes mean default, where a person knows them.

    Raises
    ------
    InputError
        There is no such target or code, or the target has one value or too many.
    """
    lines, *texts = table.columns
    names = table.column_names[1:]
    scores, drafts = [], []
    for name, text in zip(names, texts, strict=True):  # the levels of one column at a time, for they take memory
        cells = Cells.of(name, text, lines)
        scores.append(likeness_to_target(cells))
        drafts.append(draft_column(cells))
    position, notes, why = find_target(names, scores, target)
    if position is not None:
        drafts[position] = draft_target(Cells.of(names[position], texts[position], lines), bad, why)
    elif bad:
        raise InputError(f"expected the name of the target for the bad code {bad[0]!r}, found no target by itself")
    if not any(draft.role in ("numeric", "nominal") for draft in drafts):
        notes = [*notes, "check: no column is left for a model to see, and without one this dictionary is refused"]
    keys = keys_of(names, None if position is None else names[position])
    keyed = zip(drafts, names, keys, strict=True)
    return Draft([replace(draft, source=name, key=key) for draft, name, key in keyed], notes)


def draft_column(cells: Cells) -> ColumnDraft:
    """Guess what a column is that is not the target, by the first rule that fits."""
    rules = (draft_nothing_told, draft_dates, draft_numbers, draft_unreadable_numbers, draft_text)
    draft = next(draft for rule in rules if (draft := rule(cells)) is not None)
    remarks = [*draft.notes, *missing(cells)]
    if draft.role == "ignored":
        return replace(draft, notes=remarks)
    if draft.role == "nominal":
        remarks += perhaps_levels(cells)
    share, level = cells.present.max() / cells.size, cells.present.idxmax()
    if cells.size >= MANY and share >= 0.99:
        remarks.append(f"unsure: {percent(share)} of the cells are {shown(level)}: does the column tell anything?")
    return replace(draft, notes=remarks, protected=named(PROTECTED, cells.name))


def draft_nothing_told(cells: Cells) -> ColumnDraft | None:
    """Ignore a column without a value, or with the same one everywhere (rule 1); None if it has more."""
    if not cells.size:
        return ColumnDraft("ignored", notes=["no cell holds a value"])
    if len(cells.present) == 1 or (len(cells.values) == 1 and cells.are_numbers and cells.numbers.notna().all()):
        absent = cells.absent.sum() / (cells.absent.sum() + cells.size)
        doubt = "unsure: beside missing cells, " if absent >= 0.01 else ""
        notes = [f"{doubt}always {shown(cells.present.index[0])}", *perhaps_levels(cells)]
        return ColumnDraft("ignored", notes=notes)
    return None
