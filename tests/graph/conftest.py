"""A small project: this repository's files as they are now, few applicants, families and candidates, the real DVC."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml
from fasteners import InterProcessLock

from credit.core.families import BLEND
from tests.small_graph import FAMILIES as TRAINED
from tests.small_graph import RUNS, Graph

REPOSITORY = Path(__file__).resolve().parents[2]
FAMILIES = (*TRAINED, BLEND)
# What is done with the model that is chosen.
OF_THE_MODEL = ["evaluate", "cutoff", "fairness", "explain", "check", "card"]


def stages_run(printed: str) -> list[str]:
    """Name the stages that DVC says it ran, in their order."""
    return [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")]


class Project:
    """A checkout in a temporary directory, with the environment of a person who has activated the .venv.

    `programs` is the folder of its `python` and `dvc`.
    """

    def __init__(self, root: Path, programs: Path) -> None:
        self.root, self.programs = root, programs

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command; returns what it printed, and asserts whether it failed."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment(self.programs),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        printed = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, printed
        return printed

    def dvc(self, *arguments: str, fails: bool = False) -> str:
        return self.run("dvc", *arguments, fails=fails)

    def commit(self, message: str = "change") -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)

    def edit(self, name: str, change: Callable[[dict], None]) -> None:
        """Change what a YAML file says."""
        path = self.root / name
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=1000), encoding="utf-8")

    def edit_params(self, change: Callable[[dict], None]) -> None:
        self.edit("params.yaml", change)

    def copy_to(self, root: Path) -> "Project":
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root, self.programs)


def environment(programs: Path) -> dict[str, str]:
    """Give an environment with these `python` and `dvc` where nothing of the caller's DVC, Git or MLflow is seen."""
    strange = ("DVC_", "GIT_", "MLFLOW_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    identity = {
        f"GIT_{who}_{what}": "tests@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    # One process: with grids as tiny as these, starting others takes longer than the work.
    return {
        **kept,
        **identity,
        "LOKY_MAX_CPU_COUNT": "1",
        "PATH": os.pathsep.join(map(str, [programs, Path(sys.executable).parent, os.environ["PATH"]])),
    }


def tracked_files() -> Iterable[str]:
    """Name the files of the working tree that Git tracks or would track, but for the results of the real run."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    results = ("metrics/", "plots/", "dvc.lock", "models/", "tests/")
    made = {name for name in listed if name.startswith(results)} - {"metrics/validation.json"}
    return [name for name in listed if name not in made and (REPOSITORY / name).is_file()]


def remove_families(graph: dict) -> None:
    """Take the families that are not trained out of dvc.yaml."""
    trained = graph["stages"]["train"]["matrix"]["model"]
    removed = [family for family in trained if family not in FAMILIES]
    trained[:] = [family for family in trained if family in FAMILIES]
    for name in ("blend", "select_best"):
        deps = graph["stages"][name]["deps"]
        deps[:] = [
            path for path in deps if path.split("/")[0] in ("credit", "stages") or Path(path).stem not in removed
        ]


@pytest.fixture(scope="session")
def small_project(graph: Graph, shared_folder: Path, programs: Path) -> Project:
    """Make the small graph a project of Git and DVC, for all test processes; not to be changed by a test."""
    with InterProcessLock(shared_folder / "project.lock"):
        project = Project(shared_folder / "project", programs)
        if not project.root.exists():
            make_small(graph, Project(shared_folder / "unfinished", programs))
            (shared_folder / "unfinished").rename(project.root)
    return project


def make_small(graph: Graph, project: Project) -> None:
    """Take over what the stages have made, and let DVC keep it, as if it had run them."""
    for name in tracked_files():
        target = project.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, target)
    shutil.copytree(graph.until(RUNS[-1]).root, project.root, dirs_exist_ok=True)
    project.edit("dvc.yaml", remove_families)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.dvc("commit", "--force")
    project.commit("the small graph")


@pytest.fixture
def project(small_project: Project, tmp_path: Path) -> Project:
    """Give a copy of the small project, cache included, to do with as one likes."""
    return small_project.copy_to(tmp_path / "project")


@pytest.fixture
def clone(small_project: Project, tmp_path: Path) -> Project:
    """Give a fresh clone of the small project: no cache, no data, no models."""
    root = tmp_path / "clone"
    small_project.run("git", "clone", "--quiet", str(small_project.root), str(root))
    return Project(root, small_project.programs)
