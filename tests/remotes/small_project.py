"""A DVC project of two stages that take no time, a directory among their outputs, with both remotes."""

import hashlib
import shutil
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

    def __init__(self, root: Path, remotes: Mapping[str, str], programs: Path) -> None:
        scratch = root.with_name(f"{root.name}-user")
        self.remotes, self.programs = remotes, programs
        self.refused_hosts = scratch / "refused_hosts"
        environment = user_environment(scratch, programs, Path(__file__).parent / "loopback_only")
        super().__init__(root, environment | remotes | {"REFUSED_HOSTS": str(self.refused_hosts)})

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command, which may ask nobody but the servers on loopback."""
        printed = super().run(*command, expect=expect)
        assert not self.refused_hosts.exists(), f"asked for {self.refused_hosts.read_text()}"
        return printed

    def clone_to(self, root: Path) -> "SmallProject":
        """Clone what is committed: no cache, no outputs."""
        self.run("git", "clone", "--quiet", str(self.root), str(root))
        return SmallProject(root, self.remotes, self.programs)

    def copy_to(self, root: Path) -> "SmallProject":
        """Copy everything."""
        shutil.copytree(self.root, root, symlinks=True)
        return SmallProject(root, self.remotes, self.programs)


def made_from(seed: str) -> dict[str, bytes]:
    """Say what the stages make of a seed, without them."""
    words = seed.encode() * 9
    return {"words.txt": words} | {f"parts/{number}.txt": b"%d " % number + words for number in range(PARTS)}


def title(content: bytes) -> str:
    """Name an object as DVC does: the MD5 without its first two digits, which are the folder."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()[2:]


def new_project(root: Path, remotes: Mapping[str, str], programs: Path) -> SmallProject:
    """Make the project, run it and commit the result."""
    root.mkdir(parents=True)
    project = SmallProject(root, remotes, programs)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("init", "--quiet")
    project.write({"dvc.yaml": STAGES, "seed.txt": SEED, ".dvc/config": CONFIG.format(s3=remotes["S3_URL"])})
    project.dvc("repro", "--quiet")
    project.commit()
    return project
