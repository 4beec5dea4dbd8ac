"""A lender's file, folder or address, served on loopback, cell by cell; credit/data has how a file is read."""

import gzip
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
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
FILE = HEADER + "Köln;1200;good\n".encode()
PACKED = gzip.compress(FILE, mtime=0)
ROW = {"line": 2, "town": "Köln", "EINKOMMEN": "1200", "outcome": "good"}


@pytest.fixture
def ingested(workspace: Path, write):
    """Give a function that ingests a source by another lender's dictionary, and returns its rows."""
    write("data/dictionary.yaml", DICTIONARY)

    def run(name: str) -> list[dict]:
        write("params.yaml", f"ingest: {{source: '{name}'}}\n")
        ingest.main(LOG)
        return parquet.read_table(ingest.OUTPUT).to_pylist()

    return run


@pytest.fixture
def fault(ingested):
    """Give a function that says why a source is refused, and sees to it that what was ingested before stays."""

    def refuse(name: str) -> str:
        Path("before.csv").write_bytes(FILE)
        ingested("before.csv")
        before = ingest.OUTPUT.read_bytes()
        with pytest.raises(InputError) as caught:
            ingested(name)
        assert ingest.OUTPUT.read_bytes() == before
        assert list(ingest.OUTPUT.parent.iterdir()) == [ingest.OUTPUT]
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return refuse


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


def test_reads_another_lenders_file_with_a_column_that_is_called_line(ingested, write, caplog):
    caplog.set_level(logging.INFO)
    write("a.csv", b"\xef\xbb\xbf" + "outcome;line;EINKOMMEN;town\r\ngood;7; 1.200,50 ;Köln\r\n\r\nbad;;NA;x".encode())
    assert ingested("a.csv") == [
        {"line": 2, "outcome": "good", "line (as in the file)": "7", "EINKOMMEN": " 1.200,50 ", "town": "Köln"},
        {"line": 4, "outcome": "bad", "line (as in the file)": "", "EINKOMMEN": "NA", "town": "x"},
    ]
    assert caplog.messages == ["2 rows, 4 columns from a.csv (semicolon, utf-8)"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HEADER, ": expected rows below the header, got none"),
        (
            b"town;outcome\nx;good\n",
            ", line 1: expected the required column 'EINKOMMEN' (income), got the columns 'town', 'outcome'",
        ),
        (
            HEADER + b"some town;1;good\n" * 1_000 + b"x;1\n",
            ", line 1002: expected 3 cells as in the header, got 2; the first without a cell is 'outcome': 'x;1'",
        ),
    ],
)
def test_a_faulty_file_is_named_and_what_was_there_before_stays(fault, write, monkeypatch, content, expected):
    monkeypatch.setattr(delimited, "LONGEST_ROW", 1 << 10)  # bytes in a batch: rows are written before the fault
    write("a.csv", content)
    assert fault("a.csv") == f"a.csv{expected}"


def test_reads_the_files_of_a_folder_in_the_order_of_their_names(ingested, write, caplog):
    caplog.set_level(logging.INFO)
    write("daily/b/2.csv", b"outcome,EINKOMMEN,town\nbad,2,y\n")
    write("daily/1.csv", HEADER + b"x;1;good\n\nz;3;good\n")
    write("daily/2.csv", HEADER)
    write("daily/.hidden", b"none")
    write("daily/1.csv.dvc", b"outs: []")
    assert ingested("daily") == [
        {"line": "1.csv:2", "town": "x", "EINKOMMEN": "1", "outcome": "good"},
        {"line": "1.csv:4", "town": "z", "EINKOMMEN": "3", "outcome": "good"},
        {"line": "b/2.csv:2", "town": "y", "EINKOMMEN": "2", "outcome": "bad"},
    ]
    assert caplog.messages == ["3 rows, 3 columns from daily (3 files)"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"town;EINKOMMEN;outcome;shoe\n", "line 1: expected the columns of the folder's first file, got also 'shoe'"),
        (HEADER + b"x;1\n", "line 2: expected 3 cells as in the header, got 2; the first without a cell is 'outcome'"),
    ],
)
def test_names_the_file_of_a_folder_that_is_at_fault(fault, write, content, expected):
    write("daily/1.csv", FILE)
    write("daily/2.csv", content)
    assert fault("daily").startswith(f"daily/2.csv, {expected}")


def test_a_folder_without_files_is_refused(fault):
    Path("daily").mkdir()
    assert fault("daily") == "daily: expected files of applications in this folder, found none"


def test_warns_of_what_is_not_utf8_with_the_file_and_the_line(ingested, write, caplog):
    write("daily/1.csv", FILE)
    write("daily/2.csv", FILE + b"M\xfcnchen;2;bad\n")
    write("daily/3.csv", HEADER + "€;1;good\n".encode("cp1252"))
    assert [row["town"] for row in ingested("daily")] == ["Köln", "KÃ¶ln", "München", "€"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "daily/2.csv: not UTF-8 from line 3 on, so all of it is read as cp1252",
        "daily/3.csv: not UTF-8 from line 2 on, so all of it is read as cp1252",
    ]


