import logging
from pathlib import Path

import pytest
from pyarrow import parquet

from credit.core.errors import InputError
from credit.data import delimited
from stages import ingest, source

LOG = logging.getLogger("ingest")

DICTIONARY = """
columns:
  income: {role: numeric, source: EINKOMMEN}
  town: {role: nominal}
  phone: {role: nominal, required: false}
  note: {role: ignored}
  outcome: {role: target, codes: {good: repaid, bad: default}, bad_codes: [bad]}
"""
HEADER = b"town;EINKOMMEN;outcome\n"


@pytest.fixture
def applications(workspace: Path, write):
    """Name a file of this content as the source, for another lender's dictionary."""
    write("data/dictionary.yaml", DICTIONARY)
    write("params.yaml", "ingest: {source: data/applications.csv}\n")
    return lambda content: write("data/applications.csv", content)


def rows() -> list[dict]:
    return parquet.read_table(ingest.OUTPUT).to_pylist()


def fault() -> str:
    with pytest.raises(InputError) as caught:
        ingest.main(LOG)
    assert not list(Path("data/interim").glob("*"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_keeps_every_cell_of_the_south_german_table_with_its_line(workspace: Path):
    source.main(LOG)
    ingest.main(LOG)
    lines = source.OUTPUT.read_text().splitlines()
    table = parquet.read_table(ingest.OUTPUT)
    assert table.column_names == ["line", *lines[0].split(",")]
    assert ["{line},".format(**row) + ",".join(list(row.values())[1:]) for row in table.to_pylist()] == [
        f"{number},{line}" for number, line in enumerate(lines[1:], 2)
    ]
    assert table.schema.metadata[b"source"] == b"data/raw/south_german_credit.csv"  # `prepare` names it
    first = ingest.OUTPUT.read_bytes()
    ingest.main(LOG)
    assert ingest.OUTPUT.read_bytes() == first


def test_reads_another_lenders_file(applications, caplog):
    caplog.set_level(logging.INFO)
    applications(b"\xef\xbb\xbf" + "outcome;id;EINKOMMEN;town\r\ngood;A1; 1.200,50 ;Köln\r\n\r\nbad;;NA;x".encode())
    ingest.main(LOG)
    assert rows() == [
        {"line": 2, "outcome": "good", "id": "A1", "EINKOMMEN": " 1.200,50 ", "town": "Köln"},
        {"line": 4, "outcome": "bad", "id": "", "EINKOMMEN": "NA", "town": "x"},
    ]
    assert caplog.messages == ["2 rows, 4 columns from data/applications.csv (semicolon, utf-8)"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "data/applications.csv: expected a header and rows, got an empty file"),
        (HEADER, "data/applications.csv: expected rows below the header, got none"),
        (
            b"town;outcome\nx;good\n",
            "data/applications.csv, line 1: expected the required column 'EINKOMMEN' (income), "
            "got the columns 'town', 'outcome'",
        ),
        (
            HEADER + b"x;1;good\n\ny;2\n",
            "data/applications.csv, line 4: expected 3 cells as in the header, got 2; "
            "the first without a cell is 'outcome': 'y;2'",
        ),
        (
            HEADER.decode().encode("utf-16"),
            "data/applications.csv: expected text in UTF-8, Windows-1252 or Latin-1, got null bytes, "
            "as in UTF-16 and in binary files",
        ),
    ],
)
def test_refuses_a_file_in_one_line_and_leaves_nothing_behind(applications, content: bytes, expected: str):
    applications(content)
    assert fault() == expected


def test_a_fault_after_rows_were_written_leaves_nothing_behind(applications, monkeypatch):
    monkeypatch.setattr(delimited, "LONGEST_ROW", 1 << 10)  # bytes in a batch
    applications(HEADER + b"some town;1;good\n" * 1_000 + b"x;1\n")
    assert fault().startswith("data/applications.csv, line 1002: expected 3 cells as in the header, got 2")


def test_a_column_that_is_called_line_is_kept_under_another_name(applications):
    applications(b"line;" + HEADER + b"7;x;1;good\n")
    ingest.main(LOG)
    assert rows() == [{"line": 2, "line (as in the file)": "7", "town": "x", "EINKOMMEN": "1", "outcome": "good"}]


