"""Read a delimited text table cell by cell, as it is written, in batches."""

import codecs
import csv
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from credit.errors import InputError

LINE = "line"  # the column that says on which line of the file a row begins; the header is line 1
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space"}
ENCODINGS = ("utf-8", "latin-1")
_CHUNK = 1 << 20


def detect_encoding(stream: BinaryIO) -> str:
    """Tell whether a stream is UTF-8 (with or without a byte-order mark) or else Latin-1.

    Raises
    ------
    InputError
        The stream is empty, or holds null bytes as UTF-16 and binary files do.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, empty = "utf-8", True
    while chunk := stream.read(_CHUNK):
        empty = False
        if b"\0" in chunk:
            raise InputError("expected delimited text in UTF-8 or Latin-1, got a file with null bytes")
        if encoding == "utf-8":
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = "latin-1"
    if empty:
        raise InputError("expected a header and rows, got an empty file")
    if encoding == "utf-8" and decoder.getstate()[0]:
        return "latin-1"  # it ended inside what would have been a multi-byte character
    return encoding


def read_header(line: str, expected: Collection[str]) -> tuple[str, list[str]]:
    """Find the separator that makes most `expected` names of a header line, and split the line at it.

    Raises
    ------
    InputError
        A name is empty or stands there twice.
    """
    line = line.lstrip("\ufeff").rstrip("\r\n")
    splits = {separator: [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
              for separator in SEPARATORS}  # fmt: skip
    known = set(expected)
    separator = max(splits, key=lambda candidate: (len(known & set(splits[candidate])), len(splits[candidate])))
    names = splits[separator]
    for position, name in enumerate(names, 1):
        if not name:
            raise InputError(f"line 1: column {position} of {len(names)} has no name")
        if name in names[: position - 1]:
            raise InputError(f"line 1: the column '{name}' stands there twice")
    return separator, names


def read_rows(stream: BinaryIO, names: Sequence[str], separator: str, encoding: str) -> Iterator[pa.RecordBatch]:
    """Read the rows below the header: every cell as text, as written, after the number of its line.

    Blank lines (and rows of nothing but separators) are passed over; a quoted cell may span lines.

    Raises
    ------
    InputError
        A line does not have as many cells as the header, or a quote is never closed.
    """
    faulty: list[arrow_csv.InvalidRow] = []

    def stop_at(row: arrow_csv.InvalidRow) -> str:
        faulty.append(row)
        return "error"

    line = 2
    try:
        reader = arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(use_threads=False, encoding=encoding),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=stop_at,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            cells = batch.rename_columns(list(names))
            lines, line = _line_numbers(cells, line)
            filled = pc.invert(_all_empty(cells))
            yield pa.RecordBatch.from_arrays([lines, *cells.columns], [LINE, *names]).filter(filled)
    except pa.ArrowInvalid as error:
        raise _described(error, faulty, line, names) from None


def _line_numbers(cells: pa.RecordBatch, first: int) -> tuple[pa.Array, int]:
    """Number the lines on which rows begin, and the line after the last; quoted cells may hold line ends."""
    import numpy as np

    spans = np.ones(cells.num_rows, dtype=np.int64)
    for column in cells.columns:
        spans += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
    ends = first + np.cumsum(spans)
    return pa.array(ends - spans), int(ends[-1]) if len(ends) else first


def _all_empty(cells: pa.RecordBatch) -> pa.Array:
    empty = pa.array([True] * cells.num_rows)
    for column in cells.columns:
        empty = pc.and_(empty, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return empty


def _described(
    error: pa.ArrowInvalid, faulty: list[arrow_csv.InvalidRow], line: int, names: Sequence[str]
) -> InputError:
    if not faulty:
        return InputError(f"line {line} or below: {error}")
    row = faulty[0]
    text = row.text if len(row.text) <= 60 else f"{row.text[:57]}..."
    found = f"line {row.number}: expected {row.expected_columns} cells as in the header, got {row.actual_columns}"
    short = row.actual_columns < row.expected_columns
    where = f"; the first without a cell is '{names[row.actual_columns]}'" if short else ""
    return InputError(f"{found}{where}: {text!r}")
