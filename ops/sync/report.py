"""What the program says: lines on standard error while it works, for standard output is the command's; and tables."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.shared.redaction import one_line
from ops.sync.remotes import secrets_known

LONGEST = 600  # signs; what is missing and what to do then is one line


def tell(line: str) -> None:
    """Print one line, at once."""
    print(f"sync: {line}", file=sys.stderr, flush=True)


def say(error: BaseException) -> str:
    """Say in one line, without secrets, what a library complains of, and the causes that it gives."""
    texts: list[str] = []
    link: BaseException | None = error
    while link is not None:
        text = Text.from_ansi(str(link)).plain.strip() or type(link).__name__  # DVC colours what it says of locks
        if not any(text in said for said in texts):
            texts.append(text)
        link = link.__cause__
    return one_line(": ".join(texts), secrets_known(), LONGEST)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], none: str = "") -> None:
    """Print a table whose cells appear as they are (what is in brackets is no markup), or `none` where it is empty."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*map(str, row))
    Console(markup=False, emoji=False, highlight=False).print(table if rows else none)
