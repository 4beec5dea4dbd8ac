"""A DVC project of two stages that take no time, a directory among their outputs; its two remotes are folders."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops.fresh_clone import environment_apart
from ops.sync import __main__ as program
from ops.sync import pull, push, remote_worker, verify
from ops.sync.objects import Named
from ops.sync.remote_call import Answer

REPOSITORY = Path(__file__).resolve().parents[3]
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
OUTPUTS = ("parts/a.txt", "parts/b.txt", "total.txt")


class Project:
    """A checkout whose remotes are `primary` and `second` in the directory above."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = environment

    def run(self, *command: str, code: int | None = 0) -> str:
        """Run a command, see how it ends, and give what it printed."""
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
        assert code is None or done.returncode == code, printed
        assert "Traceback" not in printed, printed
        return printed

    def sync(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "ops.sync", *arguments, code=code)

    def dvc(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments)

    def commit(self) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "change")

    def clone(self, name: str = "clone") -> "Project":
        root = self.root.parent / name
        self.run("git", "clone", "--quiet", str(self.root), str(root))
        return Project(root, self.environment)

    def outputs(self) -> dict[str, bytes | None]:
        """Read the outputs in the workspace; None where one is absent."""
        return {name: path.read_bytes() if (path := self.root / name).is_file() else None for name in OUTPUTS}

    def cached(self) -> dict[str, bytes]:
        """Read what the cache holds; DVC keeps a copy of Git's metrics there too, which is not to be pushed."""
        return {oid: text for oid, text in objects_in(self.root / ".dvc/cache").items() if b"made" not in text}

    def remote(self, name: str) -> dict[str, bytes]:
        return objects_in(self.root.parent / name)

    def object_on(self, remote: str, content: bytes) -> Path:
        """Find the object with this content on a remote."""
        (found,) = [p for p in (self.root.parent / remote).rglob("*") if p.is_file() and p.read_bytes() == content]
        found.chmod(0o644)
        return found

    def break_remote(self, name: str) -> None:
        """Put a file where the remote's folder was, so that nothing can be read from or written to it."""
        folder = self.root.parent / name
        if folder.is_dir():
            shutil.move(folder, folder.with_name(f"{name}.away"))
        folder.write_text("no folder")

    def mend_remote(self, name: str) -> None:
        folder = self.root.parent / name
        folder.unlink()
        if folder.with_name(f"{name}.away").exists():
            shutil.move(folder.with_name(f"{name}.away"), folder)


def objects_in(store: Path) -> dict[str, bytes]:
    """Read the objects of a store of DVC's, by hash."""
    found = [path for path in (store / "files/md5").rglob("*") if path.is_file()]
    return {path.parent.name + path.name: path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make the project, run it once and commit the result; nothing is pushed. Not to be changed by a test."""
    scratch = tmp_path_factory.mktemp("sync")
    identity = {f"GIT_{who}_{what}": "tests@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {
        **environment_apart(os.environ, scratch),
        **identity,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200",
    }
    project = Project(scratch / "project", environment)
    for name, text in FILES.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
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
    """Give what runs `ops.sync` in this process, remote calls too: without the seconds in which a process starts."""
    monkeypatch.chdir(project.root)
    for name, value in project.environment.items():
        monkeypatch.setenv(name, value)
    for module in (pull, push, verify):
        monkeypatch.setattr(module, "remote_call", call_here)

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert program.main(arguments) == code, capsys.readouterr().err
        shown = capsys.readouterr()
        return shown.out + shown.err

    return run


@contextmanager
def call_here(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[SimpleNamespace]:
    """Make a remote call as `remote_call` does, in this process; the answer comes as JSON, as it would from one."""
    from dvc.repo import Repo

    def answer() -> Answer:
        with Repo() as repo:
            store = repo.cloud.get_remote_odb(remote)
            return Answer(None, json.loads(json.dumps(remote_worker.ACTIONS[action](repo.cache.local, store, objects))))

    yield SimpleNamespace(answer=answer)


@pytest.fixture
def in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Change into a repository of DVC's without anything in it, and give what writes its configuration."""
    for name, value in environment_apart({}, tmp_path).items():
        if name.startswith("DVC_"):
            monkeypatch.setenv(name, value)
    config = tmp_path / "project/.dvc/config"
    config.parent.mkdir(parents=True)
    config.write_text(FILES[".dvc/config"], encoding="utf-8")
    monkeypatch.chdir(config.parent.parent)
    return lambda text: config.write_text(text, encoding="utf-8") and None
