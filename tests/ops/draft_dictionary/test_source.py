import gzip
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ops.draft_dictionary import source as reading
from ops.draft_dictionary.source import last_name


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("Loan Amount,Term in Months\n1 000,12\n2 000,24\n", ["Loan Amount", "Term in Months"]),
        ("Betrag (EUR, brutto);Ort\n1;Ulm\n2;Bonn\n", ["Betrag (EUR, brutto)", "Ort"]),
        ("a b\n1 2\n", ["a", "b"]),
        ("a\tb c\n1\t2\n", ["a", "b c"]),
        ('\ufeff"a;b";c\n1;2\n', ["a;b", "c"]),
        ("alone\nx y\nz\n", ["alone"]),
    ],
)
def test_finds_the_separator_without_knowing_the_names(draft, content: str, names: list[str]):
    columns = yaml.safe_load(draft(content))["columns"]
    assert [column.get("source", key) for key, column in columns.items()] == names


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "applications.csv: expected a header and rows, got an empty file"),
        (b"a,b\n", "applications.csv: expected rows below the header, got none"),
        (b"a,b\n,\n", "applications.csv: expected rows below the header, got none"),
        (b"a,b\n1,2\n3\n", "applications.csv, line 3: expected 2 cells as in the header, got 1"),
        (b",,\n1,2,3\n", "applications.csv, line 1: expected the names of the columns, got a line of 3 characters"),
        (b"\x7fELF\0\0\n", "applications.csv: expected text in UTF-8, Windows-1252 or Latin-1, got null bytes"),
        (b"PK\x03\x04\0\0\n", "applications.csv: expected delimited text, got a ZIP archive, as .xlsx files are"),
    ],
)
def test_refuses_what_is_no_table_in_one_line(fault, write, content: bytes, said: str):
    write("applications.csv", content)
    assert fault("applications.csv").startswith(said)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("none.csv", "expected a file of applications, got no such file"),
        ("data/empty", "expected files of applications in this folder, found none"),
        ("file:///x.csv", "expected the path alone where it is of this machine"),
        ("memory://none.csv", "expected "),
    ],
)
def test_says_what_is_there_instead_of_a_file(fault, source: str, said: str):
    Path("data/empty").mkdir()
    assert fault(source).startswith(f"{source}: {said}")


def test_columns_without_a_name_or_with_the_same_are_drafted_as_ingest_calls_them(draft):
    columns = yaml.safe_load(draft("sep=;\n;x;amount;x;Risk;\n1;a;7;b;good;\n2;a;8;b;bad;\n"))["columns"]
    names = ["unnamed column 1", "x (1)", "amount", "x (2)", "Risk", "unnamed column 6"]
    assert [column.get("source", key) for key, column in columns.items()] == names
    assert "(line 3)" in draft("sep=;\namount;Risk\nmany;good\n1;bad\n")


def test_asks_about_letters_that_are_not_utf8(drafted, write):
    write("daily/a.csv", "Höhe €,Risk\n1,good\n")
    write("daily/b.csv", "Höhe €,Risk\n1,bad\n".encode("cp1252"))
    asked = "is not UTF-8 from line 1 on, so all of it is read as cp1252"
    text = drafted("daily/b.csv")
    assert f"# check: the file {asked}" in text
    assert "source: Höhe €\n" in text
    assert f"# check: one of the files {asked}" in drafted("daily")
    assert "UTF-8" not in drafted("daily/a.csv")


def test_drafts_from_the_files_of_a_folder_in_order(drafted, write, monkeypatch):
    write("daily/2024-02/b.csv", "Risk;amount\ngood;4000\n")
    write("daily/2024-01/a.csv", "amount,Risk\n1000,good\nmany,bad\n")
    write("daily/.hidden", "x")
    text = drafted("daily/")
    assert "# First draft, guessed from 'daily' (2 files): 2 columns, 3 rows." in text
    assert "'many' (line 2024-01/a.csv:3)" in text
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    text = drafted("daily")
    assert "2 columns, 2 rows, the first of more" in text
    assert "4000" not in text


def test_drafts_from_parquet_and_packed_text_as_from_text(drafted, write):
    table = pd.DataFrame(
        {"amount": [1000.5, None, 2000.0], "since": pd.to_datetime(["2024-01-31"] * 3), "Risk": [True, False, True]}
    )
    table.to_parquet("a.parquet")
    text = table.to_csv(index=False)
    write("a.csv", text)
    write("a.csv.gz", gzip.compress(text.encode()))
    typed, packed, plain = map(drafted, ("a.parquet", "a.csv.gz", "a.csv"))
    assert typed.splitlines()[0] == "# First draft, guessed from 'a.parquet' (Parquet): 3 columns, 3 rows."
    assert typed.splitlines()[1:] == packed.splitlines()[1:] == plain.splitlines()[1:]


def test_names_the_file_of_a_folder_that_is_at_fault(fault, write):
    write("daily/a.csv", "amount,Risk\n1,good\n")
    write("daily/b.csv", "amount,risk\n1,good\n")
    assert fault("daily/").startswith("daily/b.csv, line 1: expected the columns of the folder's first file, got no")
    write("daily/b.csv", "amount,Risk\n1\n")
    assert fault("daily").startswith("daily/b.csv, line 2: expected 2 cells as in the header, got 1")


def test_a_draft_from_an_address_has_no_secret_of_it(drafted):
    import fsspec

    with fsspec.open("memory://me" + ":secret@lender/applications.csv", "wb") as remote:
        remote.write(b"amount,Risk\n1,good\nmany,bad\n")
    text = drafted("memory://me" + ":secret@lender/applications.csv")
    assert "# First draft, guessed from 'applications.csv' (comma, utf-8)" in text
    text = drafted("memory://me" + ":secret@lender")
    assert "# First draft, guessed from 'lender' (comma, utf-8)" in text
    assert "secret" not in text
    assert last_name("https://host/loans/2024.csv?signature=secret") == "2024.csv"
