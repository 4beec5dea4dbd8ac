"""A small DVC project in a directory of its own, worked on by the real programs as a user with no settings would."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.fresh_clone import environment_apart

REPOSITORY = Path(__file__).resolve().parents[1]


class DvcProject:
    """A checkout, its outputs, and the environment in which commands are run."""

    outputs_named: Sequence[str] = ()

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = dict(environment)

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command and return what it printed; its exit code has to be the expected one."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == expect, f"expected exit code {expect}, got {done.returncode}: {printed}"
        return printed

    def dvc(self, *arguments: str, expect: int = 0) -> str:
        return self.run("dvc", *arguments, expect=expect)

    def sync(self, *arguments: str, expect: int = 0) -> str:
        printed = self.run("python", "-m", "ops.sync", *arguments, expect=expect)
        assert "Traceback" not in printed, printed
        return printed

    def commit(self) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "change")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")

    def outputs(self) -> dict[str, bytes]:
        """Read the outputs that are there."""
        return {name: (self.root / name).read_bytes() for name in self.outputs_named if (self.root / name).is_file()}

    def cached(self) -> dict[str, bytes]:
        """Read the local cache."""
        return objects_in(self.root / ".dvc/cache")


def objects_in(store: Path) -> dict[str, bytes]:
    """Read the objects of a folder of DVC's, by their paths."""
    objects = store / "files/md5"
    return {str(path.relative_to(objects)): path.read_bytes() for path in objects.rglob("*") if path.is_file()}


def user_environment(scratch: Path, programs: Path, *paths: Path) -> dict[str, str]:
    """Give a user who has no settings of Git, DVC or clouds, no proxy, and these `python` and `dvc`."""
    scratch.mkdir(parents=True, exist_ok=True)
    theirs = ("AWS_", "GDRIVE_", "PYTHON")
    apart = environment_apart(os.environ, scratch)
    kept = {
        name: value
        for name, value in apart.items()
        if not name.startswith(theirs) and not name.lower().endswith("_proxy")
    }
    identity = {f"GIT_{who}_{what}": "tests@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **kept,
        **identity,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(scratch),
        "PATH": f"{programs}{os.pathsep}{apart['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, [*paths, REPOSITORY])),
        "COLUMNS": "200",
    }
