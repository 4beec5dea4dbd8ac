"""What the program says: lines on standard error while it works, for standard output is the command's; and tables."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from ops.shared.redaction import one_line
from ops.sync import pending
from ops.sync.remotes import configured, secrets_known


def tell(line: str) -> None:
    """Print one line, at once."""
    print(f"sync: {line}", file=sys.stderr, flush=True)


def say(error: BaseException) -> str:
    """Say in one line, without secrets, what a library complains of, and the causes that it gives."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    texts = dict.fromkeys(str(link).strip() or type(link).__name__ for link in chain)
    return one_line(": ".join(texts), secrets_known())


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table whose cells appear as they are: what is in brackets is no markup."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*map(str, row))
    Console(markup=False, emoji=False, highlight=False).print(table)


def show_status(*, as_json: bool) -> None:
    """Print which remotes there are and which pushes are to be retried, as tables or as JSON; asks no remote."""
    remotes, waiting = configured(), pending.read()
    if as_json:
        lists = {"remotes": [remote._asdict() for remote in remotes], "pending": [asdict(record) for record in waiting]}
        json.dump(lists, sys.stdout, indent=2)
        print()
        return
    if remotes:
        rows = [(remote.name, remote.url, "true" if remote.verified else "NOT SET") for remote in remotes]
        show("Remotes, the primary first", ("remote", "url", "verify"), rows)
    else:
        print("no remote is configured")
    if waiting:
        rows = [(record.remote, record.revision, record.since, record.reason) for record in waiting]
        show("Pushes to retry", ("remote", "revision", "since", "reason"), rows)
    else:
        print("no push is to be retried")
