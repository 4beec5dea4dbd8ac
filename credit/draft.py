"""A first data dictionary, guessed from the cells of a table, for a person to finish.

A cell is present unless it is empty or a placeholder. The first rule that fits decides about a column:

1. nothing present, or the same value everywhere: ignored.
2. dates and times (95 % of the present cells): ignored.
3. numbers (95 %), however an integer is written (`12.0`); but with leading zeros (`010`) they are text.
   a. all different and named, numbered or written like an identifier: ignored.
   b. at most 12 whole numbers that fill a third of their range: codes of a nominal column. Three or more of them
      might as well be ordered, or a count, which only a person can know. If the name says a count, numeric.
   c. named like codes (zip, branch) and more of them: nominal without codes.
   d. else numeric, its range the observed one.
4. numbers written with decimal commas, signs of currency or percent: ignored, for they cannot be read.
5. text: all different, or over half of it, ignored; up to 30 levels, nominal with codes; more, nominal without codes.

Damage is told from data by distance, not by rarity. From the most frequent code (of measured numbers, from the middle
half of the different ones) one walks outwards, and stops at a wide gap with at most 3 % of the cells beyond it. Between
codes a gap is wide from 3 on; between measured numbers when it is wider than all that was walked over. So an age of 794
and the codes 360 or 20 beside 1 to 4 are left out of range and codes, and said so; the long tail of incomes is not.
A rare code without a gap stays, and is marked. So does the end of a range far beyond 98 % of the cells.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from credit.cells import PLACEHOLDERS
from credit.columns import BAD, LINE
from credit.dictionary import Code, Role
from credit.errors import InputError

RESERVED = (LINE, "file", BAD)  # names that prepared tables need themselves
MOST_LEVELS = 30  # of text, to be listed as codes
MOST_CODES = 12  # of whole numbers, to be taken for codes
LONGEST_CODE = 100  # characters
MOST_OUTCOMES = 12  # of a target
NEARLY_ALL = 0.95  # of the present cells
FEW = 0.03  # of the present cells, which may be damage
MANY = 100  # present cells, from which on a rare value is told from a frequent one
FEWEST_IDENTIFIERS = 20
CODE_GAP = 2  # 1, 2, 4 are neighbours as codes; 4 and 9 are not
SHOWN = 3
NO_TARGET = (
    "NO TARGET was found, and without one this dictionary is refused: name it (--target NAME), or give a column "
    "role: target, codes, and bad_codes (those that mean default)"
)

# By words in a column's key.
_IDENTIFIERS = "id|ids|uuid|guid|identifier"
_CODED = "id|zip|plz|postal|postcode|code|naics|sic|branch|filiale"
_COUNTED = "number|num|count|cnt|anzahl|years|months|days|age|alter|duration|laufzeit"
_ORDERED = "grade|subgrade|rating|score|rank|level|tier|band|bucket|stufe|education|bildung|year|years"
_PROTECTED = (
    "age|alter|sex|gender|geschlecht|foreign|foreigner|gastarb|national|nationality|nationalitaet|citizen|citizenship|"
    "staatsangehoerigkeit|marital|marriage|married|famges|familienstand|personal_status|religion|race|ethnic|ethnicity|"
    "birth|birthdate|dob|geburtsdatum|geburtsjahr|disability|pregnant"
)
_TARGETS = (
    r"bad|default|defaulted|defaulter|target|outcome|risk|kredit|creditability|delinquent|dlq\w*|ausfall|chargeoff|"
    r"(loan|mis|credit|account|repayment)_status|good_bad"
)
_PERHAPS_TARGETS = "class|klasse|status|label|y|good|result|paid|repaid|approved"
_PAST = "previous|prior|prev|past|history|hist|ever|had|has|file|cb|other"
_BAD_NAMES = r"bad|default|defaulted|defaulter|delinquent|dlq\w*|ausfall|chargeoff|target|risk|outcome"
_GOOD_NAMES = "good|paid|repaid|kredit|creditability|approved|performing"

_DENIED = r"\b(no|non|not|nicht|kein|never)\b[\W_]*"
_BAD_WORDS = re.compile(
    r"\b(bad|default(ed|er|s)?|charged?[\W_]?off|chgoff|late|delinquen\w*|arrears|overdue|unpaid|written[\W_]?off|"
    r"loss|npl|schlecht\w*|ausfall|ausgefallen|insolven\w*|bankrupt\w*)\b"
)
_GOOD_WORDS = re.compile(
    r"\b(good|paid|repaid|prepaid|p[\W_]?i[\W_]?f|current|performing|gut\w*|bezahlt|zur(ü|ue)ckgezahlt)\b"
)
_YES_AND_NO = ({"0", "1"}, {"n", "y"}, {"no", "yes"}, {"f", "t"}, {"false", "true"}, {"n", "j"}, {"nein", "ja"})
_YES = {"1", "y", "yes", "t", "true", "j", "ja"}

_MONTH = "(?:jan|feb|mar|mär|maer|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|[+-]\d{2}:?\d{2}))?"
_DATE = (
    rf"(?i)(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{2}})|"
    rf"(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    rf"(?:\d{{1,2}}[-. ]{{1,2}})?{_MONTH}\.?(?:[-, ]{{1,2}}\d{{1,2}},?)?[-, ]\d{{2,4}})(?:[T ]+{_CLOCK})?|{_CLOCK}"
)
_LEADING_ZERO = r"[+-]?0\d+(?:\.0*)?"
_DECIMAL_COMMA = r"[+-]?(?:\d+|\d{1,3}(?:[. ]\d{3})+),\d+"
_DECORATED = r"\(?[+-]?(?:[$€£]|eur|usd|dm)? ?[+-]?\d[\d.,' ]*(?: ?(?:[$€£%]|eur|usd|dm))?\)?"
_INTERVAL = r".*[<>≤≥].*|.*\d ?(?:-|to|bis|and|und) ?\d.*"
_FOR_MISSING = re.compile(r"-?99+|-[19]")


@dataclass(frozen=True)
class Cells:
    """The cells of a column, trimmed, by what stands in them.

    Attributes
    ----------
    present : level -> cells, in the order in which the levels first come.
    absent : placeholder as written (or nothing) -> cells.
    """

    name: str
    present: pd.Series
    absent: pd.Series
    text: pa.ChunkedArray
    lines: pa.ChunkedArray

    @classmethod
    def of(cls, name: str, cells: pa.ChunkedArray, lines: pa.ChunkedArray) -> "Cells":
        """Count the levels of a column of text, whose rows stand on `lines` of the file."""
        text = pc.utf8_trim_whitespace(cells)
        counted = pc.value_counts(text)
        counts = pd.Series(
            counted.field("counts").to_numpy(zero_copy_only=False),
            index=pd.Index(counted.field("values").to_pylist(), dtype="str"),
        )
        absent = counts.index.str.lower().isin(PLACEHOLDERS)
        return cls(name, counts[~absent], counts[absent], text, lines)

    @cached_property
    def size(self) -> int:
        """How many cells are present."""
        return int(self.present.sum())

    @cached_property
    def numbers(self) -> pd.Series:
        """Level -> its number, NaN where it is none."""
        numbers = pd.to_numeric(pd.Series(self.present.index, index=self.present.index), errors="coerce")
        return numbers.astype("float64").where(np.isfinite(numbers.to_numpy(dtype="float64")))

    @cached_property
    def values(self) -> pd.Series:
        """Number -> cells, from the lowest number to the highest."""
        return self.present.groupby(self.numbers.to_numpy()).sum()

    @cached_property
    def are_numbers(self) -> bool:
        """Whether nearly all present cells are numbers, and not written with leading zeros."""
        return self.share(self.numbers.notna()) >= NEARLY_ALL and self.share_like(_LEADING_ZERO) <= 0.01

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
        more = f" and {len(levels) - SHOWN} more" if len(levels) > SHOWN else ""
        return ", ".join(map(self.where, levels[:SHOWN])) + more

    def count(self, levels: Sequence[str]) -> str:
        """Write how many cells hold one of some levels."""
        return counted(int(self.present[list(levels)].sum()), "cell")

    def levels_of(self, numbers: pd.Series) -> list[str]:
        """Give the levels in which some numbers (the index) are written."""
        return list(self.present.index[self.numbers.isin(numbers.index)])


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
        scores.append(_likeness_to_target(cells))
        drafts.append(draft_column(cells))
    position, notes, why = _find_target(names, scores, target)
    if position is not None:
        drafts[position] = draft_target(Cells.of(names[position], texts[position], lines), bad, why)
    elif bad:
        raise InputError(f"expected the name of the target for the bad code {bad[0]!r}, found no target by itself")
    if not any(draft.role in ("numeric", "nominal") for draft in drafts):
        notes = [*notes, "check: no column is left for a model to see"]
    keys = keys_of(names, None if position is None else names[position])
    named = zip(drafts, names, keys, strict=True)
    return Draft([replace(draft, source=name, key=key) for draft, name, key in named], notes)


def draft_column(cells: Cells) -> ColumnDraft:
    """Guess what a column is that is not the target, by the rules that stand above."""
    rules = (_nothing_told, _dates, _numbers, _numbers_that_cannot_be_read, _text)
    draft = next(draft for rule in rules if (draft := rule(cells)) is not None)
    remarks = [*draft.notes, *_missing(cells)]
    if draft.role == "ignored":
        return replace(draft, notes=remarks)
    if draft.role == "nominal":
        remarks += _perhaps_levels(cells)
    share, level = cells.present.max() / cells.size, cells.present.idxmax()
    if cells.size >= MANY and share >= 0.99:
        remarks.append(f"unsure: {percent(share)} of the cells are {shown(level)}: does the column tell anything?")
    return replace(draft, notes=remarks, protected=_named(_PROTECTED, cells.name))


def _nothing_told(cells: Cells) -> ColumnDraft | None:
    if not cells.size:
        return ColumnDraft("ignored", notes=["no cell holds a value"])
    if len(cells.present) == 1 or (len(cells.values) == 1 and cells.are_numbers and cells.numbers.notna().all()):
        missing = cells.absent.sum() / (cells.absent.sum() + cells.size)
        doubt = "unsure: beside missing cells, " if missing >= 0.01 else ""
        notes = [f"{doubt}always {shown(cells.present.index[0])}", *_perhaps_levels(cells)]
        return ColumnDraft("ignored", notes=notes)
    return None


def _dates(cells: Cells) -> ColumnDraft | None:
    if cells.share_like(_DATE) < NEARLY_ALL:
        return None
    first = cells.where(cells.present.index[0])
    note = (
        f"dates or times, the first is {first}; if this is when the applicant applied, role: time (format, unless ISO)"
    )
    return ColumnDraft("ignored", notes=[note])


def _numbers(cells: Cells) -> ColumnDraft | None:
    if not cells.are_numbers:
        return None
    if _are_identifiers(cells):
        return ColumnDraft("ignored", notes=["whole numbers, all different: an identifier"])
    codes = _codes(cells.values)
    counted = _named(_COUNTED, cells.name) and codes is not None and len(codes) > 2
    if codes is not None and not counted:
        draft = _nominal_numbers(cells, codes)
    elif _named(_CODED, cells.name) and len(cells.values) > MOST_CODES:
        doubt = f"unsure: {len(cells.values):,} different numbers, codes by the name; else role: numeric"
        return ColumnDraft("nominal", notes=[doubt])
    else:
        doubt = "unsure: a count by the name; if these are codes, role: nominal or ordinal, with codes"
        draft = _numeric(cells, [doubt] if counted else [])
    unreadable = list(cells.present.index[cells.numbers.isna()])
    if not unreadable:
        return draft
    note = f"check: {cells.count(unreadable)} without a number, read as missing: {cells.first(unreadable)}"
    return replace(draft, notes=[*draft.notes, note])


def _are_identifiers(cells: Cells) -> bool:
    """Tell identifiers from amounts, which in a small table may all be different too."""
    values = cells.values
    if cells.size < FEWEST_IDENTIFIERS or not _whole(values):
        return False
    if _named(_IDENTIFIERS, cells.name):
        return len(values) > cells.size / 2
    numbered = values.index[-1] - values.index[0] < 2 * len(values)
    digits = cells.present.index.str.len()
    alike = digits.min() == digits.max() >= 5
    return bool(values.max() == 1 and cells.numbers.notna().all() and (numbered or alike or cells.size >= 10_000))


def _codes(values: pd.Series) -> pd.Series | None:
    """Take whole numbers for codes, if they are few and close together; far and rare ones are left out."""
    usual = values.idxmax()
    low, high = _widened(values, usual, usual, CODE_GAP)
    inside = values.loc[low:high]
    codes = inside[inside.index == inside.index.to_numpy().round()]
    if not 2 <= len(codes) <= MOST_CODES or codes.sum() < NEARLY_ALL * values.sum() or not _whole(codes):
        return None
    close = high - low + 1 <= 3 * len(codes)
    return codes if close else None


def _frequent(counts: pd.Series) -> pd.Series:
    """Leave out values of one or two cells, or of less than half a percent; in a small table, none."""
    cells = counts.sum()
    return counts[counts > max(2, cells / 200)] if cells >= MANY else counts


def _widened(values: pd.Series, low: float, high: float, gap: float | None = None) -> tuple[float, float]:
    """Walk outwards from `low` to `high` until a wide gap with few cells beyond it.

    Without a `gap`, one is wide that is wider than all that was walked over.
    """
    high = _walked_up(values, low, high, gap)
    mirrored = pd.Series(values.to_numpy()[::-1], index=-values.index.to_numpy()[::-1])
    return -_walked_up(mirrored, -high, -low, gap), high


def _walked_up(values: pd.Series, low: float, high: float, gap: float | None) -> float:
    above = values.loc[high:]
    numbers, cells, total = above.index.to_numpy(dtype="float64"), above.to_numpy(), values.sum()
    beyond = cells[::-1].cumsum()[::-1][1:]
    wide = numbers[:-1] - low if gap is None else gap
    few = FEW * total if total >= MANY else 0
    stops = np.flatnonzero((np.diff(numbers) > wide) & (beyond <= few))
    return numbers[stops[0]] if len(stops) else numbers[-1]


def _nominal_numbers(cells: Cells, codes: pd.Series) -> ColumnDraft:
    low, high = (int(codes.index[end]) for end in (0, -1))
    unseen = [str(code) for code in range(low, high) if code not in codes.index]
    notes = []
    if len(codes) > 2:
        gaps = f" without {', '.join(unseen)}" if unseen else ""
        notes.append(
            f"unsure: whole numbers, {low} to {high}{gaps}: names (nominal), an order (ordinal) or a count (numeric)?"
        )
    if far := cells.levels_of(cells.values.drop(codes.index)):
        notes.append(f"unsure: {cells.count(far)} unlike the rest, left out of the codes: {cells.first(far)}")
    remarks = {int(code): _seen(count, cells.size) for code, count in codes.items()}
    return ColumnDraft("nominal", codes=remarks, notes=notes)


def _seen(count: int, of: int) -> str:
    """Remark on a code that few cells hold, which may be a slip."""
    if of < MANY or count > max(2, of / 10_000):
        return ""
    return f"unsure: seen {'once' if count == 1 else f'{count} times'}"


def _numeric(cells: Cells, notes: list[str]) -> ColumnDraft:
    values = cells.values
    low, high = _usual_range(values)
    listed = ", ".join(str(plain(value)) for value in values.index[:MOST_CODES])
    if far := cells.levels_of(values[(values.index < low) | (values.index > high)]):
        rest = f"{plain(low)} to {plain(high)}"
        far_off = f"{cells.count(far)} far from the rest ({rest}), left out of the range: {cells.first(far)}"
        notes = [*notes, f"unsure: {far_off}"]
    elif cells.size >= FEWEST_IDENTIFIERS and values.max() == 1 and _whole(values):
        notes = [*notes, "unsure: whole numbers, all different; if they only name the applicant, role: ignored"]
    elif len(values) <= MOST_CODES and not notes:
        notes = [f"unsure: only {listed}; if these are codes, role: nominal or ordinal, with codes"]
    inside = values.loc[low:high]
    notes = [*notes, *_far_end(cells, inside), *_ends_for_missing(inside, values.sum())]
    return ColumnDraft("numeric", range=(plain(low), plain(high)), notes=notes)


def _usual_range(values: pd.Series) -> tuple[float, float]:
    """Give the range without what lies far outside of it."""
    frequent = _frequent(values)
    if len(frequent) > 1 and frequent.sum() >= NEARLY_ALL * values.sum():
        low, high = frequent.index[[0, -1]]
    else:
        quarter, last = (len(values) - 1) // 4, len(values) - 1
        low, high = values.index[[quarter, last - quarter]]
    return _widened(values, low, high)


def _far_end(cells: Cells, values: pd.Series) -> list[str]:
    """Ask about the highest number where nearly all are far below it: a long tail, or a slip of the decimal point."""
    shares = values.cumsum() / values.sum()
    low, high = (values.index[np.searchsorted(shares, share)] for share in (0.02, 0.98))
    highest = values.index[-1]
    if cells.size < MANY or not 0 < 3 * (high - low) < highest - high:
        return []
    level = cells.levels_of(values.tail(1))[0]
    return [f"check: 98 % of the cells are at most {plain(high)}, but the highest is {cells.where(level)}: can it be?"]


def _ends_for_missing(values: pd.Series, cells: int) -> list[str]:
    """Ask about an end of the range that many cells hold but that lies apart, or is written like no amount."""
    if len(values) <= 3:
        return []
    lowest, second, *_, last_but_one, highest = values.index
    notes = []
    for end, next_to_it, span in ((lowest, second, highest - second), (highest, last_but_one, last_but_one - lowest)):
        share = values[end] / cells
        odd = len(values) > MOST_CODES and _FOR_MISSING.fullmatch(str(plain(end)))
        if share >= 0.01 and (odd or abs(end - next_to_it) > span):
            notes.append(f"check: {percent(share)} of the cells are {plain(end)}; if it means missing, cut the range")
    below = values.loc[:0].drop(0, errors="ignore").sum()
    if 0 < below <= 0.01 * cells:
        notes.append(f"check: {percent(below / cells)} of the cells are below zero; can that be?")
    return notes


def _numbers_that_cannot_be_read(cells: Cells) -> ColumnDraft | None:
    decorated = rf"(?i){_DECIMAL_COMMA}|{_DECORATED}"
    if cells.share_like(_LEADING_ZERO) > 0.01 or cells.share_like(decorated) < NEARLY_ALL:
        return None
    first = cells.where(cells.present.index[cells.numbers.isna()][0])
    what = "decimal commas" if cells.share_like(_DECIMAL_COMMA) else "signs or separators beside the digits"
    note = f"check: numbers with {what} cannot be read, as {first}; write them like 1234.5, then role: numeric"
    return ColumnDraft("ignored", notes=[note])


def _text(cells: Cells) -> ColumnDraft:
    levels = len(cells.present)
    if cells.size >= FEWEST_IDENTIFIERS and levels > cells.size / 2:
        repeated = levels < 0.9 * cells.size or (levels < cells.size and _named(_CODED, cells.name))
        found = f"{levels:,} levels in {cells.size:,} cells, the first is {cells.where(cells.present.index[0])}"
        note = f"{'unsure: ' if repeated else ''}identifiers or free text: {found}"
        return ColumnDraft("ignored", notes=[note])
    notes = _perhaps_numbers(cells) + _differing_by_case(cells)
    if levels > MOST_LEVELS or cells.present.index.str.len().max() > LONGEST_CODE:
        return ColumnDraft("nominal", notes=[f"{levels:,} levels, not listed: any text is one", *notes])
    if levels > 2 and (_named(_ORDERED, cells.name) or cells.share_like(_INTERVAL) >= 0.5):
        notes.append("unsure: in an order? then role: ordinal, with the codes in their order")
    codes = {level: _seen(cells.present[level], cells.size) for level in sorted(cells.present.index)}
    return ColumnDraft("nominal", codes=codes, notes=notes)


def _perhaps_numbers(cells: Cells) -> list[str]:
    share = cells.share(cells.numbers.notna())
    if share < 0.05 or share == 1 or cells.share_like(_LEADING_ZERO) > 0.01:
        return []
    first = cells.where(cells.present.index[cells.numbers.isna()][0])
    return [f"unsure: {percent(share)} of the cells are numbers; the first that is none is {first}"]


def _differing_by_case(cells: Cells) -> list[str]:
    folded = cells.present.index.str.lower()
    alike = cells.present.index[folded.duplicated(keep=False)]
    if not len(alike):
        return []
    return [f"check: levels that differ by case only, as {', '.join(map(shown, alike[:SHOWN]))}, are told apart"]


def _missing(cells: Cells) -> list[str]:
    absent = cells.absent.sum()
    if not absent or not cells.size:
        return []
    share = absent / (absent + cells.size)
    return [f"unsure: {percent(share)} missing: worth keeping?" if share > NEARLY_ALL else f"{percent(share)} missing"]


def _perhaps_levels(cells: Cells) -> list[str]:
    """Ask about placeholders that might be an answer (no guarantor, an unknown balance)."""
    rows = cells.absent.sum() + cells.size
    return [
        f"check: {shown(word)} ({percent(count / rows)}) is read as missing; if it is an answer, add it to the codes"
        for word, count in cells.absent.items()
        if word.lower() in ("none", "unknown", "missing") and count / rows >= 0.01
    ]


def _find_target(names: Sequence[str], scores: Sequence[int], named: str | None) -> tuple[int | None, list[str], str]:
    """Find the target; returns its position, remarks on the whole, and a remark on why it is this one."""
    if named is not None:
        if named not in names:
            raise InputError(f"expected the target to be a column, got {named!r}; there are {listing(names)}")
        return names.index(named), [], ""
    if not any(scores):
        return None, [f"check: {NO_TARGET}"], ""
    best = max(range(len(scores)), key=lambda position: (scores[position], position))
    others = [name for name, score in zip(names, scores, strict=True) if score and name != names[best]]
    notes = [f"unsure: the target is taken to be {shown(names[best])}; it could be {listing(others)}"] if others else []
    return best, notes, "check: taken for the target by its name and values"


def _likeness_to_target(cells: Cells) -> int:
    """Score a column's name and values; 0 if it cannot be the target."""
    outcomes = _outcomes(cells)
    if not 2 <= len(outcomes) <= MOST_OUTCOMES:
        return 0
    name = 2 if _named(_TARGETS, cells.name) else int(_named(_PERHAPS_TARGETS, cells.name))
    name -= 2 * _named(_PAST, cells.name)
    senses = {_sense(str(code)) for code in outcomes}
    texts = {str(code).lower() for code in outcomes}
    if "bad" in senses and len(senses) > 1:
        values = 3 if "good" in senses else 2
    else:
        values = int(texts in _YES_AND_NO or texts == {"1", "2"})
    enough = values >= 2 or (len(outcomes) == 2 and name >= 1)
    return max(name + values, 0) if enough and name + values >= 2 else 0


