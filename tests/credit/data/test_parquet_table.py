from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from credit.core.errors import InputError
from credit.data import parquet_table
from credit.data.parquet_table import ParquetTable, is_parquet

PEOPLE = pa.table({"age": [30, None, None, 51], "town": ["Köln", None, " ", ""], "owns": [True, None, None, False]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"  # the content tells, not the name


def rows(file: Path) -> list[tuple]:
    table = ParquetTable.of(file, ())
    return [tuple(row.values()) for batch in table.rows(file) for row in batch.to_pylist()]


def fault(file: Path, table: pa.Table | bytes, read: Callable[[Path], object] = rows) -> str:
    file.write_bytes(table) if isinstance(table, bytes) else parquet.write_table(table, file)
    assert is_parquet(file)
    with pytest.raises(InputError) as caught:
        read(file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("batch", [1, 2, 3, 1 << 14])
@pytest.mark.parametrize("row_group", [1, 3, 100])
def test_rows_are_text_and_counted_as_below_a_header_and_empty_ones_passed_over(file, monkeypatch, batch, row_group):
    monkeypatch.setattr(parquet_table, "ROWS", batch)
    parquet.write_table(PEOPLE, file, row_group_size=row_group)
    assert is_parquet(file)
    assert rows(file) == [(2, "30", "Köln", "True"), (5, "51", "", "False")]


def test_names_are_those_of_a_csv_file_with_the_same_header(file):
    columns = [pa.array([number]) for number in range(5)]
    parquet.write_table(pa.Table.from_arrays(columns, [" age", "", "x", "x", "x (1)"]), file)
    assert ParquetTable.of(file, ["age"]).names == ["age", "unnamed column 2", "x (2)", "x (3)", "x (1)"]
    assert rows(file) == [(2, "0", "1", "2", "3", "4")]
    expected = "expected different names, got the column 'x' 2 times; 'source: x (1)' is the first"
    with pytest.raises(InputError, match=rf"^{expected[:40]}.*is the first$"):
        ParquetTable.of(file, ["x"])


def test_a_file_without_rows_has_its_columns(file):
    parquet.write_table(PEOPLE.slice(0, 0), file)
    assert ParquetTable.of(file, ()).names == ["age", "town", "owns"]
    assert rows(file) == []


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([[1]]), "one value a cell in the column 'x', got list<element: int64>"),
        (pa.array([{"a" * 99: 1}]), f"one value a cell in the column 'x', got struct<{'a' * 53}"),
        (pa.array([b"\xff"]), "text in UTF-8 in the column 'x', got other bytes"),
        (pa.array([b"\xff"]).view(pa.string()), "text in UTF-8 in the column 'x', got other bytes"),
    ],
)
def test_a_column_that_has_no_text_is_named(file, column, said):
    assert fault(file, pa.table({"a": [1], "x": column})) == f"expected {said}"


def test_a_table_without_columns_is_refused(file):
    expected = "expected the names of the columns, got a Parquet file without any"
    assert fault(file, pa.table({"a": [1]}).select([])) == expected


@pytest.mark.parametrize("options", [{}, {"compression": "none", "write_page_checksum": True}])
def test_a_file_cut_off_damaged_or_encrypted_is_refused_in_one_line(file, options):
    parquet.write_table(pa.table({"x": [f"word {number}" for number in range(999)]}), file, **options)
    whole = file.read_bytes()
    damaged = whole[:500] + bytes(byte ^ 255 for byte in whole[500:520]) + whole[520:]
    for content in (whole[:4], whole[:-1], whole[: len(whole) // 2], damaged, b"PARE" + whole[4:-4] + b"PARE"):
        expected = "expected a whole Parquet file, got a damaged or encrypted one: "
        assert fault(file, content).startswith(expected)


def test_what_the_operating_system_refuses_is_said_by_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        ParquetTable.of(tmp_path / "none.parquet", ())
