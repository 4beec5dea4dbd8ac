"""Mirror each run as it comes, until interrupted."""

import sys
import time
from collections.abc import Hashable
from pathlib import Path

from credit.core.errors import InputError
from ops.history.revisions import LOCK, PARAMS, git, is_at_rest
from ops.mirror.session import mirror_to
from ops.shared.tracking import shown, told_in_one_line

EVERY = 2  # seconds
AGAIN = 30  # seconds, after which a mirror that failed is tried again
CHANGING = "changing"


def follow(repository: Path, uri: str) -> None:
    """Mirror whenever Git or the workspace has something new; what fails is said and tried again."""
    mirrored, failed = None, None
    while True:
        if failed is None or time.monotonic() - failed > AGAIN:
            try:
                with told_in_one_line():
                    now = what_there_is(repository)
                if now not in (mirrored, CHANGING):
                    said = mirror_to(uri, repository)
                    if mirrored is None or not said.startswith("nothing new"):
                        print(f"mirror: {said}", flush=True)
                    mirrored = now
                failed = None
            except InputError as error:
                print(f"mirror: not mirrored to {shown(uri)}: {error}", file=sys.stderr, flush=True)
                failed = time.monotonic()
        time.sleep(EVERY)


def what_there_is(repository: Path) -> Hashable:
    """Identify the state of all branches and experiments, and of the workspace; CHANGING while DVC writes to that."""
    refs = git(repository, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/exps")
    files = [path for name in (LOCK, PARAMS) if (path := repository / name).is_file()]
    if not all(is_at_rest(path) for path in files):
        return CHANGING
    return refs, git(repository, "rev-parse", "HEAD"), tuple(path.stat().st_mtime for path in files)
