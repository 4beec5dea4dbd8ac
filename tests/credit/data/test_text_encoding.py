import codecs
import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.data import text_encoding as encoding
from credit.data.text_encoding import TEXT_ENCODINGS, TextEncoding, detect_encoding


def detect(content: bytes) -> TextEncoding:
    return detect_encoding(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", TextEncoding("utf-8")),
        ("Höhe €,b\n1,ß\n".encode(), TextEncoding("utf-8")),
        (codecs.BOM_UTF8 + "Höhe €\n".encode(), TextEncoding("utf-8")),
        ("a,b\n1,2\nHöhe €,ß\n".encode("cp1252"), TextEncoding("cp1252", 3)),
        ("Höhe\n".encode("latin-1"), TextEncoding("cp1252", 1)),
        ("a\n\x81\n".encode("latin-1"), TextEncoding("latin-1", 2)),
        ("a\nÁ\nÁ\n".encode() + b"M\xfcller\n" + "Á".encode(), TextEncoding("latin-1", 4)),
        ("a,b\n1,ä".encode()[:-1], TextEncoding("cp1252", 2)),  # cut inside a character
    ],
)
def test_what_is_not_utf8_is_windows_1252_or_else_latin1(content: bytes, expected: TextEncoding):
    assert detect(content) == expected


@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [0, 1, 2, 50])
def test_the_line_is_that_of_the_first_byte_that_is_not_utf8(monkeypatch, chunk: int, end: str, before: int):
    monkeypatch.setattr(encoding, "_CHUNK", chunk)
    content = (f"€ä{end}" * before).encode() + b"x\xe4" + f"{end}€".encode() + b"\xe4\n"
    assert detect(content) == TextEncoding("cp1252", before + 1)
    assert detect((f"€ä{end}" * before).encode() + "€".encode()[:2]) == TextEncoding("cp1252", before + 1)


@given(st.binary().filter(lambda content: b"\0" not in content))
def test_any_bytes_can_be_read_in_the_encoding_that_is_told(content: bytes):
    content = b"a" + content
    found = detect(content)
    assert found.name in TEXT_ENCODINGS
    assert content.decode(found.name).encode(found.name) == content
    assert (found.not_utf8 is None) == (found.name == "utf-8")


def archived() -> bytes:
    """Give the beginning of what a spreadsheet program saves."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "expected a header and rows, got an empty file"),
        ("a,b\n1,2\n".encode("utf-16"), "got null bytes, as in UTF-16 and in binary files"),
        (b"a,b\n1,\0\n", "expected text in UTF-8, Windows-1252 or Latin-1, got null bytes"),
        (archived(), "expected delimited text, got a ZIP archive, as .xlsx files are"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "expected delimited text, got a gzip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "expected delimited text, got an Excel file of the old kind"),
    ],
)
def test_refuses_what_is_no_text(content: bytes, expected: str):
    with pytest.raises(InputError) as caught:
        detect(content)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
