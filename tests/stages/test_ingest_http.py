"""`ingest.source` as an address, served on loopback."""

import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pyarrow import parquet

from credit.core.errors import InputError
from stages import ingest

LOG = logging.getLogger("ingest")
DICTIONARY = """
columns:
  income: {role: numeric, source: EINKOMMEN}
  town: {role: nominal}
  outcome: {role: target, codes: {good: repaid, bad: default}, bad_codes: [bad]}
"""
FILE = "town;EINKOMMEN;outcome\nKöln;1200;good\nUlm;1300;bad\n".encode()
ROWS = [
    {"line": 2, "town": "Köln", "EINKOMMEN": "1200", "outcome": "good"},
    {"line": 3, "town": "Ulm", "EINKOMMEN": "1300", "outcome": "bad"},
]


class Lender(BaseHTTPRequestHandler):
    """Serves the file at some paths, and misbehaves at others."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.split("?", maxsplit=1)[0]
        if path == "/old.csv":
            self.send_response(302)
            self.send_header("Location", "/applications.csv")
            self.end_headers()
            return
        status = {"/applications.csv": 200, "/cut.csv": 200, "/private.csv": 401, "/broken.csv": 500}.get(path, 404)
        body = FILE if status == 200 else b"no"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) + 100 * (path == "/cut.csv")))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve on loopback; give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lender)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ingested(workspace: Path, write, address):
    """Give a function that ingests what lies at a path of the server, and returns its rows."""
    write("data/dictionary.yaml", DICTIONARY)

    def run(path: str) -> list[dict]:
        write("params.yaml", f"ingest: {{source: '{address}/{path}'}}\n")
        ingest.main(LOG)
        return parquet.read_table(ingest.OUTPUT).to_pylist()

    return run


@pytest.mark.parametrize("path", ["applications.csv", "applications.csv?batch=7", "old.csv"])
def test_reads_the_file_at_an_address(ingested, path, caplog, address):
    caplog.set_level(logging.INFO)
    assert ingested(path) == ROWS
    assert f"2 rows, 3 columns from {address}/{path} (semicolon, utf-8)" in caplog.messages


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none.csv", "404 Not Found: no such file"),
        ("folder/", "404 Not Found: no such file"),
        ("private.csv", "401 Unauthorized"),
        ("broken.csv", "500 Internal Server Error"),
        ("cut.csv", "ClientPayloadError: "),
    ],
)
def test_an_address_that_does_not_give_a_whole_file_is_named_in_one_line_with_the_reason(ingested, path, why, address):
    ingested("applications.csv")
    before = ingest.OUTPUT.read_bytes()
    with pytest.raises(InputError) as caught:
        ingested(path)
    assert str(caught.value).startswith(f"{address}/{path}: expected to fetch it, got {why}")
    assert "\n" not in str(caught.value)
    assert ingest.OUTPUT.read_bytes() == before
    assert list(ingest.OUTPUT.parent.iterdir()) == [ingest.OUTPUT]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1:9/x.csv", "connection refused"),
        ("http://localhost:9/x.csv", "connection refused"),
        ("https://nonesuch.invalid/x.csv", "unknown host"),
    ],
)
def test_a_server_that_is_not_there_is_told_from_a_file_that_is_not(workspace: Path, write, address, why):
    write("params.yaml", f"ingest: {{source: '{address}'}}\n")
    with pytest.raises(InputError) as caught:
        ingest.main(LOG)
    assert str(caught.value) == f"{address}: expected to fetch it, got {why}"
