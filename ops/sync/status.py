"""Which remotes there are, and which pushes are to be retried; asks no remote."""

import json
import sys
from dataclasses import asdict

from ops.sync import pending
from ops.sync.remotes import configured


def report(*, as_json: bool) -> None:
    """Print both, as tables or as JSON; raises InputError where a file of theirs cannot be read."""
    remotes, waiting = configured(), pending.read()
    if as_json:
        found = {"remotes": [remote._asdict() for remote in remotes], "pending": [asdict(record) for record in waiting]}
        json.dump(found, sys.stdout, indent=2)
        print()
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("remote", "url", "verify", title="Remotes, the primary first", title_justify="left")
    for remote in remotes:
        table.add_row(remote.name, remote.url, "true" if remote.verified else "NOT SET")
    console.print(table if remotes else "no remote is configured")
    table = Table("remote", "revision", "since", "reason", title="Pushes to retry", title_justify="left")
    for record in waiting:
        table.add_row(record.remote, record.revision, record.since, record.reason)
    console.print(table if waiting else "no push is to be retried")
