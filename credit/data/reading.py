"""Read the rows of a lender's file, once it is known how that is written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from credit.core.columns import LINE, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.data.delimited import read_rows
from credit.data.header import SEPARATORS, header_text, read_header
from credit.data.text_encoding import TextEncoding, detect_encoding


class Layout(NamedTuple):
    """How a file of applications is written: its columns, what separates them, its encoding, and its header's line."""

    names: list[str]
    separator: str
    encoding: TextEncoding
    header: int

    def __str__(self) -> str:
        return f"{SEPARATORS[self.separator]}, {self.encoding.name}"


def read_layout(file: Path, dictionary: Dictionary) -> Layout:
    """Find out how a file is written, and whether it has the columns that are required."""
    with file.open("rb") as stream:
        encoding = detect_encoding(stream)
        line, header = header_text(stream, encoding.name)
    read = [name for name, column in dictionary.columns.items() if column.role != "ignored" and not column.why_missing]
    sources = {dictionary.source(name): name for name in read}
    separator, names = read_header(header, sources, line)
    for source, name in sources.items():
        if dictionary.columns[name].required and source not in names:
            expected = f"expected the required column '{source}' ({name})"
            raise InputError(f"line {line}: {expected}, got the columns {_few(names)}")
    return Layout(names, separator, encoding, line)


def check_same_columns(layout: Layout, first: list[str]) -> None:
    """Refuse a file of a folder that has other columns than the first one; their order may differ."""
    names = layout.names
    lacking, more = [name for name in first if name not in names], [name for name in names if name not in first]
    if lacking or more:
        differences = [f"no {_few(lacking)}"] * bool(lacking) + [f"also {_few(more)}"] * bool(more)
        expected = "expected the columns of the folder's first file"
        raise InputError(f"line {layout.header}: {expected}, got {', and '.join(differences)}")


def _few(names: list[str]) -> str:
    text = ", ".join(map(repr, names))
    return text if len(text) <= 200 else f"{text[:197]}..."


def read_file(file: Path, name: str, layout: Layout, columns: list[str]) -> Iterator[pa.Table]:
    """Read the rows of a file: where each stands (`name:line` if the file has a name), and its cells by `columns`."""
    with file.open("rb") as stream:
        for batch in ahead(read_rows(stream, layout.names, layout.separator, layout.encoding.name)):
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
