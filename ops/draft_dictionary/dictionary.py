"""The draft of a whole dictionary."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from credit.errors import InputError
from ops.draft_dictionary.cells import Cells
from ops.draft_dictionary.column import ColumnDraft
from ops.draft_dictionary.keys import keys_of
from ops.draft_dictionary.rules import draft_column
from ops.draft_dictionary.target import draft_target, find_target, likeness_to_target


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
