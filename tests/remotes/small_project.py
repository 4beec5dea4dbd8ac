"""A DVC project of two stages that take no time, run by the real `dvc` against remotes on loopback."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.fresh_clone import environment_apart
from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import S3

REPOSITORY = Path(__file__).resolve().parents[2]
PARTS = 5
SEED = "once upon a time\n"
WORDS = "from pathlib import Path; Path('words.txt').write_text(Path('seed.txt').read_text() * 9)"
SPLIT = (
    "from pathlib import Path; Path('parts').mkdir(); "
    f"[Path(f'parts/{{n}}.txt').write_text(f'{{n}} ' + Path('words.txt').read_text()) for n in range({PARTS})]"
)
STAGES = f"""\
stages:
  words:
    cmd: python -c "{WORDS}"
    deps: [seed.txt]
    outs: [words.txt]
  split:
    cmd: python -c "{SPLIT}"
    deps: [words.txt]
    outs: [parts]
"""
# What a person would write into a repository: no secret among it.
CONFIG = f"""\
[core]
    analytics = false
    autostage = true
    remote = gdrive
['remote "gdrive"']
    url = gdrive://{GoogleDrive.FOLDER_ID}
    gdrive_use_service_account = true
    verify = true
['remote "s3"']
    url = s3://{S3.BUCKET}/dvc
    endpointurl = {{s3}}
    verify = true
"""
OUTPUTS = ["words.txt", *(f"parts/{number}.txt" for number in range(PARTS))]


class SmallProject:
    """A checkout, with the environment of a user who has the secrets of both remotes there and nothing else."""

    def __init__(self, root: Path, remotes: Mapping[str, str]) -> None:
        self.root = root
        self.remotes = remotes
        scratch = root.with_name(f"{root.name}-user")
        scratch.mkdir()
        self.refused_hosts = scratch / "refused_hosts"
        self.environment = user_environment(scratch) | remotes | {"REFUSED_HOSTS": str(self.refused_hosts)}

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command and return what it printed; its exit code has to be the expected one."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == expect, f"expected exit code {expect}, got {done.returncode}: {printed}"
        assert not self.refused_hosts.exists(), f"asked for {self.refused_hosts.read_text()}"
        return printed

    def dvc(self, *arguments: str, expect: int = 0) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, expect=expect)

    def sync(self, *arguments: str, expect: int = 0, largest_file: int | None = None) -> str:
        """Run `ops.sync`; no process of it can write a file longer than so many bytes."""
        command = (sys.executable, "-m", "ops.sync", *arguments)
        return self.run(*(limited(largest_file) if largest_file else ()), *command, expect=expect)

    def commit(self) -> None:
        """Commit everything, if anything has changed."""
        self.run("git", "add", "--all")
        if self.run("git", "status", "--porcelain"):
            self.run("git", "commit", "--quiet", "--message", "change")

    def change_seed(self, seed: str) -> None:
        """Make both stages out of date."""
        (self.root / "seed.txt").write_text(seed, encoding="utf-8", newline="\n")

    def outputs(self) -> dict[str, bytes]:
        """Read the outputs that are there."""
        return {name: (self.root / name).read_bytes() for name in OUTPUTS if (self.root / name).is_file()}

    def cached(self) -> dict[str, bytes]:
        """Read the local cache."""
        cache = self.root / ".dvc/cache/files/md5"
        return {str(path.relative_to(cache)): path.read_bytes() for path in cache.rglob("*") if path.is_file()}

    def clone_to(self, root: Path) -> "SmallProject":
        """Clone what is committed: no cache, no outputs."""
        self.run("git", "clone", "--quiet", str(self.root), str(root))
        return SmallProject(root, self.remotes)

    def copy_to(self, root: Path, remotes: Mapping[str, str]) -> "SmallProject":
        """Copy everything, for another pair of remotes."""
        shutil.copytree(self.root, root, symlinks=True)
        copy = SmallProject(root, remotes)
        copy.configure()
        return copy

    def configure(self) -> None:
        """Commit the addresses of the remotes."""
        config = CONFIG.format(s3=self.remotes["S3_URL"])
        (self.root / ".dvc/config").write_text(config, encoding="utf-8", newline="\n")
        self.commit()


def made_from(seed: str) -> dict[str, bytes]:
    """Say what the stages make of a seed, without them."""
    words = seed.encode() * 9
    return {"words.txt": words} | {f"parts/{number}.txt": b"%d " % number + words for number in range(PARTS)}


def limited(largest_file: int) -> tuple[str, ...]:
    """Give a command that runs another one to which a write beyond so many bytes fails as on a full disk (EFBIG)."""
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file}, {largest_file}))"
    return sys.executable, "-c", f"import os, resource, sys; {limit}; os.execv(sys.argv[1], sys.argv[1:])"


def title(content: bytes) -> str:
    """Name an object as DVC does: the MD5 without its first two digits, which are the folder."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()[2:]


def user_environment(scratch: Path) -> dict[str, str]:
    """Give a user who has no settings of Git, DVC or AWS, no proxy, and `python` is this one."""
    identity = {
        f"GIT_{who}_{what}": "tests@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    apart = environment_apart(os.environ, scratch)
    kept = {
        name: value
        for name, value in apart.items()
        if not name.startswith(("AWS_", "GDRIVE_", "PYTHON")) and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        **identity,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(scratch),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "loopback_only"), str(REPOSITORY)]),
    }


def new_project(root: Path) -> SmallProject:
    """Make the project, run it and commit the result; its remotes are nowhere yet."""
    root.mkdir(parents=True)
    project = SmallProject(root, {"S3_URL": "http://127.0.0.1:1"})
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("init", "--quiet")
    (root / "dvc.yaml").write_text(STAGES, encoding="utf-8", newline="\n")
    project.change_seed(SEED)
    project.configure()
    project.dvc("repro", "--quiet")
    project.commit()
    return project
