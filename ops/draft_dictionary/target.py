"""The target: which column it is, and which of its codes mean default."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from credit.core.column import Code
from credit.core.errors import InputError
from ops.draft_dictionary.cells import FEW_SHOWN, MOST_LEVELS, Cells, ColumnDraft, listing, share_text, shown
from ops.draft_dictionary.names import BAD_NAMES, GOOD_NAMES, PAST, PERHAPS_TARGETS, TARGETS, named
from ops.draft_dictionary.numbers import codes_among, frequent, whole

_DENIED = r"\b(no|non|not|nicht|kein|never)\b[\W_]*"
_BAD_WORDS = re.compile(
    r"\b(bad|default(ed|er|s)?|charged?[\W_]?off|chgoff|late|delinquen\w*|arrears|overdue|unpaid|written[\W_]?off|"
    r"loss|npl|schlecht\w*|ausfall|ausgefallen|insolven\w*|bankrupt\w*)\b"
)
_GOOD_WORDS = re.compile(r"\b(good|paid|repaid|prepaid|p[\W_]?i[\W_]?f|performing|gut\w*|bezahlt|zur(ü|ue)ckgezahlt)\b")
YES_AND_NO = ({"0", "1"}, {"n", "y"}, {"no", "yes"}, {"f", "t"}, {"false", "true"}, {"n", "j"}, {"nein", "ja"})
_YES = {"1", "y", "yes", "t", "true", "j", "ja"}
MOST_OUTCOMES = 12  # of a target that is not told
NO_TARGET = (
    "NO TARGET was found, and without one this dictionary is refused: name it (--target NAME), or give a column "
    "role: target, codes, and bad_codes (those that mean default)"
)


def find_target(names: Sequence[str], scores: Sequence[int], target: str | None) -> tuple[int | None, list[str], str]:
    """Find the target by the scores of `likeness_to_target`, or by its name if a person gave it as `target`.

    Gives its position, remarks on the whole, and a remark on why it is this one.
    """
    if target is not None:
        if target not in names:
            raise InputError(f"expected the target to be a column, got {target!r}; there are {listing(names)}")
        return names.index(target), [], ""
    if not any(scores):
        return None, [f"check: {NO_TARGET}"], ""
    best = max(range(len(scores)), key=lambda position: (scores[position], position))
    others = [name for name, score in zip(names, scores, strict=True) if score and name != names[best]]
    notes = [f"unsure: the target is taken to be {shown(names[best])}; it could be {listing(others)}"] if others else []
    return best, notes, "check: taken for the target by its name and values"


def likeness_to_target(cells: Cells) -> int:
    """Score a column's name and values; 0 if it cannot be the target."""
    outcomes = outcomes_of(cells)
    if not 2 <= len(outcomes) <= MOST_OUTCOMES:
        return 0
    name = 2 if named(TARGETS, cells.name) else int(named(PERHAPS_TARGETS, cells.name))
    name -= 2 * named(PAST, cells.name)
    senses = {sense(str(code)) for code in outcomes}
    texts = {str(code).lower() for code in outcomes}
    if "bad" in senses and len(senses) > 1:
        values = 3 if "good" in senses else 2
    else:
        values = int(texts in YES_AND_NO or texts == {"1", "2"})
    enough = values >= 2 or (len(outcomes) == 2 and name >= 1)
    return max(name + values, 0) if enough and name + values >= 2 else 0


