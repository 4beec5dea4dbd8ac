"""In which encoding a file of text is written, if it is text."""

import codecs
import re
from typing import BinaryIO, NamedTuple

from credit.core.errors import InputError

TEXT_ENCODINGS = ("utf-8", "cp1252", "latin-1")
_CHUNK = 1 << 20
_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BEGINNINGS = {
    b"PK\x03\x04": "a ZIP archive, as .xlsx files are",
    b"\x1f\x8b": "a gzip archive within another",
    b"PAR1": "a Parquet file within a gzip archive",
    b"\xd0\xcf\x11\xe0": "an Excel file of the old kind",
}


class TextEncoding(NamedTuple):
    """The name of an encoding, and on which line the first bytes stand that are not UTF-8; None if all are."""

    name: str
    not_utf8: int | None = None


def detect_encoding(stream: BinaryIO) -> TextEncoding:
    """Tell whether a stream is UTF-8 (with or without a byte-order mark), or else Windows-1252, or else Latin-1.

    Raises
    ------
    InputError
        The stream is empty, begins as an archive does, or holds null bytes as UTF-16 and binary files do.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, fault = 0, None
    while chunk := stream.read(_CHUNK):
        _check_text(chunk, size == 0)
        if fault is None:
            undecided = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                fault = size - undecided + error.start
        size += len(chunk)
    if not size:
        raise InputError("expected a header and rows, got an empty file")
    if fault is None and (undecided := len(decoder.getstate()[0])):
        fault = size - undecided  # it ended inside what would have been a multi-byte character
    return TextEncoding("utf-8") if fault is None else _windows_or_latin1(stream, fault)


def _check_text(chunk: bytes, is_first: bool) -> None:
    if is_first:
        for beginning, what in _BEGINNINGS.items():
            if chunk.startswith(beginning):
                raise InputError(f"expected delimited text, got {what}")
    if b"\0" in chunk:
        expected = "expected text in UTF-8, Windows-1252 or Latin-1"
        raise InputError(f"{expected}, got null bytes, as in UTF-16 and in binary files")


def _windows_or_latin1(stream: BinaryIO, fault: int) -> TextEncoding:
    """Read a stream again that is not UTF-8 at the byte `fault`."""
    stream.seek(0)
    name, line, position, last = "cp1252", 1, 0, b""
    while chunk := stream.read(_CHUNK):
        if _NOT_CP1252.search(chunk):
            name = "latin-1"
        before = chunk[: max(fault - position, 0)]
        line += before.count(b"\n") + before.count(b"\r") - (last + before).count(b"\r\n")
        position, last = position + len(chunk), chunk[-1:]
    return TextEncoding(name, line)
