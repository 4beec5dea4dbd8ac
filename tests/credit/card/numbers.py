"""What the tests of the card share: find every number in a text, and every way in which the card may write a value."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

DIGEST = re.compile(r"`[0-9a-f]{32}`|`[0-9a-f]{64}`")
# The only numbers in the card's own words: the level of the intervals, and the name of a law.
IN_WORDS = ("95 % intervals", "Regulation (EU) 2024/1689")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.-])[-+]?(\d[\d,]*(?:\.\d+)*)")


def numbers_in(text: str) -> set[str]:
    """Find the numbers of a text without their signs, versions too; `CR001`, `F1` and `SHA-256` are names."""
    for words in IN_WORDS:
        text = text.replace(words, "")
    return {found.rstrip(",") for found in NUMBER.findall(DIGEST.sub("", text))}


def leaves(value: Any) -> Iterator[Any]:
    """Give every value in nested records and lists, and the keys of the records."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def ways_to_write(*inputs: Any) -> set[str]:
    """Give every number that the card may write of these inputs: numbers as it rounds them, texts as they are."""
    known = set()
    for value in leaves(inputs):
        if isinstance(value, str):
            known |= numbers_in(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            size = abs(value)
            known |= {f"{size:,.3f}", f"{100 * size:,.1f}", f"{size:,.10g}", f"{size}"}
    return known
