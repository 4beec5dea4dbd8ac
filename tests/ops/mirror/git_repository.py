"""A Git repository in a temporary directory, apart from the caller's settings, whose commits are of known moments."""

import os
import subprocess
from pathlib import Path

BEGAN = 1_790_000_000  # the first commit, seconds since 1970; each later one is a minute younger
NOT_OURS = ("GIT_", "DVC_", "MLFLOW_")


def environment() -> dict[str, str]:
    """Give an environment in which nothing of the caller's Git, DVC or MLflow is seen."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class GitRepository:
    """A repository at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, at: int = BEGAN) -> str:
        """Run Git; what it commits is of a moment."""
        dates = {f"GIT_{who}_DATE": f"{at} +0000" for who in ("AUTHOR", "COMMITTER")}
        known = {**environment(), **dates}
        done = subprocess.run(["git", *arguments], cwd=self.root, env=known, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str = "change") -> str:
        """Commit everything, a minute after what was committed last; returns the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, at=self.next_moment())
        return self.git("rev-parse", "HEAD")

    def next_moment(self) -> int:
        """Give the moment of the next commit, whatever it is on."""
        return BEGAN + 60 * len(self.git("rev-list", "--all").split())

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file of the workspace."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content.encode() if isinstance(content, str) else content)
