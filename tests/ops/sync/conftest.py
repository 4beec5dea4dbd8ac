"""A DVC project of two stages that take no time, a directory among their outputs; its two remotes are folders."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from dvc.repo import Repo

from ops.sync import __main__ as program
from ops.sync import pull, push, verify
from ops.sync.objects import Named
from ops.sync.processes import Answer
from ops.sync.transfer import ACTIONS
from tests.dvc_project import DvcProject, objects_in, user_environment

FILES = {
    "table.txt": "1\n",
    "dvc.yaml": """\
stages:
  split:
    cmd: mkdir -p parts && cp table.txt parts/a.txt && echo b > parts/b.txt && echo made > made.json
    deps: [table.txt]
    outs: [parts]
    metrics: [{made.json: {cache: false}}]
  total:
    cmd: cat parts/a.txt parts/b.txt table.txt > total.txt
    deps: [parts, table.txt]
    outs: [total.txt]
""",
    ".dvc/config": """\
[core]
    analytics = false
    autostage = true
    remote = primary
['remote "primary"']
    url = ../../primary
    verify = true
['remote "second"']
    url = ../../second
    verify = true
""",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}
DEAD = Answer("[dead]", {})


class Project(DvcProject):
    """A checkout whose remotes are the folders `primary` and `second` beside it."""

    outputs_named = ("parts/a.txt", "parts/b.txt", "total.txt")

    def clone(self, name: str = "clone") -> "Project":
        root = self.root.parent / name
        self.run("git", "clone", "--quiet", str(self.root), str(root))
        return Project(root, self.environment)

    def cached(self) -> dict[str, bytes]:
        """Read what the cache holds; DVC keeps a copy of Git's metrics there too, which is not to be pushed."""
        return {oid: text for oid, text in super().cached().items() if b"made" not in text}

    def remote(self, name: str) -> dict[str, bytes]:
        return objects_in(self.root.parent / name)

    def pending(self) -> list[dict]:
        return json.loads(self.sync("status", "--json"))["pending"]

    def object_in(self, store: str, content: bytes) -> Path:
        """Find the object with this content on a remote or in the cache."""
        folder = self.root / ".dvc/cache" if store == "cache" else self.root.parent / store
        (path,) = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == content]
        return path

    def damage(self, store: str, content: bytes, damaged: bytes) -> None:
        """Change an object behind DVC's back, which has marked it as checked."""
        path = self.object_in(store, content)
        path.unlink()
        path.write_bytes(damaged)
        path.chmod(0o444)

    def lose(self, *names: str) -> None:
        self.run("rm", "-rf", *names)

    @property
    def listed(self) -> bytes:
        """Give the list of the directory's files."""
        (content,) = [content for name, content in self.cached().items() if name.endswith(".dir")]
        return content

    def break_remotes(self, *names: str) -> None:
        """Put a file where a remote's folder was, so that nothing can be read from or written to it."""
        for name in names:
            self.lose(str(self.root.parent / name))
            (self.root.parent / name).write_text("no folder")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Project:
    """Make the project, run it once and commit the result; nothing is pushed. Not to be changed by a test."""
    scratch = tmp_path_factory.mktemp("sync")
    project = Project(scratch / "project", user_environment(scratch / "user", programs))
    project.write(FILES)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("repro")
    project.commit()
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """Give a copy of the project, cache included, whose remotes are empty."""
    root = tmp_path / "project"
    shutil.copytree(made.root, root, symlinks=True)
    return Project(root, made.environment)


@pytest.fixture(scope="session")
def made_remotes(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Push everything to both remotes, once; give the directory that they are in. Not to be changed by a test."""
    root = tmp_path_factory.mktemp("pushed") / "project"
    shutil.copytree(made.root, root, symlinks=True)
    Project(root, made.environment).sync("push")
    return root.parent


@pytest.fixture
def pushed(project: Project, made_remotes: Path) -> Project:
    """Give a copy of the project whose remotes both have everything."""
    for name in ("primary", "second"):
        shutil.copytree(made_remotes / name, project.root.parent / name)
    return project


@pytest.fixture
def sync(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """Give what runs `ops.sync` in this process, remote calls too: without the seconds in which a process starts.

    Remotes in its set `dead` give no answer; its list `calls` holds the action and the remote of each call.
    """
    monkeypatch.chdir(project.root)
    for name, value in project.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, expect: int = 0) -> str:
        capsys.readouterr()
        code = 0
        try:
            program.main(arguments)
        except SystemExit as ended:
            code = ended.code
        shown = capsys.readouterr()
        assert code == expect, shown.err
        return shown.out + shown.err

    @contextmanager
    def call(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[Callable[[], Answer]]:
        run.calls.append((action, remote))
        yield lambda: DEAD if remote in run.dead else answer_here(action, remote, objects)

    run.dead, run.calls = set(), []
    for module in (pull, push, verify):
        monkeypatch.setattr(module, "remote_call", call)
    return run


def answer_here(action: str, remote: str, objects: Sequence[Named]) -> Answer:
    """Do what a remote call does, in this process."""
    with Repo() as repo:
        return Answer(None, ACTIONS[action](repo.cache.local, repo.cloud.get_remote_odb(remote), objects))
