"""The codes of a target, and which of them mean default."""

import re

from credit.dictionary import Code
from ops.draft_dictionary.cells import Cells
from ops.draft_dictionary.distance import frequent, whole
from ops.draft_dictionary.names import BAD_NAMES, GOOD_NAMES, named
from ops.draft_dictionary.number_codes import codes_among
from ops.draft_dictionary.text import MOST_LEVELS
from ops.draft_dictionary.wording import shown

_DENIED = r"\b(no|non|not|nicht|kein|never)\b[\W_]*"
_BAD_WORDS = re.compile(
    r"\b(bad|default(ed|er|s)?|charged?[\W_]?off|chgoff|late|delinquen\w*|arrears|overdue|unpaid|written[\W_]?off|"
    r"loss|npl|schlecht\w*|ausfall|ausgefallen|insolven\w*|bankrupt\w*)\b"
)
_GOOD_WORDS = re.compile(
    r"\b(good|paid|repaid|prepaid|p[\W_]?i[\W_]?f|current|performing|gut\w*|bezahlt|zur(ü|ue)ckgezahlt)\b"
)
YES_AND_NO = ({"0", "1"}, {"n", "y"}, {"no", "yes"}, {"f", "t"}, {"false", "true"}, {"n", "j"}, {"nein", "ja"})
_YES = {"1", "y", "yes", "t", "true", "j", "ja"}


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
    bad, good = _BAD_WORDS.search(text), _GOOD_WORDS.search(text)
    found = bad or good
    if not found:
        return ""
    denied = bool(re.search(_DENIED + "$", text[: found.start()]))
    return "good" if bool(bad) == denied else "bad"


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
