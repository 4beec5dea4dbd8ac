"""Write a first data dictionary from a table, for a person to finish: `python -m ops.draft_dictionary FILE`.

By which rules it guesses stands in ops/draft_dictionary/__init__.py. What it was not sure of is marked in comments.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from credit.core.errors import InputError
from credit.data.sources import is_address
from credit.io.files import PARAMS_FILE, replacing
from ops.draft_dictionary.as_yaml import MARKS, as_yaml
from ops.draft_dictionary.dictionary import Draft, draft_dictionary
from ops.draft_dictionary.project import is_in_git, set_source
from ops.draft_dictionary.source import read_source


def write(text: str, output: Path | None, draft: Draft) -> None:
    """Write the draft to a file, and say what is to decide, or to standard output, UTF-8 whatever the terminal is."""
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    with replacing(output) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    roles = Counter(column.role for column in draft.columns)
    print(f"{output}: {', '.join(f'{count} {role}' for role, count in roles.items())}")
    for where, question in questions(draft):
        print(f"  {where}: {question}")


def questions(draft: Draft) -> Iterator[tuple[str, str]]:
    """Give what a person has to decide, with the column it is about."""
    for where, notes in [("the table", draft.notes), *((column.key, column.notes) for column in draft.columns)]:
        yield from ((where, note) for note in notes if note.startswith(MARKS))


def check_output(output: Path, source: str, force: bool) -> None:
    """Refuse to overwrite what a person may have worked on, and to write among what is read."""
    if output.is_dir():
        raise InputError(f"{output}: expected the name of a file to write, got a folder")
    if not is_address(source):
        if output.exists() and Path(source).exists() and output.samefile(source):
            raise InputError(f"{output}: expected another file than the table that is read")
        if Path(source).resolve() in output.resolve().parents:
            raise InputError(f"{output}: expected a file outside of the folder that is read")
    if output.exists() and not force and not is_in_git(output):
        raise InputError(f"{output}: expected no such file yet, got one that is not in Git; --force overwrites it")


def main(arguments: Sequence[str]) -> None:
    """Draft a dictionary; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.draft_dictionary", description="draft a data dictionary")
    parser.add_argument(
        "source",
        metavar="FILE",
        help="the table: delimited text with a header, or Parquet; or a folder of such files, or an address (https://, s3://)",
    )
    parser.add_argument("--target", metavar="NAME", help="the column that says who defaulted; else it is guessed")
    parser.add_argument(
        "--bad", action="append", default=[], metavar="CODE", help="a code of the target that means default; repeatable"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it; else to standard output")
    parser.add_argument("--force", action="store_true", help="overwrite the output, though Git does not have it")
    parser.add_argument("--set-source", action="store_true", help="name the table in params.yaml, as ingest.source")
    options = parser.parse_args(arguments)
    try:
        if options.output is not None:
            check_output(options.output, options.source, options.force)
        source = read_source(options.source)
        try:
            draft = draft_dictionary(source.table, options.target, options.bad)
        except InputError as error:
            raise InputError(f"{options.source}: {error}") from None
        write(as_yaml(draft, source), options.output, draft)
        if options.set_source:
            print(f"{PARAMS_FILE}: ingest.source is {set_source(PARAMS_FILE, options.source)}")
    except InputError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"{error.filename or options.output or options.source}: {error.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