@pytest.fixture
def folder(applications, write):
    """Name a folder as the source; give a function that writes a file of it."""
    write("params.yaml", "ingest: {source: data/daily}\n")
    return lambda name, content: write(f"data/daily/{name}", content)


def test_reads_the_files_of_a_folder_in_the_order_of_their_names(folder, caplog):
    caplog.set_level(logging.INFO)
    folder("b/2.csv", b"outcome,EINKOMMEN,town\nbad,2,y\n")
    folder("1.csv", HEADER + b"x;1;good\n\nz;3;good\n")
    folder("2.csv", HEADER)
    folder(".hidden", b"none")
    folder("1.csv.dvc", b"outs: []")
    ingest.main(LOG)
    assert rows() == [
        {"line": "1.csv:2", "town": "x", "EINKOMMEN": "1", "outcome": "good"},
        {"line": "1.csv:4", "town": "z", "EINKOMMEN": "3", "outcome": "good"},
        {"line": "b/2.csv:2", "town": "y", "EINKOMMEN": "2", "outcome": "bad"},
    ]
    assert caplog.messages == ["3 rows, 3 columns from data/daily (3 files)"]


def test_names_the_file_of_a_folder_that_is_at_fault(folder):
    folder("1.csv", HEADER + b"x;1;good\n")
    folder("2.csv", b"town;EINKOMMEN;outcome;shoe\nx;1;good;7\n")
    assert fault() == ("data/daily/2.csv, line 1: expected the columns of the folder's first file, got also 'shoe'")
    folder("2.csv", HEADER + b"x;1\n")
    assert fault().startswith("data/daily/2.csv, line 2: expected 3 cells as in the header, got 2")


def test_reads_an_address(applications, write):
    import fsspec

    with fsspec.open("memory://lender/applications.csv", "wb") as remote:
        remote.write(HEADER + b"x;1;good\n")
    write("params.yaml", "ingest: {source: 'memory://lender/applications.csv'}\n")
    ingest.main(LOG)
    assert rows() == [{"line": 2, "town": "x", "EINKOMMEN": "1", "outcome": "good"}]
    write("params.yaml", "ingest: {source: 'memory://lender'}\n")
    ingest.main(LOG)
    assert rows()[0]["line"] == "applications.csv:2"


@pytest.mark.parametrize("address", ["memory://none.csv", "nosuch://host/x.csv", "http://127.0.0.1:1/x.csv"])
def test_an_address_that_cannot_be_read_is_named_in_one_line(applications, write, address: str):
    write("params.yaml", f"ingest: {{source: '{address}'}}\n")
    with pytest.raises(InputError) as caught:
        ingest.main(LOG)
    assert str(caught.value).startswith(f"{address}: expected ")
    assert "\n" not in str(caught.value)


def test_an_earlier_output_outlives_a_failure(applications):
    applications(HEADER + b"x;1;good\n")
    ingest.main(LOG)
    before = ingest.OUTPUT.read_bytes()
    applications(HEADER + b"x;1\n")
    with pytest.raises(InputError):
        ingest.main(LOG)
    assert ingest.OUTPUT.read_bytes() == before
    assert list(ingest.OUTPUT.parent.iterdir()) == [ingest.OUTPUT]


def test_warns_of_what_is_not_utf8_with_the_file_and_the_line(applications, write, caplog):
    write("params.yaml", "ingest: {source: data/daily}\n")
    write("data/daily/1.csv", HEADER + "Köln;1;good\n".encode())
    write("data/daily/2.csv", HEADER + "Köln;1;good\n".encode() + b"M\xfcnchen;2;bad\n")
    write("data/daily/3.csv", HEADER + "€;1;good\n".encode("cp1252"))
    ingest.main(LOG)
    assert [row["town"] for row in rows()] == ["Köln", "KÃ¶ln", "München", "€"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "data/daily/2.csv: not UTF-8 from line 3 on, so all of it is read as cp1252",
        "data/daily/3.csv: not UTF-8 from line 2 on, so all of it is read as cp1252",
    ]


def test_a_folder_without_files_is_refused(folder):
    Path("data/daily").mkdir()
    assert fault() == "data/daily: expected files of applications in this folder, found none"