def _outcomes(cells: Cells) -> dict[Code, int]:
    """Code -> cells of a column that is to be the target, without rare values that say nothing."""
    if cells.are_numbers:
        codes = _codes(cells.values)
        frequent = _frequent(cells.values if codes is None else codes)
        return {int(value): count for value, count in frequent.items()} if _whole(frequent) else {}
    kept = set(_frequent(cells.present).index)
    if len(cells.present) <= MOST_LEVELS:
        kept |= {level for level in cells.present.index if _sense(level)}
    return {level: int(cells.present[level]) for level in sorted(kept)}


def _sense(level: str) -> str:
    """Tell what a level says of a credit: `bad`, `good`, or nothing."""
    text = level.lower().replace("_", " ")
    bad, good = _BAD_WORDS.search(text), _GOOD_WORDS.search(text)
    found = bad or good
    if not found:
        return ""
    denied = bool(re.search(_DENIED + "$", text[: found.start()]))
    return "good" if bool(bad) == denied else "bad"


def draft_target(cells: Cells, bad: Sequence[str] = (), why: str = "") -> ColumnDraft:
    """Draft the target; which of its codes mean default is guessed unless `bad` says it.

    Raises
    ------
    InputError
        The column has one value or too many, or `bad` names none or all of them.
    """
    outcomes = _outcomes(cells)
    outcomes |= _told(cells, outcomes, bad)
    if not 2 <= len(outcomes) <= MOST_LEVELS:
        found = f"{len(cells.present)} in '{cells.name}', as {listing(cells.present.index[:SHOWN])}"
        raise InputError(f"expected a target of 2 to {MOST_LEVELS} different codes, got {found}")
    bad_codes, reason = ([_code(text, outcomes) for text in bad], "") if bad else _bad_codes(cells.name, outcomes)
    if len(set(bad_codes)) == len(outcomes):
        raise InputError(f"expected some of the codes of '{cells.name}' to mean default, got all: {listing(bad)}")
    share = sum(outcomes[code] for code in bad_codes) / sum(outcomes.values())
    notes = [why, f"{reason}{percent(share)} of the applicants are bad", *_missing(cells)]
    if share > 0.5 and not bad:
        notes.append("unsure: that is more than half of them; is it the other way round?")
    rest = [level for level in cells.present.index if _code(level, outcomes) is None]
    if rest:
        notes.append(f"check: {cells.count(rest)} with none of the codes, rows are set apart: {cells.first(rest)}")
    codes = {code: "" if (len(outcomes) == 2) else _seen(count, cells.size) for code, count in outcomes.items()}
    return ColumnDraft("target", codes=codes, bad_codes=tuple(dict.fromkeys(bad_codes)), notes=[*filter(None, notes)])


