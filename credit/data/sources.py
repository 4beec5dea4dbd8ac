"""Where a lender's applications come from: a file, a folder of files, or an address.

What lies at `http://` or `https://` is a file; stores such as `s3://` can list, and so have folders too.
"""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator

from credit.core.errors import InputError
from credit.core.records import Record

BESIDE_PARQUET = ("_SUCCESS", "_metadata", "_common_metadata")


def is_address(source: str) -> bool:
    """Tell whether a source is an address, such as `https://...` or `s3://...`, and no path of this machine."""
    return "://" in source


def is_of_this_machine(source: str) -> bool:
    """Tell whether a source is written as an address but lies on this machine; DVC does not follow such a one."""
    return source.startswith(("file:", "local:"))


def lender_files(source: str) -> Iterator[tuple[str, Path]]:
    """Give the files of a source one after the other, each as a local one to read.

    The files of a folder come in the order of their names, those below it too; hidden ones, DVC's own notes (`*.dvc`)
    and those that Spark and others leave beside Parquet files (`_SUCCESS`, `_metadata`) are passed over.
    What lies at an address is fetched to a temporary file, one at a time.

    Yields
    ------
    The name of the file within the folder (empty where the source is a single file), and where to read it.

    Raises
    ------
    InputError
        There is no such file or folder, it holds no file, or the address cannot be read.
    """
    yield from _fetched(source) if is_address(source) else _local(Path(source))


def _local(source: Path) -> Iterator[tuple[str, Path]]:
    if source.is_file():
        yield "", source
        return
    if not source.is_dir():
        raise InputError(
            f"{source}: expected a file or a folder of applications, got no such file ('ingest.source' in params.yaml)"
        )
    names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    for name in _applications(names, str(source)):
        yield name, source / name


def _applications(names: list[str], source: str) -> list[str]:
    kept = sorted(name for name in names if not name.endswith(".dvc") and not _is_hidden(name))
    if not kept:
        raise InputError(f"{source}: expected files of applications in this folder, found none")
    return kept


def _is_hidden(name: str) -> bool:
    *_, last = parts = PurePosixPath(name).parts
    return last in BESIDE_PARQUET or any(part.startswith(".") for part in parts)


def _fetched(source: str) -> Iterator[tuple[str, Path]]:
    import fsspec

    try:
        filesystem, root = fsspec.core.url_to_fs(source)
        # Over HTTP, `isfile` takes whatever fails for no file; to fetch it tells why.
        paths = [root] if _is_web(source) or filesystem.isfile(root) else filesystem.find(root)
    except Exception as error:  # every kind of store raises errors of its own
        raise InputError(f"{source}: expected an address that can be read, got {_said(error)}") from None
    if not paths:
        raise InputError(f"{source}: expected a file or a folder of applications, found none at this address")
    names = {path.removeprefix(root).lstrip("/"): path for path in paths}
    with tempfile.TemporaryDirectory(prefix="applications-") as folder:
        for name in [""] if list(names) == [""] else _applications(list(names), source):
            local = Path(folder, "applications")
            try:
                filesystem.get_file(names[name], str(local))
            except Exception as error:  # as above
                raise InputError(f"{source}: expected to fetch {name or 'it'}, got {_said(error)}") from None
            yield name, local


def _is_web(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _said(error: Exception) -> str:
    """Say why an address could not be read; aiohttp wraps what the system said, and has a status for an answer."""
    match getattr(error, "os_error", error):
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror():
            return "unknown host"
        case FileNotFoundError():
            return "404 Not Found: no such file"
    if status := getattr(error, "status", None):
        return f"{status} {error.message}"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _can_be_followed(source: str) -> str:
    if is_of_this_machine(source):
        raise ValueError("the path alone where it is of this machine")
    if is_address(source) and "@" in source.split("://", 1)[1].split("/", 1)[0]:
        raise ValueError("an address without user name and password, for params.yaml is in Git")
    return source


class Ingest(Record):
    source: Annotated[str, AfterValidator(_can_be_followed)]