class Lender(BaseHTTPRequestHandler):
    """Serves the file at some paths, and misbehaves at others."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        path = self.path.split("?", maxsplit=1)[0]
        status = {"/a.csv": 200, "/cut.csv": 200, "/old.csv": 302, "/private.csv": 401, "/broken.csv": 500}
        self.send_response(status.get(path, 404))
        if path == "/old.csv":
            self.send_header("Location", "/a.csv")
        self.send_header("Content-Length", str(len(FILE) + 100 * (path == "/cut.csv")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(FILE)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve on loopback; give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Lender) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["a.csv", "a.csv?batch=7", "old.csv"])
def test_reads_the_file_at_an_address(ingested, path, address):
    assert ingested(f"{address}/{path}") == [ROW]


def test_reads_a_store_that_has_folders(ingested):
    import fsspec

    with fsspec.open("memory://lender/a.csv", "wb") as remote:
        remote.write(FILE)
    assert ingested("memory://lender/a.csv") == [ROW]
    assert ingested("memory://lender") == [ROW | {"line": "a.csv:2"}]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{}/none.csv", "to fetch it, got 404 Not Found: no such file"),
        ("{}/private.csv", "to fetch it, got 401 Unauthorized"),
        ("{}/broken.csv", "to fetch it, got 500 Internal Server Error"),
        ("{}/cut.csv", "to fetch it, got ClientPayloadError: "),
        ("http://127.0.0.1:9/x.csv", "to fetch it, got connection refused"),
        ("http://localhost:9/x.csv", "to fetch it, got connection refused"),
        ("https://nonesuch.invalid/x.csv", "to fetch it, got unknown host"),
        ("memory://none.csv", "a file or a folder of applications, found none at this address"),
        ("nosuch://host/x.csv", "an address that can be read, got "),
    ],
)
def test_an_address_that_does_not_give_a_whole_file_is_named_with_the_reason(fault, source, why, address):
    where = source.format(address)
    assert fault(where).startswith(f"{where}: expected {why}")


TYPED = pd.DataFrame({"EINKOMMEN": [1200.0, None], "outcome": ["good", "bad"], "town": pd.Categorical(["Köln", "x"])})


def test_reads_text_packed_text_and_parquet_of_one_folder(ingested, write, caplog):
    caplog.set_level(logging.INFO)
    write("daily/1.csv", FILE)
    write("daily/2", gzip.compress(HEADER + "Münster;7;bad\n".encode("cp1252")))
    TYPED.to_parquet("daily/3.csv")
    write("daily/_SUCCESS", b"")
    assert ingested("daily") == [
        ROW | {"line": "1.csv:2"},
        {"line": "2:2", "town": "Münster", "EINKOMMEN": "7", "outcome": "bad"},
        {"line": "3.csv:2", "town": "Köln", "EINKOMMEN": "1200.0", "outcome": "good"},
        {"line": "3.csv:3", "town": "x", "EINKOMMEN": "", "outcome": "bad"},
    ]
    assert "daily/2: not UTF-8 from line 2 on, so all of it is read as cp1252" in caplog.messages
    assert caplog.messages[-1] == "4 rows, 3 columns from daily (3 files)"


def test_reads_parquet_and_packed_text_at_an_address(ingested, caplog):
    import fsspec

    caplog.set_level(logging.INFO)
    with fsspec.open("memory://typed/a", "wb") as remote:
        TYPED.to_parquet(remote)
    assert [row["line"] for row in ingested("memory://typed/a")] == [2, 3]
    assert caplog.messages == ["2 rows, 3 columns from memory://typed/a (Parquet)"]
    with fsspec.open("memory://packed/a", "wb") as remote:
        remote.write(PACKED)
    assert ingested("memory://packed/a") == [ROW]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (TYPED.drop(columns="EINKOMMEN"), ": expected the required column 'EINKOMMEN' (income), got the columns "),
        (TYPED.assign(phone=[[1], [2, 3]]), ": expected one value a cell in the column 'phone', got list<"),
        (TYPED.iloc[:0], ": expected rows below the header, got none"),
        (TYPED.iloc[:, :0], ": expected the names of the columns, got a Parquet file without any"),
    ],
)
def test_a_faulty_parquet_file_is_refused_as_one_of_text_is(fault, write, table, said):
    table.to_parquet("a.parquet", index=False)
    assert fault("a.parquet").startswith(f"a.parquet{said}")
    if len(table) and len(table.columns):
        write("daily/1.csv", FILE)
        Path("a.parquet").rename("daily/a.parquet")
        assert fault("daily").startswith(f"daily/a.parquet{said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PACKED[:-9], "expected a whole gzip archive, got a damaged one: "),
        (gzip.compress(PACKED, mtime=0), "expected delimited text, got a gzip archive within another"),
        (gzip.compress(b"PAR1..PAR1", mtime=0), "expected delimited text, got a Parquet file within a gzip archive"),
        (gzip.compress(b"", mtime=0), "expected a header and rows, got an empty file"),
        (b"PAR1" + FILE, "expected a whole Parquet file, got a damaged or encrypted one: "),
    ],
)
def test_a_faulty_archive_is_refused(fault, write, content, said):
    write("a.csv", content)
    assert fault("a.csv").startswith(f"a.csv: {said}")
