"""Read a delimited text table cell by cell, as it is written, in batches."""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from credit.core.columns import LINE
from credit.core.errors import InputError
from credit.data.header import go_to_header

LONGEST_ROW = 2 << 20  # bytes; it bounds the memory that reading takes


def read_rows(stream: BinaryIO, names: Sequence[str], separator: str, encoding: str) -> Iterator[pa.RecordBatch]:
    """Read the rows below the header: every cell as text, as written, after the number of its line.

    Blank lines (and rows of nothing but separators) are passed over; a quoted cell may span lines.
    Lines end in LF, CRLF or CR.

    Raises
    ------
    InputError
        A line does not have as many cells as the header, or a quote is never closed.
    """
    faulty: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        faulty.append(row)
        return "skip"

    header = go_to_header(stream)
    rows, lines, blank = 0, np.array([header]), np.array([False])
    try:
        for batch in _open(_EndingBlank(stream), names, separator, encoding, note):
            lines = _line_numbers(batch, lines[-1])
            if faulty and faulty[0].number - 1 <= rows + batch.num_rows:
                raise _wrong_length(faulty[0], lines[faulty[0].number - 1 - rows], names)
            rows += batch.num_rows
            blank = all_empty(batch)
            cells = pa.RecordBatch.from_arrays([pa.array(lines[:-1]), *batch.columns], [LINE, *names])
            yield cells.filter(pa.array(~blank & (lines[:-1] > header)))
    except pa.ArrowInvalid:
        raise InputError(
            f"line {lines[-1]} or below: expected rows of at most {LONGEST_ROW >> 20} MiB, got a longer one; "
            "is a quote never closed?"
        ) from None
    if not blank[-1]:
        raise InputError(f"line {lines[-2]}: expected a closing quote, got the end of the file")


class _EndingBlank(io.RawIOBase):
    """A stream with a blank line put after its end; it would belong to the last cell if a quote were open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._end = b"\n\n"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if not data:
            data, self._end = self._end, b""
        return data


def _open(
    stream: BinaryIO,
    names: Sequence[str],
    separator: str,
    encoding: str,
    at_wrong_length: Callable[[arrow_csv.InvalidRow], str],
) -> arrow_csv.CSVStreamingReader:
    """Open a reader of all rows, the header and blank ones too, so that lines can be counted."""
    return arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, encoding=encoding, column_names=names, block_size=LONGEST_ROW
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=at_wrong_length,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _line_numbers(cells: pa.RecordBatch, first: int) -> np.ndarray:
    """Number the lines on which rows begin, and the line after the last; quoted cells may hold line ends."""
    spans = np.ones(cells.num_rows, dtype=np.int64)
    for column in cells.columns:
        if not _may_hold_line_ends(column):
            continue
        for end, lines in (("\n", 1), ("\r", 1), ("\r\n", -1)):
            spans += lines * pc.count_substring(column, end).to_numpy(zero_copy_only=False)
    return first + np.concatenate([[0], np.cumsum(spans)])


def _may_hold_line_ends(column: pa.StringArray) -> bool:
    """Look for line ends in the bytes of all cells together, which is much quicker than cell by cell."""
    text = column.buffers()[2]
    text = text.to_pybytes() if text else b""
    return b"\n" in text or b"\r" in text


def all_empty(cells: pa.RecordBatch) -> np.ndarray:
    """Mark the rows of nothing but white space."""
    empty = np.ones(cells.num_rows, dtype=bool)
    for column in cells.columns:
        if not empty.any():
            break
        empty &= pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
    return empty


def _wrong_length(row: arrow_csv.InvalidRow, line: int, names: Sequence[str]) -> InputError:
    text = row.text if len(row.text) <= 60 else f"{row.text[:57]}..."
    lengths = f"line {line}: expected {row.expected_columns} cells as in the header, got {row.actual_columns}"
    short = row.actual_columns < row.expected_columns
    where = f"; the first without a cell is '{names[row.actual_columns]}'" if short else ""
    hint = "; is a quote never closed?" if row.text.count('"') % 2 else ""
    return InputError(f"{lengths}{where}{hint}: {text!r}")
