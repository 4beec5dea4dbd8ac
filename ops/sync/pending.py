"""Pushes that failed and are to be retried: a small JSON in DVC's own temporary directory, which Git ignores."""

import fcntl
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from credit.core.errors import InputError
from ops.sync.objects import Named

FILE = Path(".dvc/tmp/sync/pending.json")


@dataclass(frozen=True)
class Pending:
    """A push to retry.

    Parameters
    ----------
    remote : its name in DVC's configuration.
    revision : the commit whose data were to be pushed. Of the workspace: the commit on which it stands and, behind a
        plus, a digest of what it names.
    since, reason : when it failed first, and why it failed last.
    objects : what has to be on the remote. Objects, not the lock: by the next run dvc.lock may name others.
    """

    remote: str
    revision: str
    since: str
    reason: str
    objects: tuple[Named, ...]


def read() -> list[Pending]:
    """Read the pushes to retry, the oldest first.

    Raises
    ------
    InputError
        The file is not one that this program wrote.
    """
    if not FILE.is_file():
        return []
    try:
        records = json.loads(FILE.read_text(encoding="utf-8"))
        pushes = [
            Pending(**{**entry, "objects": tuple(Named(*item) for item in entry["objects"])}) for entry in records
        ]
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{FILE}: expected the pushes to retry, got something else; delete it to go on") from None
    return sorted(pushes, key=lambda push: push.since)


def change(edit: Callable[[list[Pending]], list[Pending]]) -> None:
    """Replace the pushes to retry by what `edit` makes of them; at once, and one program at a time."""
    from credit.io.files import write_json

    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        records = edit(read())
        if records:
            write_json(FILE, [asdict(record) for record in records])
        else:
            FILE.unlink(missing_ok=True)
