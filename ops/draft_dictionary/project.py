"""What a draft changes in the project, and what it may overwrite there."""

import re
from pathlib import Path

from credit.core.errors import InputError
from credit.core.records import check
from credit.data.sources import Ingest, is_address
from credit.io.files import replacing
from ops.draft_dictionary.as_yaml import scalar
from ops.shared.git import git

_SOURCE = re.compile(r"^(ingest:[^\S\n]*(?:#.*)?\n(?:(?:[ #].*)?\n)*?[ ]+source:).*$", re.MULTILINE)


def set_source(params: Path, source: str) -> str:
    """Name the table in params.yaml, and leave every other line as it is; gives the source as it is named there."""
    source = source if is_address(source) else _from_here(Path(source).resolve())
    check(Ingest, {"source": source}, str(params))
    text = params.read_text(encoding="utf-8") if params.is_file() else ""
    if not _SOURCE.search(text):
        raise InputError(f"{params}: expected 'ingest:' and below it 'source:', on lines of their own")
    with replacing(params) as temporary:
        changed = _SOURCE.sub(lambda found: f"{found[1]} {scalar(source)}", text, count=1)
        temporary.write_text(changed, encoding="utf-8", newline="\n")
    return source


def _from_here(path: Path) -> str:
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()


def is_in_git(path: Path) -> bool:
    """Tell whether Git has a file as it is, so that nothing is lost with it."""
    try:
        tracked = git(path.parent, "ls-files", "--", path.name)
        return bool(tracked) and not git(path.parent, "status", "--porcelain", "--", path.name)
    except InputError:  # this is no repository
        return False
