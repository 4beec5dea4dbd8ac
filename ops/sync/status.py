"""Which remotes there are, and which pushes are to be retried; asks no remote."""

import json
import sys
from dataclasses import asdict

from ops.sync import pending
from ops.sync.remotes import configured
from ops.sync.report import show


def report(*, as_json: bool) -> None:
    """Print both, as tables or as JSON; raises InputError where a file of theirs cannot be read."""
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
