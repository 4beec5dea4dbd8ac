"""No secret is printed, wherever it stands and whatever a server does with it."""

import base64
import json
import os
import subprocess
import sys
from urllib.parse import quote

import pytest

from ops.check_mlflow import health
from ops.check_mlflow.__main__ import main
from ops.check_mlflow.redaction import Redaction, quoted
from tests.ops.check_mlflow.stubs import Reply, Stub, heard

PASSWORD = 'c0rrect "horse"&<battery>\\ staple'
SPELLINGS = {
    "itself": PASSWORD,
    "base64": base64.b64encode(PASSWORD.encode()).decode(),
    "header": base64.b64encode(f"me:{PASSWORD}".encode()).decode(),
    "address": quote(PASSWORD),
    "JSON": json.dumps(PASSWORD)[1:-1],
    "repr": repr(PASSWORD)[1:-1],
}


@pytest.fixture(autouse=True)
def login(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)


def assert_clean(printed: str) -> None:
    for name, spelling in SPELLINGS.items():
        assert spelling not in printed, name
    assert "c0rrect" not in printed


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("body", ["{}", '{{"message": "bad header: {}"}}'])
def test_a_server_that_echoes_it(mlflow, capfd, spelling, body):
    text = SPELLINGS[spelling] if body == "{}" else json.dumps(SPELLINGS[spelling])[1:-1]
    for path in list(mlflow.replies)[1:]:
        mlflow.replies[path] = Reply(500, body.format(text))
    assert main([mlflow.url]) == 5
    printed = "".join(capfd.readouterr())
    assert "fault of its own" in printed
    assert_clean(printed)


def test_a_server_that_echoes_the_header_in_its_status_and_headers(check):
    def talk(connection):
        sent = heard(connection).headers.get("authorization", "none")
        connection.sendall(f"HTTP/1.1 302 {sent}\r\nLocation: https://{sent}/\r\nX: {sent}\r\n\r\n".encode())

    with Stub(talk) as stub:
        assert_clean(check(stub.url).printed)


def test_an_error_of_the_check_itself(mlflow, check, monkeypatch):
    def fail(*_):
        raise RuntimeError(f"Authorization: {PASSWORD}")

    monkeypatch.setattr(health, "compared", fail)
    checked = check(mlflow.url)
    checked.assert_failed("version", 1, "RuntimeError in test_no_secret.py, line ", "fault of ops.check_mlflow")
    assert_clean(checked.printed)


@pytest.mark.parametrize(
    "arguments",
    [
        ["http://me:{}" + "@127.0.0.1:1"],
        ["http://me:{}" + "@127.0.0.1:1", "--json"],
        ["http://me:{}"],
        ["http://127.0.0.1:1", "http://me:{}" + "@127.0.0.1:1"],
        ["--timeout", "http://me:{}" + "@127.0.0.1:1"],
    ],
)
def test_a_command_line_with_one(repository, arguments):
    ended = subprocess.run(
        [sys.executable, "-m", "ops.check_mlflow", *(one.format("c0rrect-h0rse") for one in arguments)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")},
    )
    assert ended.returncode == 2
    assert_clean(ended.stdout + ended.stderr)


def test_lines_of_a_server_cannot_steer_the_terminal(mlflow, check):
    mlflow.replies["/health"] = Reply(500, "\x1b[2J\r\nok   all well\x07")
    assert check(mlflow.url).failed[1] == "the server has a fault of its own at /health: 500 ?[2J ok all well?"


def test_a_short_secret_is_hidden_too():
    redaction = Redaction()
    redaction.add(["x1", None, ""])
    assert redaction.clean("got x1, want x2") == "got ***, want x2"


def test_what_looks_like_a_secret_is_hidden_in_foreign_texts():
    assert "abcdefgh" not in quoted("Authorization: Bearer abcdefgh.ijkl")
    assert quoted("") == ""
