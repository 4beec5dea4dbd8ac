"""The header of a delimited text table: where it stands, what separates its names, and the names."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import BinaryIO

from credit.core.errors import InputError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space"}
LONGEST_HEADER = 2 << 20  # characters
_HINT_FOR_EXCEL = re.compile(rb'"?sep=[^\r\n]"?(?:\r\n|\r|\n)', re.IGNORECASE)


def go_to_header(stream: BinaryIO) -> int:
    """Go to the start of the header, after a byte-order mark and a first line `sep=;`; returns its line."""
    stream.seek(0)
    start = stream.read(16)
    mark = len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0
    hint = _HINT_FOR_EXCEL.match(start, mark)
    stream.seek(hint.end() if hint else mark)
    return 2 if hint else 1


def header_text(stream: BinaryIO, encoding: str) -> tuple[int, str]:
    """Read the header of a stream: a line, and those after it while a quoted name is open.

    Returns
    -------
    The number of the line on which it begins, and its text.

    Raises
    ------
    InputError
        The header is blank, or longer than a row may be.
    """
    number = go_to_header(stream)
    text = io.TextIOWrapper(stream, encoding, newline="")
    lines = [text.readline(LONGEST_HEADER)]
    quotes, length = lines[0].count('"'), len(lines[0])
    while quotes % 2 and length < LONGEST_HEADER and (line := text.readline(LONGEST_HEADER)):
        lines.append(line)
        quotes, length = quotes + line.count('"'), length + len(line)
    text.detach()
    header = "".join(lines)
    if not header.strip():
        raise InputError(f"line {number}: expected the names of the columns, got a blank line")
    if length >= LONGEST_HEADER:
        most = f"{LONGEST_HEADER >> 20} million characters"
        raise InputError(f"line {number}: expected the names of the columns, got over {most}")
    return number, header


def read_header(header: str, expected: Collection[str], line: int = 1) -> tuple[str, list[str]]:
    """Find the separator that makes most `expected` names of a header, and split the header at it.

    A column without a name is called by its position, `unnamed column 3`; columns of one name `name (1)`, `name (2)`.

    Raises
    ------
    InputError
        An expected name stands there twice, or there is no name at all; `line` is where the header begins.
    """
    header = header.lstrip("\ufeff")
    splits = {separator: _split(header, separator) for separator in SEPARATORS}
    names_expected = set(expected)

    def fits(separator: str) -> tuple[int, int]:
        words = [name for name in splits[separator] if any(map(str.isalnum, name))]  # "a , b" is not "a" "," "b"
        return len(names_expected.intersection(words)), len(words)

    separator = max(SEPARATORS, key=fits)
    if not any(splits[separator]):
        received = f"a line of {len(header)} characters without any"
        raise InputError(f"line {line}: expected the names of the columns, got {received}")
    return separator, distinct_names(splits[separator], names_expected, f"line {line}: ")


def distinct_names(names: Sequence[str], expected: Collection[str], where: str = "") -> list[str]:
    """Call columns apart: one without a name by its position, those of one name `name (1)`, `name (2)`.

    Raises
    ------
    InputError
        An `expected` name stands there twice; `where` comes before what is said.
    """
    names = [name or f"unnamed column {position}" for position, name in enumerate(names, 1)]
    repeated = {name: times for name, times in Counter(names).items() if times > 1}
    for name in filter(expected.__contains__, repeated):
        received = f"the column {name!r} {repeated[name]} times; 'source: {name} (1)' is the first"
        raise InputError(f"{where}expected different names, got {received}")
    numbers = {name: count(1) for name in repeated}
    return [_numbered(name, numbers[name], names) if name in numbers else name for name in names]


def _numbered(name: str, numbers: Iterator[int], taken: Collection[str]) -> str:
    return next(new for number in numbers if (new := f"{name} ({number})") not in taken)


def _split(line: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), [])]
    except csv.Error:  # a cell is longer than the csv module takes: this is not the separator
        return []
