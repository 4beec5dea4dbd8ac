import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.data.unpacking import open_text

PACKED = gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)


def read(file: Path) -> bytes:
    with open_text(file) as stream:
        first = stream.read(3)
        stream.seek(0)
        assert stream.read(3) == first
        return first + stream.read()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary().filter(lambda content: not content.startswith(b"\x1f\x8b")))
def test_a_file_is_read_the_same_packed_or_not_whatever_its_name(tmp_path, content):
    file = tmp_path / "a.csv"
    for written in (content, gzip.compress(content), gzip.compress(content[:5]) + gzip.compress(content[5:])):
        file.write_bytes(written)
        assert read(file) == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PACKED[:-9], "Compressed file ended before the end-of-stream marker was reached"),
        (PACKED[:2], "Compressed file ended"),
        (PACKED[:-8] + b"\0" * 8, "CRC check failed"),
        (PACKED + b"more", "Not a gzipped file"),
        (PACKED[:10] + b"\xff" * 20, "Error -3 while decompressing data"),
    ],
)
def test_a_damaged_archive_is_refused_in_one_line(tmp_path, content: bytes, said: str):
    file = tmp_path / "a.csv.gz"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(file)
    assert str(caught.value).startswith(f"expected a whole gzip archive, got a damaged one: {said}")
    assert "\n" not in str(caught.value)
