"""A folder dep is compared file by file; what DVC itself wrote into dvc.lock is the measure."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops import lineage
from ops.history.folders import changed_files, read_folder
from ops.history.lock import digest_of_folder, read_yaml, sources
from ops.reproduction import check_code, check_evidence
from tests.ops.mirror.git_repository import environment
from tests.ops.mirror.small_repository import md5_of

pytestmark = pytest.mark.slow  # the real DVC

GRAPH = """\
stages:
  eda: {cmd: cp rooms/core/columns.py out, deps: [rooms/core, script.py], outs: [out]}
  blend: {cmd: cp out made/all, deps: [out], outs: [made/all]}
  report: {cmd: cp made/all report, deps: [made], outs: [report]}
"""
FILES = {
    "rooms/core/columns.py": "age = 1\n",
    "rooms/core/deep/split of ü.py": "seed = 2\n",
    "script.py": "pass\n",
    "params.yaml": "",
    "dvc.yaml": GRAPH,
    ".dvcignore": "__pycache__/\n",
    ".gitignore": "__pycache__/\n",
    "made/.keep": "",
}


def call(root: Path, *command: str) -> None:
    identity = {f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(command, cwd=root, env={**environment(), **identity}, check=True, capture_output=True)


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory) -> Path:
    """Run a graph with a folder dep by the real DVC, and commit it."""
    root = tmp_path_factory.mktemp("folders")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    call(root, "git", "init", "--quiet")
    call(root, sys.executable, "-m", "dvc", "init", "--quiet")
    call(root, sys.executable, "-m", "dvc", "repro", "--quiet")
    call(root, "git", "add", "--all")
    call(root, "git", "commit", "--quiet", "--message", "run")
    return root


@pytest.fixture
def root(reproduced, tmp_path, monkeypatch) -> Path:
    """Give a copy, in which bytecode has come since."""
    call(tmp_path, "cp", "-r", str(reproduced), "root")
    bytecode = tmp_path / "root/rooms/core/__pycache__/columns.pyc"
    bytecode.parent.mkdir()
    bytecode.write_bytes(b"bytecode")
    monkeypatch.chdir(tmp_path / "root")
    return tmp_path / "root"


def lock(root: Path) -> dict:
    return read_yaml((root / "dvc.lock").read_bytes(), "dvc.lock")


CHANGES = {"rooms/core/deep/split of ü.py": "seed = 3\n", "rooms/core/new.py": "", "rooms/core/columns.py": None}


def change(root: Path, name: str) -> None:
    """Edit, add or remove a file."""
    if (content := CHANGES[name]) is None:
        (root / name).unlink()
    else:
        (root / name).write_text(content, encoding="utf-8")


def test_a_folder_has_the_digest_that_dvc_gave_it(root):
    recorded = sources(lock(root))
    assert list(recorded) == ["rooms/core", "script.py"]  # and not `made`, which holds an output
    digest, files = read_folder(root, "rooms/core")
    inside = {name.removeprefix("rooms/core/"): md5 for name, md5 in files.items()}
    assert digest == recorded["rooms/core"] == digest_of_folder(inside)
    assert files == {name: md5_of(text.encode()) for name, text in FILES.items() if name.startswith("rooms/")}


def test_as_committed_every_file_of_a_folder_counts_and_none_differs(root):
    assert lineage.changed_sources(lock(root)) == []
    assert check_evidence(root, lock(root))[1:] == ("6 files", [])  # three sources, three outputs
    assert check_code(root, lock(root), lock(root))[1:] == ("3 entries", [])


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("committed", [False, True])
def test_a_file_that_is_edited_added_or_removed_is_named(root, name, committed):
    change(root, name)
    if committed:
        call(root, "git", "add", "--all")
        call(root, "git", "commit", "--quiet", "--message", "without a run")
    assert lineage.changed_sources(lock(root)) == changed_files(root, "rooms/core") == [name]
    (difference,) = check_evidence(root, lock(root)).differences
    assert difference.startswith(f"{name}: dvc.lock has {sources(lock(root))['rooms/core']}, the file ")


@pytest.mark.parametrize("lost", ["repository", "commit with this dvc.lock"])
def test_where_git_cannot_tell_the_folder_is_named(root, lost):
    change(root, "rooms/core/deep/split of ü.py")
    if lost == "repository":
        (root / ".git").rename(root.parent / "away")
    else:
        with (root / "dvc.lock").open("a") as file:
            file.write("# of a run that is not committed\n")
    assert lineage.changed_sources(lock(root)) == ["rooms/core"]
