"""Files as spreadsheet programs and pandas write them: encodings, and headers that are not quite in order."""

import logging
from pathlib import Path

import pytest
from pyarrow import parquet

from credit.core.errors import InputError
from stages import ingest

LOG = logging.getLogger("ingest")
DICTIONARY = """
columns:
  income: {role: numeric, source: EINKOMMEN}
  town: {role: nominal}
  phone: {role: nominal, required: false}
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
    assert "\n" not in str(caught.value)
    return str(caught.value)


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


def test_reads_the_euro_sign_of_windows_in_a_name(applications, write):
    write("data/dictionary.yaml", DICTIONARY.replace("EINKOMMEN", "Höhe €"))
    applications(HEADER.replace(b"EINKOMMEN", "Höhe €".encode("cp1252")) + b"x;1;good\n")
    ingest.main(LOG)
    assert rows() == [{"line": 2, "town": "x", "Höhe €": "1", "outcome": "good"}]


def test_columns_without_a_name_and_unknown_ones_of_the_same_name_are_read_as_others(applications):
    applications(b"sep=,\n,town,note,EINKOMMEN,outcome,note,x,x,\n0,a,b,1,good,c,d,e,\n")
    ingest.main(LOG)
    assert rows() == [
        {
            "line": 3, "unnamed column 1": "0", "town": "a", "note (1)": "b", "EINKOMMEN": "1", "outcome": "good",
            "note (2)": "c", "x (1)": "d", "x (2)": "e", "unnamed column 9": "",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["town", "phone"])
def test_a_column_that_the_dictionary_asks_for_must_be_there_once(applications, name):
    applications(f"{name};{name};x;EINKOMMEN;outcome\n".encode())
    assert fault() == (
        f"data/applications.csv, line 1: expected different names, got the column '{name}' 2 times; "
        f"'source: {name} (1)' is the first"
    )


def test_the_line_of_the_header_is_told_where_excel_was_told_the_separator(applications):
    applications(b"sep=;\ntown;outcome\n")
    assert fault().startswith("data/applications.csv, line 2: expected the required column 'EINKOMMEN' (income)")
