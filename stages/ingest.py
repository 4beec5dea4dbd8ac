"""ingest: a lender's delimited text to Parquet, every cell as it is written, with the line where it stands."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet
from pydantic import AfterValidator

from credit.core.columns import LINE, kept_apart
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import Record
from credit.data.delimited import read_rows
from credit.data.header import SEPARATORS, header_text, read_header
from credit.data.sources import is_address, is_of_this_machine, lender_files
from credit.data.text_encoding import Encoding, detect_encoding
from credit.io.files import read_dictionary, read_params, replacing
from stages.io.runner import run_stage

OUTPUT = Path("data/interim/ingested.parquet")


def _can_be_followed(source: str) -> str:
    if is_of_this_machine(source):
        raise ValueError("the path alone where it is of this machine")
    if is_address(source) and "@" in source.split("://", 1)[1].split("/", 1)[0]:
        raise ValueError("an address without user name and password, for params.yaml is in Git")
    return source


class Ingest(Record):
    source: Annotated[str, AfterValidator(_can_be_followed)]


class Params(Record):
    ingest: Ingest


class Layout(NamedTuple):
    """How a file of applications is written: its columns, what separates them, its encoding, and its header's line."""

    names: list[str]
    separator: str
    encoding: Encoding
    header: int

    def __str__(self) -> str:
        return f"{SEPARATORS[self.separator]}, {self.encoding.name}"


def read_layout(file: Path, dictionary: Dictionary) -> Layout:
    """Find out how a file is written, and whether it has the columns that are required."""
    with file.open("rb") as stream:
        encoding = detect_encoding(stream)
        line, header = header_text(stream, encoding.name)
    sources = {dictionary.source(name): name for name, column in dictionary.columns.items() if column.role != "ignored"}
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
        found = [f"no {_few(lacking)}"] * bool(lacking) + [f"also {_few(more)}"] * bool(more)
        expected = "expected the columns of the folder's first file"
        raise InputError(f"line {layout.header}: {expected}, got {', and '.join(found)}")


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


def report_encoding(log: logging.Logger, where: str, encoding: Encoding) -> None:
    """Warn of a file that is not UTF-8: one slip in it, and its other letters beyond ASCII are read wrongly too."""
    if line := encoding.not_utf8:
        log.warning("%s: not UTF-8 from line %d on, so all of it is read as %s", where, line, encoding.name)


def named_after(source: str, schema: pa.Schema) -> pa.Schema:
    """Note in a schema where its table is from, so that `prepare` can name the lender's file."""
    return schema.with_metadata({"source": source})


def ingest(source: str, dictionary: Dictionary, output: Path, log: logging.Logger) -> None:
    """Copy the cells of all files of `source` to `output`, and log what was found."""
    writer, columns, rows, files = None, [], 0, 0
    with replacing(output) as temporary:
        try:
            for name, file in lender_files(source):
                where = f"{source.rstrip('/')}/{name}" if name else source
                try:
                    layout = read_layout(file, dictionary)
                    columns = columns or layout.names
                    check_same_columns(layout, columns)
                    report_encoding(log, where, layout.encoding)
                    for table in read_file(file, name, layout, columns):
                        writer = writer or parquet.ParquetWriter(temporary, named_after(source, table.schema))
                        writer.write_table(table)
                        rows += table.num_rows
                except InputError as error:
                    separated = ", " if str(error).startswith("line") else ": "
                    raise InputError(f"{where}{separated}{error}") from None
                files += 1
                log.debug("%s: %s", name or source, layout)
        finally:
            if writer:
                writer.close()
        if not rows:
            raise InputError(f"{source}: expected rows below the header, got none")
    log.info("%d rows, %d columns from %s (%s)", rows, len(columns), source, layout if files == 1 else f"{files} files")


def main(log: logging.Logger) -> None:
    ingest(read_params(Params).ingest.source, read_dictionary(), OUTPUT, log)


if __name__ == "__main__":
    run_stage("ingest", main)
