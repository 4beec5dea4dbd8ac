"""What a column is that is not the target: the rules in their order, and remarks that go with any of them."""

from dataclasses import replace

from ops.draft_dictionary.cells import MANY, Cells
from ops.draft_dictionary.column import ColumnDraft
from ops.draft_dictionary.dates import draft_dates
from ops.draft_dictionary.names import PROTECTED, named
from ops.draft_dictionary.numbers import draft_numbers, draft_unreadable_numbers
from ops.draft_dictionary.remarks import missing, perhaps_levels
from ops.draft_dictionary.text import draft_text
from ops.draft_dictionary.wording import percent, shown


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
