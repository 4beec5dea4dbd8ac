"""Open a file of text, also one that gzip has packed."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from credit.core.errors import InputError

GZIP = b"\x1f\x8b"


@contextmanager
def open_text(file: Path) -> Iterator[BinaryIO]:
    """Open a file to read; its first bytes, not its name, tell whether it is to be unpacked.

    Raises
    ------
    InputError
        What is read of a packed file is cut off or damaged.
    """
    with file.open("rb") as stream:
        is_packed = stream.read(len(GZIP)) == GZIP
        stream.seek(0)
        if not is_packed:
            yield stream
            return
        try:
            with gzip.open(stream) as unpacked:
                yield unpacked
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"expected a whole gzip archive, got a damaged one: {error}") from None
