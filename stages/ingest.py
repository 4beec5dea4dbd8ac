"""ingest: a lender's text or Parquet to cells of text, each as it is written, with the line where it stands."""

import logging
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import Record
from credit.data.reading import check_same_columns, read_file, read_layout
from credit.data.sources import Ingest, lender_files
from credit.data.text_encoding import TextEncoding
from credit.io.files import read_dictionary, read_params, replacing
from stages.io.runner import run_stage

OUTPUT = Path("data/interim/ingested.parquet")


class Params(Record):
    ingest: Ingest


def report_encoding(log: logging.Logger, where: str, encoding: TextEncoding) -> None:
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
