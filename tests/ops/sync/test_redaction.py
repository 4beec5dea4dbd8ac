"""No secret of a remote gets into a line that is printed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.sync.redaction import LONGEST, one_line, redact, values_of

KEY = {"client_email": "a@example.org", "private_key": "-----BEGIN" + " X-----\nabcdefgh\n-----END X-----\n"}


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("cannot reach https://me:" + "hunter22@host/x", "hunter22", "host/x"),
        ("Authorization: Bearer abcdefgh.ijkl failed", "abcdefgh", "failed"),
        ('{"client_secret": "abcdefgh", "code": 3}', "abcdefgh", "code"),
        ("GET /b?X-Amz-Signature=0123abcd&list=2", "0123abcd", "list=2"),
        ("-----BEGIN KEY-----\nMIIE\nabcd\n-----END KEY----- expected", "MIIE", "expected"),
        ("storageQuotaExceeded: the user's quota", "nothing", "storageQuotaExceeded: the user's quota"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text, gone, kept):
    line = one_line(text)
    assert gone not in line
    assert kept in line


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


def test_an_exception_without_words_is_named():
    assert one_line(TimeoutError()) == "TimeoutError"
