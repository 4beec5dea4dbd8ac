"""A column's cells, what is guessed of it, and how cells are written in remarks and messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from credit.core.column import Code, Role
from credit.core.number_form import NumberForm
from credit.data.cells import NEARLY_ALL, PLACEHOLDERS
from credit.data.written_numbers import plainly

FEW_SHOWN = 3  # where each is written with its line
MANY = 100  # present cells, from which on a rare value is told from a frequent one
FEWEST_IDENTIFIERS = 20  # cells, below which they may all be different by chance
MOST_LEVELS = 30  # of text, to be listed as codes
_LEADING_ZERO = r"[+-]?0\d+(?:\.0*)?"


class ColumnDraft(NamedTuple):
    """What was guessed of a column; `codes` maps each code to a remark on it, `notes` are remarks on the column."""

    role: Role
    source: str = ""
    key: str = ""
    unit: str = ""
    number: NumberForm | None = None
    range: tuple[float, float] | None = None
    missing: Sequence[float] = ()
    codes: Mapping[Code, str] = {}
    bad_codes: Sequence[Code] = ()
    good_codes: Sequence[Code] = ()
    protected: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Cells:
    """The cells of a column, trimmed, by what stands in them.

    Attributes
    ----------
    present : level -> cells, in the order in which the levels first come.
    absent : placeholder as written (or nothing) -> cells.
    form : how numbers are written, if not plainly.
    """

    name: str
    present: pd.Series
    absent: pd.Series
    text: pa.ChunkedArray
    lines: pa.ChunkedArray
    form: NumberForm | None = None

    @classmethod
    def of(cls, name: str, cells: pa.ChunkedArray, lines: pa.ChunkedArray) -> "Cells":
        """Count the levels of a column of text, whose rows stand on `lines` of the file."""
        text = pc.utf8_trim_whitespace(cells)
        levels = pc.value_counts(text)
        counts = pd.Series(
            levels.field("counts").to_numpy(zero_copy_only=False),
            index=pd.Index(levels.field("values").to_pylist(), dtype="str"),
        )
        absent = counts.index.str.lower().isin(PLACEHOLDERS)
        return cls(name, counts[~absent], counts[absent], text, lines)

    @cached_property
    def size(self) -> int:
        """How many cells are present."""
        return int(self.present.sum())

    @property
    def share_absent(self) -> float:
        return self.absent.sum() / (self.absent.sum() + self.size)

    @cached_property
    def numbers(self) -> pd.Series:
        """Level -> its number, NaN where it is none."""
        text = pd.Series(self.present.index, index=self.present.index, dtype="str")
        numbers = pd.to_numeric(text if self.form is None else plainly(text, self.form), errors="coerce")
        return numbers.astype("float64").where(np.isfinite(numbers.to_numpy(dtype="float64")))

    @cached_property
    def values(self) -> pd.Series:
        """Number -> cells, from the lowest number to the highest."""
        return self.present.groupby(self.numbers.to_numpy()).sum()

    @cached_property
    def have_leading_zeros(self) -> bool:
        """Whether numbers are written like 010, not only by a slip."""
        return self.share_like(_LEADING_ZERO) > 0.01

    @cached_property
    def are_numbers(self) -> bool:
        """Whether nearly all present cells are numbers, and not written with leading zeros."""
        return self.share(self.numbers.notna()) >= NEARLY_ALL and not self.have_leading_zeros

    @property
    def not_numbers(self) -> list[str]:
        """The levels that are no numbers."""
        return list(self.present.index[self.numbers.isna()])

    def levels_of(self, numbers: pd.Series) -> list[str]:
        """Give the levels in which some numbers (the index) are written."""
        return list(self.present.index[self.numbers.isin(numbers.index)])

    def share(self, of_levels: pd.Series | np.ndarray) -> float:
        """How much of the present cells holds one of the levels that are marked."""
        return float(self.present[np.asarray(of_levels)].sum() / self.size) if self.size else 0.0

    def share_like(self, pattern: str) -> float:
        """How much of the present cells matches a pattern as a whole."""
        return self.share(self.present.index.str.fullmatch(pattern))

    def where(self, level: str) -> str:
        """Write a level with the line on which it first stands."""
        return f"{shown(level)} (line {self.lines[pc.index(self.text, level).as_py()]})"

    def first(self, levels: Sequence[str]) -> str:
        """Write the first few of some levels with their lines."""
        more = f" and {len(levels) - FEW_SHOWN} more" if len(levels) > FEW_SHOWN else ""
        return ", ".join(map(self.where, levels[:FEW_SHOWN])) + more

    def count(self, levels: Sequence[str]) -> str:
        """Write how many cells hold one of some levels."""
        return counted(int(self.present[list(levels)].sum()), "cell")

    def missing(self) -> list[str]:
        """Say how much is missing, and ask about a column of hardly anything else."""
        if not self.absent.sum() or not self.size:
            return []
        text = f"{share_text(self.share_absent)} missing"
        return [f"unsure: {text}: worth keeping?" if self.share_absent > NEARLY_ALL else text]

    def perhaps_levels(self) -> list[str]:
        """Ask about placeholders that might be an answer (no guarantor, an unknown balance, not applicable)."""
        shares = self.absent / (self.absent.sum() + self.size)
        return [
            f"check: {shown(word)} ({share_text(share)}) is read as missing; if it is an answer, add it to the codes"
            for word, share in shares.items()
            if word and share >= 0.01
        ]

    def seen(self, count: int) -> str:
        """Remark on a code that few cells hold, which may be a slip."""
        if self.size < MANY or count > max(2, self.size / 10_000):
            return ""
        return f"unsure: seen {'once' if count == 1 else f'{count} times'}"


def plain(value: float) -> float:
    """Give a whole number as an integer."""
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def counted(number: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def share_text(share: float) -> str:
    """Write a share, never a positive one as zero or a partial one as all."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 < share < 1 else f"{100 * share:.1f} %"


def shown(text: str) -> str:
    """Write a cell or a name on one line, quoted and not too long."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def listing(items: Iterable[Code]) -> str:
    """Write the first few of some names or codes."""
    items = list(items)
    more = f" and {len(items) - 10} more" if len(items) > 10 else ""
    return ", ".join(shown(str(item)) for item in items[:10]) + more
