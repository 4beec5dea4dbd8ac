"""Decisions as Parquet, CSV or JSON Lines, a batch after the other."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from credit.core.errors import InputError

Write = Callable[[pa.Table], None]
TOP = 4
SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("proposal", pa.string()),
        ("pd", pa.float64()),
        ("cutoff", pa.float64()),
        ("cannot_be_scored", pa.string()),
        ("missing", pa.string()),
        ("not_valid", pa.string()),
        ("model", pa.string()),
    ]
)
REASONS = [pa.field(f"reason_{place}", pa.string()) for place in range(1, TOP + 1)]
FORMATS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl"}


def format_of(path: Path) -> str:
    """Tell by a file's extension what is written to it."""
    if path.suffix not in FORMATS:
        raise InputError(f"--output: expected a file that ends in {', '.join(FORMATS)}, got {path}")
    return FORMATS[path.suffix]


@contextmanager
def writing(path: Path, kind: str, schema: pa.Schema) -> Iterator[Write]:
    """Give a function that writes a table of decisions below those before; numbers with all their digits."""
    match kind:
        case "parquet":
            with parquet.ParquetWriter(path, schema) as writer:
                yield writer.write_table
        case "csv":
            with csv.CSVWriter(path, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
                yield writer.write_table
        case "jsonl":
            with path.open("w", encoding="utf-8", newline="\n") as stream:
                yield lambda table: stream.writelines(
                    json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()
                )
