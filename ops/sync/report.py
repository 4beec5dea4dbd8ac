"""What the program says while it works: a line each, on standard error, for standard output is the command's."""

import sys


def tell(line: str) -> None:
    """Print one line, at once."""
    print(f"sync: {line}", file=sys.stderr, flush=True)
