"""What was guessed of one column, and what is remarked on it whatever it was taken for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from credit.core.dictionary import Code, Role
from credit.data.cells import NEARLY_ALL
from ops.draft_dictionary.cells import MANY, Cells, percent, shown


@dataclass(frozen=True)
class ColumnDraft:
    """What was guessed of a column; `codes` maps each code to a remark on it, `notes` are remarks on the column."""

    role: Role
    source: str = ""
    key: str = ""
    range: tuple[float, float] | None = None
    codes: Mapping[Code, str] = field(default_factory=dict)
    bad_codes: Sequence[Code] = ()
    protected: bool = False
    notes: Sequence[str] = ()


def missing(cells: Cells) -> list[str]:
    """Say how much is missing, and ask about a column of hardly anything else."""
    absent = cells.absent.sum()
    if not absent or not cells.size:
        return []
    share = absent / (absent + cells.size)
    return [f"unsure: {percent(share)} missing: worth keeping?" if share > NEARLY_ALL else f"{percent(share)} missing"]


def perhaps_levels(cells: Cells) -> list[str]:
    """Ask about placeholders that might be an answer (no guarantor, an unknown balance, not applicable)."""
    rows = cells.absent.sum() + cells.size
    return [
        f"check: {shown(word)} ({percent(count / rows)}) is read as missing; if it is an answer, add it to the codes"
        for word, count in cells.absent.items()
        if word and count / rows >= 0.01
    ]


def seen(count: int, of: int) -> str:
    """Remark on a code that few cells hold, which may be a slip."""
    if of < MANY or count > max(2, of / 10_000):
        return ""
    return f"unsure: seen {'once' if count == 1 else f'{count} times'}"
