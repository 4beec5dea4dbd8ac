"""A table of many applicants like those of a small one, to measure with: `python -m ops.large_table ROWS FILE`.

Rows of the table that `ingest.source` names are drawn with replacement, and their measured numbers (all different
enough) varied by some percent, so that most rows differ. What a model finds in it means nothing.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from credit.core.errors import InputError
from credit.io.files import replacing

AT_ONCE = 500_000  # rows in memory
MEASURED = 100  # different whole numbers, from which on a column is measured rather than coded
SPREAD = 0.05  # standard deviation of the factor by which measured numbers are varied


def large_table(table: pa.Table, rows: int, seed: int) -> Iterator[pa.Table]:
    """Draw `rows` rows of a table with replacement, some at a time, and vary what is measured in them.

    The share of each code, and what goes with what, stay those of the table.
    """
    generator = np.random.default_rng(seed)
    for start in range(0, rows, AT_ONCE):
        drawn = table.take(pa.array(generator.integers(0, len(table), min(AT_ONCE, rows - start))))
        for position, name in enumerate(table.column_names):
            if pa.types.is_integer(table[name].type) and len(table[name].unique()) >= MEASURED:
                factors = np.exp(generator.normal(0, SPREAD, len(drawn)))
                varied = np.rint(drawn[name].to_numpy() * factors).astype("int64")
                drawn = drawn.set_column(position, name, pa.array(varied))
        yield drawn


def write_csv(tables: Iterator[pa.Table], output: Path) -> None:
    """Write tables of the same columns one below the other."""
    first = next(tables)
    with replacing(output) as temporary, csv.CSVWriter(temporary, first.schema) as writer:
        writer.write(first)
        for table in tables:
            writer.write(table)


def main(arguments: Sequence[str]) -> None:
    """Write a large table; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.large_table", description="make a table to measure with")
    parser.add_argument("rows", type=int, metavar="ROWS")
    parser.add_argument("file", type=Path, metavar="FILE", help="the CSV to write")
    parser.add_argument("--like", type=Path, required=True, metavar="CSV", help="the table whose rows are drawn")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if options.rows < 1:
        parser.error(f"argument ROWS: expected at least 1, got {options.rows}")
    try:
        write_csv(large_table(csv.read_csv(options.like), options.rows, options.seed), options.file)
    except (OSError, pa.ArrowInvalid, InputError) as error:
        raise SystemExit(f"{options.like}: {error}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