def _told(cells: Cells, outcomes: dict[Code, int], bad: Sequence[str]) -> dict[Code, int]:
    """Find the codes that a person named and that are too rare to have been seen as outcomes."""
    found = {}
    for text in bad:
        if _code(text, outcomes) is not None:
            continue
        if text not in cells.present.index:
            raise InputError(f"expected a bad code of '{cells.name}', got {text!r}; there are {listing(outcomes)}")
        found[int(cells.numbers[text]) if cells.are_numbers else text] = int(cells.present[text])
    return found


def _code(text: str, outcomes: Mapping[Code, int]) -> Code | None:
    """Find the code that a cell holds; None if it holds none."""
    if text in outcomes:
        return text
    number = pd.to_numeric(text, errors="coerce")
    return int(number) if number in outcomes else None


def _bad_codes(name: str, outcomes: dict[Code, int]) -> tuple[list[Code], str]:
    """Guess which codes mean default, and say why."""
    senses = {code: _sense(str(code)) for code in outcomes}
    texts = {str(code).lower(): code for code in outcomes}
    bad = [code for code, sense in senses.items() if sense == "bad"]
    if bad and len(bad) < len(outcomes):
        return bad, "check: bad_codes are those that say so; "
    if len(outcomes) == 2 and "good" in senses.values() and "" in senses.values():
        return [
            code for code, sense in senses.items() if not sense
        ], "check: the bad code is the one that is not said to be good; "
    if set(texts) in _YES_AND_NO:
        says_good = _named(_GOOD_NAMES, name) and not _named(_BAD_NAMES, name)
        code = next(code for text, code in texts.items() if (text in _YES) != says_good)
        return [code], f"check: by the column's name, {shown(str(code))} is taken to mean default; "
    if set(texts) == {"1", "2"}:
        return [texts["2"]], "check: 2 is taken to mean default, as in the Statlog tables; "
    rarest = min(outcomes, key=outcomes.__getitem__)
    return [rarest], f"check: {shown(str(rarest))} is taken to mean default only for being the rarest; "


