"""The first rows of a table whose columns are not known yet: of a file, a folder of files, or an address of either."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from credit.core.columns import LINE
from credit.core.errors import InputError
from credit.data.header import SEPARATORS
from credit.data.reading import Layout, check_same_columns, find_layout, read_file
from credit.data.sources import is_address, is_of_this_machine, lender_files

MOST_ROWS = 200_000
MOST_BYTES = 1 << 29  # of cells, which are kept in memory


class Source(NamedTuple):
    """The table as it was read: where each row stands, then its cells.

    Attributes
    ----------
    name : of the file or folder alone; an address may have a key in it, and drafts are kept in Git.
    written : how the file is written, or how many files were read.
    is_whole : whether these are all rows.
    notes : remarks on how it was read.
    """

    name: str
    table: pa.Table
    written: str
    is_whole: bool
    notes: Sequence[str] = ()


def read_source(source: str) -> Source:
    """Read the first rows of a table as `ingest` does, the files of a folder in the order of their names."""
    if is_of_this_machine(source):
        raise InputError(f"{source}: expected the path alone where it is of this machine")
    if not is_address(source) and not Path(source).exists():
        raise InputError(f"{source}: expected a file of applications, got no such file")
    layouts: list[Layout] = []
    with closing(read_files(source, layouts)) as rows:
        table, is_whole = first_rows(rows)
    if table is None:
        raise InputError(f"{source}: expected rows below the header, got none")
    written, which = str(layouts[0]), "the file"
    if len(layouts) > 1:
        written, which = f"{len(layouts)} files", "one of the files"
    notes = [
        f"check: {which} is not UTF-8 from line {layout.encoding.not_utf8} on, "
        f"so all of it is read as {layout.encoding.name}; are its letters right?"
        for layout in layouts
        if layout.encoding.not_utf8
    ]
    return Source(last_name(source), table, written, is_whole, notes[:1])


def last_name(source: str) -> str:
    """Give the last part of a path or an address, without user, password and query."""
    if not is_address(source):
        return Path(source).resolve().name
    return re.split("[?#]", source)[0].rstrip("/").rpartition("/")[2].rpartition("@")[2]


def read_files(source: str, layouts: list[Layout]) -> Iterator[pa.Table]:
    """Read one file after the other, by the columns of the first; how each is written is added to `layouts`."""
    for name, file in lender_files(source):
        try:
            names = layouts[0].names if layouts else ()
            layout = find_layout(file, lambda text, names=names: names or likely_names(text))
            layouts.append(layout)
            columns = layouts[0].names
            check_same_columns(layout, columns)
            for table in read_file(file, name, layout, columns):
                yield table.rename_columns([LINE, *columns])
        except InputError as error:
            where = f"{source.rstrip('/')}/{name}" if name else source
            raise InputError(f"{where}{', ' if str(error).startswith('line') else ': '}{error}") from None


def likely_names(sample: str) -> list[str]:
    """Split the header at the separator that fits the rows too (a space, only where no other does).

    Without expected names, `read_header` would take `Loan Amount,Term in Months` apart at the spaces. Repeated names
    are left out, for which of the columns a person means by them is not known.
    """
    best, names = (False, False, False, 0), []
    for separator in SEPARATORS:
        try:
            header, *rows = list(csv.reader(io.StringIO(sample.lstrip("\ufeff"), newline=""), delimiter=separator))
        except (csv.Error, ValueError):  # a cell is longer than the csv module takes, or there is nothing
            continue
        rows = [row for row in rows if row]
        fitting = sum(len(row) == len(header) for row in rows)
        score = (len(header) > 1, 2 * fitting > len(rows), separator != " ", len(header))
        if score > best:
            best, names = score, [name.strip() for name in header]
    return [name for name, times in Counter(names).items() if name and times == 1]


def first_rows(tables: Iterator[pa.Table]) -> tuple[pa.Table | None, bool]:
    """Keep so many rows as there is room for; returns them (None if there are none) and whether those are all."""
    kept, rows, size, is_whole = [], 0, 0, True
    for table in filter(len, tables):
        if rows >= MOST_ROWS or size >= MOST_BYTES:
            is_whole = False
            break
        kept.append(table)
        rows, size = rows + table.num_rows, size + table.nbytes
    return (pa.concat_tables(kept).slice(0, MOST_ROWS) if kept else None), is_whole and rows <= MOST_ROWS
