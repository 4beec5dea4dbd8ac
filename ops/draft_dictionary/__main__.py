"""Print a first data dictionary of a table, for a person to finish: `python -m ops.draft_dictionary FILE > draft.yaml`.

By which rules it guesses stands in ops/draft_dictionary/__init__.py. What it was not sure of is marked in comments.
"""

import argparse
import sys
from collections.abc import Sequence

from credit.core.errors import InputError
from ops.draft_dictionary.as_yaml import as_yaml
from ops.draft_dictionary.dictionary import draft_dictionary
from ops.draft_dictionary.source import read_source


def main(arguments: Sequence[str]) -> None:
    """Draft a dictionary to standard output, in UTF-8; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.draft_dictionary", description="draft a data dictionary")
    parser.add_argument(
        "source",
        metavar="FILE",
        help="the table: delimited text with a header; or a folder of such files, or an address (https://, s3://)",
    )
    parser.add_argument("--target", metavar="NAME", help="the column that says who defaulted; else it is guessed")
    parser.add_argument(
        "--bad", action="append", default=[], metavar="CODE", help="a code of the target that means default; repeatable"
    )
    options = parser.parse_args(arguments)
    try:
        source = read_source(options.source)
        try:
            draft = draft_dictionary(source.table, options.target, options.bad)
        except InputError as error:
            raise InputError(f"{options.source}: {error}") from None
        sys.stdout.buffer.write(as_yaml(draft, source).encode())  # whatever the terminal is
        sys.stdout.buffer.flush()
    except InputError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"{error.filename or options.source}: {error.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