def keys_of(names: Sequence[str], target: str | None = None) -> list[str]:
    """Give each column a simple English-safe key: its name if that is one, else one made of it, all different."""
    taken = {name for name in names if _is_key(name, target)}
    keys = []
    for position, name in enumerate(names, 1):
        if name in taken:
            keys.append(name)
            continue
        stem = f"lender_{name}" if name in RESERVED else _snake_case(name)[:60].strip("_") or f"column_{position}"
        stem = f"column_{stem}" if stem[0].isdigit() or stem in RESERVED else stem
        number, key = 1, stem
        while key in taken:
            number += 1
            key = f"{stem}_{number}"
        taken.add(key)
        keys.append(key)
    return keys


def _is_key(name: str, target: str | None) -> bool:
    free = name not in RESERVED or (name == BAD == target)
    return free and bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", name))


def _snake_case(name: str) -> str:
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss")):
        name = name.replace(letter, written)
    plain_letters = pd.Series([name], dtype="str").str.normalize("NFKD")[0].encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain_letters)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _named(words: str, name: str) -> bool:
    """Whether one of `words` stands in a column's name as a word of its own."""
    return re.search(rf"(^|_)({words})(_|$)", _snake_case(name)) is not None


def _whole(values: pd.Series) -> bool:
    """Whether all numbers are whole, and none so large that neighbours cannot be told apart."""
    numbers = values.index.to_numpy(dtype="float64")
    return bool((numbers == numbers.round()).all() and (np.abs(numbers) < 2**53).all())


def plain(value: float) -> float:
    """Give a whole number as an integer."""
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def counted(number: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Write a share, never a positive one as zero or a partial one as all."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 < share < 1 else f"{100 * share:.1f} %"


def shown(text: str) -> str:
    """Write a cell or a name on one line, quoted and not too long."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def listing(items: Sequence[Code]) -> str:
    """Write the first few of some names or codes."""
    items = list(items)
    more = f" and {len(items) - 10} more" if len(items) > 10 else ""
    return ", ".join(shown(str(item)) for item in items[:10]) + more
