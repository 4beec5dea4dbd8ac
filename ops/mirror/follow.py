"""Mirror each run as it comes, until interrupted."""

import sys
import time
from collections.abc import Hashable
from pathlib import Path

from credit.core.errors import InputError
from ops.check_mlflow.uri import shown
from ops.history.revisions import LOCK, PARAMS, is_at_rest
from ops.mirror.mirror import mirror_to
from ops.shared.git import git
from ops.shared.redaction import one_line
from ops.shared.tracking import as_input_error

EVERY = 2  # seconds
AGAIN = 30  # seconds, after which a mirror that failed is tried again


def follow(repository: Path, uri: str) -> None:
    """Mirror whenever Git or the workspace has something new; what fails is said and tried again."""
    mirrored, failed = None, None
    while True:
        if failed is None or time.monotonic() - failed > AGAIN:
            try:
                with as_input_error():
                    state = read_state(repository)
                if state not in (mirrored, None):
                    words = mirror_to(uri, repository)
                    if mirrored is None or not words.startswith("nothing new"):
                        print(f"mirror: {words}", flush=True)
                    mirrored = state
                failed = None
            except InputError as error:
                print(f"mirror: not mirrored to {one_line(shown(uri))}: {error}", file=sys.stderr, flush=True)
                failed = time.monotonic()
        time.sleep(EVERY)


def read_state(repository: Path) -> Hashable | None:
    """Identify the state of all branches and experiments, and of the workspace; None while DVC writes to that."""
    files = [path for name in (LOCK, PARAMS) if (path := repository / name).is_file()]
    if not all(is_at_rest(path) for path in files):
        return None
    refs = git(repository, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/exps")
    return refs, git(repository, "rev-parse", "HEAD"), tuple(path.stat().st_mtime for path in files)