def draft_target(cells: Cells, bad: Sequence[str] = (), why: str = "") -> ColumnDraft:
    """Draft the target; which of its codes mean default is guessed unless `bad` says it."""
    outcomes = outcomes_of(cells)
    for text in [text for text in bad if _code(text, outcomes) is None]:  # too rare to be taken for an outcome
        if text not in cells.present.index:
            raise InputError(f"expected a bad code of '{cells.name}', got {text!r}; there are {listing(outcomes)}")
        outcomes[int(cells.numbers[text]) if cells.are_numbers else text] = int(cells.present[text])
    if not 2 <= len(outcomes) <= MOST_LEVELS:
        received = f"{len(cells.present)} in '{cells.name}', as {listing(cells.present.index[:FEW_SHOWN])}"
        raise InputError(f"expected a target of 2 to {MOST_LEVELS} different codes, got {received}")
    bad_codes, reason = ([_code(text, outcomes) for text in bad], "") if bad else guess_bad_codes(cells.name, outcomes)
    if len(set(bad_codes)) == len(outcomes):
        raise InputError(f"expected some of the codes of '{cells.name}' to mean default, got all: {listing(bad)}")
    good_codes, open_codes = sides(bad_codes, outcomes)
    share = sum(outcomes[code] for code in bad_codes) / sum(outcomes[code] for code in (*bad_codes, *good_codes))
    notes = [why, f"{reason}{share_text(share)} of the applicants are bad", *cells.missing(), *cells.perhaps_levels()]
    if open_codes:
        notes.append(f"check: {listing(open_codes)} say neither good nor bad: kept, and no model is fitted to them")
    if share > 0.5 and not bad:
        notes.append("unsure: that is more than half of them; is it the other way round?")
    rest = [level for level in cells.present.index if _code(level, outcomes) is None]
    if rest:
        notes.append(f"check: {cells.count(rest)} with none of the codes, rows are set apart: {cells.first(rest)}")
    codes = {code: "" if (len(outcomes) == 2) else cells.seen(count) for code, count in outcomes.items()}
    told = {"bad_codes": tuple(dict.fromkeys(bad_codes)), "good_codes": good_codes if open_codes else ()}
    return ColumnDraft("target", codes=codes, notes=[*filter(None, notes)], **told)


def sides(bad_codes: Sequence[Code], outcomes: Mapping[Code, int]) -> tuple[list[Code], list[Code]]:
    """Part the codes that are not bad into those that mean good, and those that say neither.

    Unless some say that they are good and others nothing, such as `current` or `in grace period`, all mean good.
    """
    rest = [code for code in outcomes if code not in bad_codes]
    good = [code for code in rest if sense(str(code)) == "good"]
    return (good, [code for code in rest if code not in good]) if good else (rest, [])


def _code(text: str, outcomes: Mapping[Code, int]) -> Code | None:
    """Find the code that a cell holds; None if it holds none."""
    if text in outcomes:
        return text
    number = pd.to_numeric(text, errors="coerce")
    return int(number) if number in outcomes else None


def outcomes_of(cells: Cells) -> dict[Code, int]:
    """Code -> cells of a column that is to be the target, without rare values that say nothing."""
    if cells.are_numbers:
        codes = codes_among(cells.values)
        usual = frequent(cells.values if codes is None else codes)
        return {int(value): count for value, count in usual.items()} if whole(usual) else {}
    kept = set(frequent(cells.present).index)
    if len(cells.present) <= MOST_LEVELS:
        kept |= {level for level in cells.present.index if sense(level)}
    return {level: int(cells.present[level]) for level in sorted(kept)}


def sense(level: str) -> str:
    """Tell what a level says of a credit: `bad`, `good`, or nothing."""
    text = level.lower().replace("_", " ")
    bad = _BAD_WORDS.search(text)
    word = bad or _GOOD_WORDS.search(text)
    if not word:
        return ""
    denied = re.search(_DENIED + "$", text[: word.start()])
    return "good" if bool(bad) == bool(denied) else "bad"


def guess_bad_codes(name: str, outcomes: dict[Code, int]) -> tuple[list[Code], str]:
    """Guess which codes mean default, and say why; `name` is the column's."""
    senses = {code: sense(str(code)) for code in outcomes}
    texts = {str(code).lower(): code for code in outcomes}
    bad = [code for code, said in senses.items() if said == "bad"]
    if bad and len(bad) < len(outcomes):
        return bad, "check: bad_codes are those that say so; "
    if len(outcomes) == 2 and "good" in senses.values() and "" in senses.values():
        unsaid = [code for code, said in senses.items() if not said]
        return unsaid, "check: the bad code is the one that is not said to be good; "
    if set(texts) in YES_AND_NO:
        says_good = named(GOOD_NAMES, name) and not named(BAD_NAMES, name)
        code = next(code for text, code in texts.items() if (text in _YES) != says_good)
        return [code], f"check: by the column's name, {shown(str(code))} is taken to mean default; "
    if set(texts) == {"1", "2"}:
        return [texts["2"]], "check: 2 is taken to mean default, as in the Statlog tables; "
    rarest = min(outcomes, key=outcomes.__getitem__)
    return [rarest], f"check: {shown(str(rarest))} is taken to mean default only for being the rarest; "
