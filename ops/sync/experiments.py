"""DVC's experiments, and which of them have their data on a remote."""

import json
from collections.abc import Iterable
from pathlib import Path

from dvc.repo import Repo
from dvc.repo.experiments.utils import exp_refs
from dvc.scm import NoSCM

from ops.sync.remotes import Remote

FILE = Path(".dvc/tmp/sync/pushed.json")


def unpushed(repo: Repo, remote: Remote) -> dict[str, str]:
    """Give the experiments whose data were not pushed to a remote, whenever they were made: name by commit."""
    pushed = set(_pushed().get(remote.url, ()))
    return {commit: name for commit, name in _experiments(repo).items() if commit not in pushed}


def mark_pushed(repo: Repo, remote: Remote, commits: Iterable[str]) -> None:
    """Note that a remote has the data of these experiments; those that were deleted are forgotten."""
    from credit.io.files import write_json

    pushed = _pushed()
    present = _experiments(repo).keys() & {*pushed.get(remote.url, ()), *commits}
    if present or remote.url in pushed:
        write_json(FILE, {**pushed, remote.url: sorted(present)})


def _experiments(repo: Repo) -> dict[str, str]:
    if isinstance(repo.scm, NoSCM):
        return {}
    return {repo.scm.get_ref(str(ref)): ref.name for ref in exp_refs(repo.scm)}


def _pushed() -> dict[str, list[str]]:
    """Read what was noted, by the address of the remote. Without it everything is compared with the remote anew."""
    try:
        noted = json.loads(FILE.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}
