"""No secret of a remote gets into a line that is printed."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.shared.redaction import LONGEST, one_line, redact, values_of

KEY = {"client_email": "a@example.org", "private_key": "-----BEGIN" + " X-----\nabcdefgh\n-----END X-----\n"}


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("cannot reach https://me:" + "hunter22@host/x", "hunter22", "host/x"),
        ("Authorization: Bearer abcdefgh.ijkl failed", "abcdefgh", "failed"),
        ('{"client_secret": "abcdefgh", "code": 3}', "abcdefgh", "code"),
        ("GET /b?X-Amz-Signature=0123abcd&list=2", "0123abcd", "list=2"),
        ("-----BEGIN KEY-----\nMIIE\nabcd\n-----END KEY----- expected", "MIIE", "expected"),
        ("http://user:" + "s3cr3t@Passw0rd@host/x is down", "w0rd", "host/x is down"),
        ("http://user:" + "pa/ssword@host/x is down", "word", "host/x is down"),
        ("postgresql://10.0.0.1/mlflow?user=ada&password=" + "secret-word", "secret-word", "user=ada"),
        ("http://127.0.0.1:5000/@version", "***", "http://127.0.0.1:5000/@version"),
        ("s3://bucket/folder@2 and me@host", "***", "s3://bucket/folder@2 and me@host"),
        ("DefaultEndpointsProtocol=https;AccountKey=abcdefgh==;Suffix=x", "abcdefgh", "Suffix=x"),
        ("https://a.blob.core.windows.net/b?sv=2024&sig=abc%2Bdef&se=1", "abc%2B", "se=1"),
        ("token ya2" + "9.a0Af_abc-def was refused", "a0Af", "was refused"),
        ("Authorization: Token abcdefgh and more", "abcdefgh", "and more"),
        ("sent Token 0123abcd, refused", "0123abcd", "refused"),
        ("the token is too old", "***", "the token is too old"),
        ("POST /token?code=4/0AbCd-ef&x=1", "AbCd", "x=1"),
        ("POST /token?code=4%2F0AbCd-ef&x=1", "AbCd", "x=1"),
        ("storageQuotaExceeded: the user's quota", "nothing", "storageQuotaExceeded: the user's quota"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text, gone, kept):
    line = one_line(text)
    assert gone not in line
    assert kept in line


def test_what_azure_needs_and_the_passwords_of_addresses_are_known_values():
    options = {"url": "https://me:" + "12/34%4056@host/folder"}
    values = values_of({"AZURE_STORAGE_SAS_TOKEN": "sv=2024-01", "AZURE": "not-known"}, options)
    assert redact("sv=2024-01 12/34%4056 12/34@56 not-known host/folder", values) == "*** *** *** not-known host/folder"


def test_known_values_are_blotted_out_with_their_parts():
    environment = {"AWS_SECRET_ACCESS_KEY": "abcdefgh", "GDRIVE_CREDENTIALS_DATA": json.dumps(KEY), "HOME": "/home/me"}
    options = {"url": "s3://bucket", "password": "correct horse", "keyfile_path": "/keys/it"}
    values = values_of(environment, options)
    line = redact(f"abcdefgh correct horse /home/me /keys/it {KEY['private_key']} s3://bucket", values)
    assert line == "*** *** /home/me /keys/it *** s3://bucket"


@given(st.text())
def test_a_line_is_one_line_and_not_long(text):
    line = one_line(text)
    assert len(line.splitlines()) == 1
    assert len(line) <= LONGEST


@pytest.mark.parametrize("word", ["x", "token", "token-=", "://", "://a:", "@", "-----BEGIN A"])
def test_no_text_takes_long(word):
    began = time.process_time()
    redact(word * 100_000)
    assert time.process_time() - began < 5  # at every letter anew it would be minutes
    assert one_line("x" * 3_000_000) == "x" * (LONGEST - 3) + "..."


@pytest.mark.parametrize(
    ("trouble", "line"), [(TimeoutError(), "TimeoutError"), ("\x1b[2J\r\nall well\x07", "?[2J all well?")]
)
def test_an_exception_without_words_is_named_and_what_steers_a_terminal_taken_out(trouble, line):
    assert one_line(trouble) == line
