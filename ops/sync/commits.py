"""The commits whose data are pushed: the present one and DVC's experiments; and which of these a remote has."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ops.sync.remotes import Remote

FILE = Path(".dvc/tmp/sync/pushed.json")
SHORT = 10


def head() -> str:
    """Give the present commit, shortened."""
    return (_git("rev-parse", "--verify", "--quiet", "HEAD") or "no commit").strip()[:SHORT]


def experiments() -> dict[str, str]:
    """Give the experiments of this repository: name by commit."""
    listed = _git("for-each-ref", "--format=%(objectname) %(refname)", "refs/exps")
    refs = [line.split(" ", 1) for line in (listed or "").splitlines()]
    # refs/exps/<2 digits>/<38 digits of the baseline>/<name>; the others are DVC's queue and stash
    return {commit: ref.split("/")[4] for commit, ref in refs if ref.count("/") == 4 and len(ref.split("/")[2]) == 2}


def unpushed(remote: Remote) -> dict[str, str]:
    """Give the experiments whose data were not pushed to a remote, whenever they were made: name by commit."""
    pushed = set(_pushed().get(remote.url, ()))
    return {commit: name for commit, name in experiments().items() if commit not in pushed}


def mark_pushed(remote: Remote, commits: Iterable[str]) -> None:
    """Note that a remote has the data of these experiments; those that were deleted are forgotten."""
    from credit.io.files import write_json

    pushed = _pushed()
    here = experiments().keys() & {*pushed.get(remote.url, ()), *commits}
    if here or remote.url in pushed:
        write_json(FILE, {**pushed, remote.url: sorted(here)})


def _pushed() -> dict[str, list[str]]:
    """Read what was noted, by the address of the remote. Without it everything is compared with the remote anew."""
    try:
        noted = json.loads(FILE.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _git(*arguments: str) -> str | None:
    """Run Git, out of reach of the terminal's signals; returns what it prints, None where it fails (no commit yet)."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False, process_group=0)
    return done.stdout if done.returncode == 0 else None
