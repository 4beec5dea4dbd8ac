"""Read the rows of a lender's file, once it is known how that is written."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from credit.core.columns import LINE, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.delimited import read_rows
from credit.data.header import SEPARATORS, go_to_header, header_text, read_header
from credit.data.parquet_table import ParquetTable, is_parquet
from credit.data.text_encoding import TextEncoding, detect_encoding
from credit.data.unpacking import open_text

SAMPLE = 1 << 18  # bytes


class DelimitedText(NamedTuple):
    """How a file of text is written: its columns, what separates them, its encoding, and its header's line."""

    names: list[str]
    separator: str
    encoding: TextEncoding
    header: int

    def __str__(self) -> str:
        return f"{SEPARATORS[self.separator]}, {self.encoding.name}"

    @classmethod
    def of(cls, file: Path, expected: Callable[[str], Collection[str]]) -> "DelimitedText":
        """Find out how a file is written, by the names that are `expected` of one that begins so."""
        with open_text(file) as stream:
            encoding = detect_encoding(stream)
            line, header = header_text(stream, encoding.name)
            go_to_header(stream)
            sample = stream.read(SAMPLE).decode(encoding.name, "ignore")
        separator, names = read_header(header, expected(sample), line)
        return cls(names, separator, encoding, line)

    def rows(self, file: Path) -> Iterator[pa.RecordBatch]:
        """Read the rows below the header: every cell as it is written, after the number of its line."""
        with open_text(file) as stream:
            yield from read_rows(stream, self.names, self.separator, self.encoding.name)


Layout = DelimitedText | ParquetTable


def find_layout(file: Path, expected: Callable[[str], Collection[str]]) -> Layout:
    """Find out how a file is written: as Parquet or as delimited text, which gzip may have packed.

    Parameters
    ----------
    expected : names of columns, given the beginning of a text; none of them may stand there twice.
    """
    return ParquetTable.of(file, expected("")) if is_parquet(file) else DelimitedText.of(file, expected)


def read_layout(file: Path, dictionary: Dictionary) -> Layout:
    """Find out how a file is written, and whether it has the columns that are required."""
    read = [name for name, column in dictionary.columns.items() if column.role != "ignored" and not column.why_missing]
    sources = {dictionary.source(name): name for name in read}
    layout = find_layout(file, lambda _: sources)
    for source, name in sources.items():
        if dictionary.columns[name].required and source not in layout.names:
            expected = f"expected the required column '{source}' ({name})"
            raise InputError(f"{_at_header(layout)}{expected}, got the columns {_few(layout.names)}")
    return layout


def check_same_columns(layout: Layout, first: list[str]) -> None:
    """Refuse a file of a folder that has other columns than the first one; their order may differ."""
    names = layout.names
    lacking, more = [name for name in first if name not in names], [name for name in names if name not in first]
    if lacking or more:
        differences = [f"no {_few(lacking)}"] * bool(lacking) + [f"also {_few(more)}"] * bool(more)
        expected = "expected the columns of the folder's first file"
        raise InputError(f"{_at_header(layout)}{expected}, got {', and '.join(differences)}")


def _at_header(layout: Layout) -> str:
    return f"line {layout.header}: " if layout.header else ""


def _few(names: list[str]) -> str:
    text = ", ".join(map(repr, names))
    return text if len(text) <= 200 else f"{text[:197]}..."


def read_file(file: Path, name: str, layout: Layout, columns: list[str]) -> Iterator[pa.Table]:
    """Read the rows of a file: where each stands (`name:line` if the file has a name), and its cells by `columns`."""
    for batch in ahead(layout.rows(file)):
        lines = pc.binary_join_element_wise(name, batch[0].cast("string"), ":") if name else batch[0]
        cells = [batch[1 + layout.names.index(column)] for column in columns]
        yield pa.table([lines, *cells], names=[LINE, *map(kept_apart, columns)])


def ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read the next batch while the last one is used; the end comes as None."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch
