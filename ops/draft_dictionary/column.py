"""What was guessed of one column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from credit.core.dictionary import Code, Role


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
