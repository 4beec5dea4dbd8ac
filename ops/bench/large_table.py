"""A table of many applicants like those of a small one: `python -m ops.bench.large_table SMALL.csv ROWS LARGE.csv`.

Rows are drawn with replacement, and their measured numbers (all different enough) varied by some percent, so that most
rows differ. What a model finds in it means nothing.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

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


def main(small: str, rows: str, large: str) -> None:
    """Write a CSV of so many rows like those of another."""
    table = csv.read_csv(small)
    with csv.CSVWriter(Path(large), table.schema) as writer:
        for part in large_table(table, int(rows), seed=0):
            writer.write(part)


if __name__ == "__main__":
    main(*sys.argv[1:])
