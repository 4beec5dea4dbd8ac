"""What tests share: every test that touches files works in a temporary directory of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]

# The same examples in every run, and no verdict that depends on how busy the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture
def repository() -> Path:
    """Give the root of this repository, to read from only."""
    return REPOSITORY


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a directory with the repository's params.yaml and data dictionary in it."""
    (tmp_path / "data").mkdir()
    for name in ("params.yaml", "data/dictionary.yaml", "data/south_german_errata.csv"):
        shutil.copyfile(REPOSITORY / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write() -> Callable[[str, str | bytes], Path]:
    """Write a file, and the directories above it, below the current directory."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def run_stage(workspace: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Run a stage as DVC does, `python -m stages.<name>`, in the workspace."""

    def run(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", f"stages.{name}", *arguments],
            cwd=workspace,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
