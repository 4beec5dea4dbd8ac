"""What tests share: every test that touches files works in a temporary directory of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fasteners import InterProcessLock
from hypothesis import settings

from credit.core.arithmetic import pin_arithmetic

if TYPE_CHECKING:
    from tests.small_graph import Graph

pin_arithmetic()  # before NumPy is imported: a test shall compute what a stage does
REPOSITORY = Path(__file__).resolve().parents[1]

# What takes longest begins first, and what waits for the small project of tests/graph not all at once: two processes
# then end together (`--no-loadscope-reorder` keeps this order).
LONGEST = ("graph/test_mirrored.py", "mlflow_server/", "remotes/", "ops/mirror/", "graph/", "stages/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    names = {item.path: item.path.relative_to(REPOSITORY / "tests").as_posix() for item in items}
    places = {path: [name.startswith(long) for long in (*LONGEST, "")].index(True) for path, name in names.items()}
    items.sort(key=lambda item: places[item.path])


# The same examples in every run, and no verdict that depends on how busy the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture
def repository() -> Path:
    """Give the root of this repository, to read from only."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory that all test processes of a run share; who makes something there takes a lock."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def programs() -> Path:
    """Give the folder of `python` and `dvc`, as tests run them: those of the environment of the tests."""
    return Path(sys.executable).parent


@pytest.fixture(scope="session")
def graph(shared_folder: Path) -> "Graph":
    """Give the graph of a small table."""
    from tests.small_graph import Graph

    return Graph(shared_folder / "graph")


@pytest.fixture(scope="session")
def tables(shared_folder: Path) -> Path:
    """Give a database with MLflow's tables, which take seconds to make, and nothing in them, to copy."""
    from tests.ops.conftest import make_tables

    database = shared_folder / "tables.db"
    with InterProcessLock(shared_folder / "tables.lock"):
        if not database.exists():
            make_tables(database)
    return database


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

    def run(
        name: str, *arguments: str, python: Sequence[str | Path] = (sys.executable, "-W", "error"), **environment: str
    ) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*python, "-m", f"stages.{name}", *arguments],
            cwd=workspace,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
