"""ingest: a lender's delimited text file to Parquet, every cell as it is written, with its line number."""

import logging
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from credit.checked import Record
from credit.columns import LINE
from credit.delimited import SEPARATORS, detect_encoding, header_text, read_header, read_rows
from credit.dictionary import Dictionary
from credit.errors import InputError
from stages.files import read_dictionary, read_params, replacing
from stages.runner import run_stage

OUTPUT = Path("data/interim/ingested.parquet")


class Ingest(Record):
    source: Path


class Params(Record):
    ingest: Ingest


def check_names(names: list[str], dictionary: Dictionary) -> None:
    """Refuse a header without a required column, or with one that would hide the line numbers."""
    for name, column in dictionary.columns.items():
        source = dictionary.source(name)
        if column.required and column.role != "ignored" and source not in names:
            found = ", ".join(map(repr, names))
            found = found if len(found) <= 200 else f"{found[:197]}..."
            raise InputError(f"line 1: expected the required column '{source}' ({name}), got the columns {found}")
    if LINE in names:
        raise InputError(f"line 1: expected no column '{LINE}', for the line numbers go there; got one: rename it")


def ingest(source: Path, dictionary: Dictionary, output: Path) -> tuple[int, int, str, str]:
    """Copy the cells of `source` to `output`; returns rows, columns, separator and encoding."""
    with source.open("rb") as stream:
        encoding = detect_encoding(stream)
        header = header_text(stream, encoding)
        separator, names = read_header(header, [dictionary.source(name) for name in dictionary.columns])
        check_names(names, dictionary)
        schema = pa.schema([(LINE, pa.int64()), *((name, pa.string()) for name in names)])
        rows = 0
        with replacing(output) as temporary:
            with parquet.ParquetWriter(temporary, schema) as writer:
                for batch in read_rows(stream, names, separator, encoding):
                    writer.write_batch(batch)
                    rows += batch.num_rows
            if not rows:
                raise InputError("expected rows below the header, got none")
    return rows, len(names), separator, encoding


def main(log: logging.Logger) -> None:
    source = read_params(Params).ingest.source
    dictionary = read_dictionary()
    if not source.is_file():
        found = "a folder" if source.is_dir() else "no such file"
        raise InputError(f"{source}: expected a file of applications, got {found} ('ingest.source' in params.yaml)")
    try:
        rows, columns, separator, encoding = ingest(source, dictionary, OUTPUT)
    except InputError as error:
        raise InputError(f"{source}, {error}" if str(error).startswith("line") else f"{source}: {error}") from None
    log.info("%d rows, %d columns from %s (%s, %s)", rows, columns, source, SEPARATORS[separator], encoding)


if __name__ == "__main__":
    run_stage("ingest", main)
