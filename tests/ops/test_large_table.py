import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from ops.large_table import AT_ONCE, large_table, main


@pytest.fixture
def small():
    rows = 400
    return pa.table(
        {
            "amount": np.arange(1_000, 1_000 + rows),
            "code": np.arange(rows) % 4,
            "purpose": [f"p{row % 3}" for row in range(rows)],
        }
    )


def test_rows_are_drawn_a_bounded_number_at_a_time(small):
    parts = list(large_table(small, AT_ONCE + 7, seed=1))
    assert [len(part) for part in parts] == [AT_ONCE, 7]


def test_codes_and_text_are_those_of_the_table_and_numbers_near_them(small):
    table = pa.concat_tables(large_table(small, 5_000, seed=1)).to_pandas()
    assert set(table["code"]) == {0, 1, 2, 3}
    pairs = set(zip(small["code"].to_pylist(), small["purpose"].to_pylist(), strict=True))
    assert set(zip(table["code"], table["purpose"], strict=True)) <= pairs
    assert table["amount"].between(700, 1_900).all()
    assert table["amount"].nunique() > len(small)


def test_same_seed_gives_the_same_table(small):
    first, again, other = (next(large_table(small, 50, seed)) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_command_writes_a_csv(small, tmp_path):
    csv.write_csv(small, tmp_path / "small.csv")
    main(["25", str(tmp_path / "large.csv"), "--like", str(tmp_path / "small.csv")])
    written = csv.read_csv(tmp_path / "large.csv")
    assert len(written) == 25
    assert written.column_names == small.column_names


def test_table_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(SystemExit, match=r"gone\.csv: .*No such file"):
        main(["25", str(tmp_path / "large.csv"), "--like", str(tmp_path / "gone.csv")])
    assert list(tmp_path.iterdir()) == []
