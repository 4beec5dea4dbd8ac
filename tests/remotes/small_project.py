"""A DVC project of two stages that take no time, and its remotes on loopback: a first one and a contingency."""

import hashlib
import shutil
import sys
from collections import UserDict
from collections.abc import Mapping
from pathlib import Path

from tests.dvc_project import DvcProject, user_environment
from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import S3

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


class SmallProject(DvcProject):
    """A checkout, with the environment of a user who has the secrets of both remotes there and nothing else."""

    outputs_named = ("words.txt", *(f"parts/{number}.txt" for number in range(PARTS)))

    def __init__(self, root: Path, remotes: Mapping[str, str]) -> None:
        scratch = root.with_name(f"{root.name}-user")
        self.remotes = remotes
        self.refused_hosts = scratch / "refused_hosts"
        environment = user_environment(scratch, Path(__file__).parent / "loopback_only")
        super().__init__(root, environment | remotes | {"REFUSED_HOSTS": str(self.refused_hosts)})

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command, which may ask nobody but the servers on loopback."""
        printed = super().run(*command, expect=expect)
        assert not self.refused_hosts.exists(), f"asked for {self.refused_hosts.read_text()}"
        return printed

    def change_seed(self, seed: str) -> None:
        """Make both stages out of date."""
        self.write({"seed.txt": seed})

    def clone_to(self, root: Path) -> "SmallProject":
        """Clone what is committed: no cache, no outputs."""
        self.run("git", "clone", "--quiet", str(self.root), str(root))
        return SmallProject(root, self.remotes)

    def copy_to(self, root: Path, remotes: Mapping[str, str]) -> "SmallProject":
        """Copy everything, for another pair of remotes, whose addresses are committed."""
        shutil.copytree(self.root, root, symlinks=True)
        copy = SmallProject(root, remotes)
        copy.write({".dvc/config": CONFIG.format(s3=remotes["S3_URL"])})
        copy.commit()
        return copy


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


def new_project(root: Path) -> SmallProject:
    """Make the project, run it and commit the result; its remotes are nowhere yet."""
    root.mkdir(parents=True)
    project = SmallProject(root, {"S3_URL": "http://127.0.0.1:1"})
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("init", "--quiet")
    project.write({"dvc.yaml": STAGES, "seed.txt": SEED, ".dvc/config": CONFIG.format(s3="http://127.0.0.1:1")})
    project.dvc("repro", "--quiet")
    project.commit()
    return project


class Servers(UserDict[str, GoogleDrive | S3]):
    """The servers by the name of the remote."""

    def __init__(self, gdrive: GoogleDrive, s3: S3) -> None:
        super().__init__(gdrive=gdrive, s3=s3)
        self.gdrive = gdrive

    def stop(self) -> None:
        """Both are gone."""
        for server in self.values():
            server.stop()

    def start(self) -> None:
        """Both are back."""
        for server in self.values():
            server.start()

    def hold(self, name: str, project: SmallProject) -> bool:
        """Say whether a remote holds all that the project's cache holds, byte for byte."""
        return project.cached().items() <= self[name].objects.items()

    def assert_synchronised(self, project: SmallProject, outputs: Mapping[str, bytes]) -> None:
        """Both remotes hold everything, and a fresh clone gets the outputs from either by DVC's own pull."""
        project.commit()
        for name in self:
            assert self.hold(name, project), name
            clone = project.clone_to(project.root.with_name(f"clone-of-{name}"))
            clone.dvc("pull", "--remote", name)
            assert clone.outputs() == outputs, name
