"""Read a Parquet file as a table of text: every cell as a CSV file would have it, in batches."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from credit.core.columns import LINE
from credit.core.errors import InputError
from credit.data.cell_text import cell_text, has_text
from credit.data.delimited import all_empty
from credit.data.header import distinct_names
from credit.data.text_encoding import TextEncoding

ROWS = 1 << 14  # in a batch
_BUFFER = 1 << 20  # bytes read ahead of a column: without it, all that a row group has of it
_BEGINNING, _ENCRYPTED = b"PAR1", b"PARE"


def is_parquet(file: Path) -> bool:
    """Tell by the first bytes of a file whether it is one of Parquet, though maybe damaged."""
    with file.open("rb") as stream:
        return stream.read(len(_BEGINNING)) in (_BEGINNING, _ENCRYPTED)


class ParquetTable(NamedTuple):
    """The columns of a Parquet file; rows are counted as in a CSV file with a header: the first is on line 2."""

    names: list[str]
    header = 0
    encoding = TextEncoding("utf-8")

    def __str__(self) -> str:
        return "Parquet"

    @classmethod
    def of(cls, file: Path, expected: Collection[str]) -> "ParquetTable":
        """Find the columns of a file.

        Raises
        ------
        InputError
            The file is damaged, encrypted or without columns, a cell of it is no single value, or an `expected` name
            stands there twice.
        """
        with _opened(file) as table:
            schema = table.schema_arrow
        if not len(schema):
            raise InputError("expected the names of the columns, got a Parquet file without any")
        names = distinct_names([name.strip() for name in schema.names], expected)
        for name, kind in zip(names, schema.types, strict=True):
            if not has_text(kind):
                raise InputError(f"expected one value a cell in the column {name!r}, got {str(kind)[:60]}")
        return cls(names)

    def rows(self, file: Path) -> Iterator[pa.RecordBatch]:
        """Read the rows: every cell as text, after the number of its line; rows of nothing are passed over."""
        line = 2
        with _opened(file) as table:
            for batch in table.iter_batches(ROWS):
                columns = [_as_text(name, cells) for name, cells in zip(self.names, batch.columns, strict=True)]
                lines = pa.array(np.arange(line, line + batch.num_rows))
                line += batch.num_rows
                cells = pa.RecordBatch.from_arrays(columns, self.names)
                yield pa.RecordBatch.from_arrays([lines, *columns], [LINE, *self.names]).filter(~all_empty(cells))


@contextmanager
def _opened(file: Path) -> Iterator[parquet.ParquetFile]:
    try:
        with parquet.ParquetFile(file, buffer_size=_BUFFER, page_checksum_verification=True) as table:
            yield table
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None):  # the operating system's, not Arrow's
            raise
        said = " ".join(str(error).split())
        raise InputError(f"expected a whole Parquet file, got a damaged or encrypted one: {said[:200]}") from None


def _as_text(name: str, cells: pa.Array) -> pa.StringArray:
    try:
        cells.validate(full=True)
        return cell_text(cells)
    except pa.ArrowInvalid:
        raise InputError(f"expected text in UTF-8 in the column {name!r}, got other bytes") from None
