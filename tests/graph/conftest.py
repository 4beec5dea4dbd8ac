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

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL_GRIDS = {
    "lr": {"C": [0.01, 0.1]},
    "dt": {"max_depth": 3},
    "xgb": {"n_estimators": 10, "max_depth": [2, 3], "learning_rate": 0.3},
    "scorecard": {"encoding": "woe", "calibration": "none", "C": 0.1},
}
FAMILIES = (*SMALL_GRIDS, "blend")
EXCLUDED = """
credit_history employment_duration installment_rate other_debtors present_residence property other_installment_plans
housing number_credits job people_liable telephone
""".split()
# What is done with the model that is chosen.
OF_THE_MODEL = ["evaluate", "cutoff", "fairness", "explain", "check", "card"]


def stages_run(printed: str) -> list[str]:
    """Name the stages that DVC says it ran, in their order."""
    return [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")]


class Project:
    """A checkout in a temporary directory, with the environment of a person who has activated the .venv."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command; returns what it printed, and asserts whether it failed."""
        done = subprocess.run(
            command, cwd=self.root, env=environment(), capture_output=True, text=True, check=False, timeout=600
        )
        printed = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, printed
        return printed

    def dvc(self, *arguments: str, fails: bool = False) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, fails=fails)

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
        return Project(root)


def environment() -> dict[str, str]:
    """Give an environment in which `python` is this one, and nothing of the caller's DVC, Git or MLflow is seen."""
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
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
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


def shrink(params: dict) -> None:
    """Leave few families, small grids and repetitions, and read 400 applicants from a file of the project's own."""
    params["ingest"]["source"] = "applications.csv"
    params["features"]["exclude"] = EXCLUDED
    params["eda"]["subgroup_depth"] = 1
    params["search"] |= {"folds": 2, "repeats": 1}
    params["out_of_fold"] |= {"folds": 3, "repeats": 1}
    params["calibration"]["folds"] = 2
    params["evaluate"]["bootstrap"] = 100
    params["explain"] |= {"max_rows": 40, "repeats": 2}
    params["blend"]["members"] = ["lr", "dt"]
    params["select_best"]["preference"] = ["scorecard", "lr", "dt", "xgb", "blend"]
    params["train"] = {
        family: {"encoding": "one_hot", "resampler": "none", **settings} for family, settings in SMALL_GRIDS.items()
    }


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
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make the small project, run it once for all test processes and commit it; not to be changed by a test."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base
    with InterProcessLock(base / "small.lock"):
        project = Project(base / "small/project")
        if not project.root.exists():
            make_small(Project(base / "small/unfinished"))
            (base / "small/unfinished").rename(project.root)
    return project


def make_small(project: Project) -> None:
    for name in tracked_files():
        target = project.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, target)
    project.run("git", "init", "--quiet", "--initial-branch=main")
    project.edit("params.yaml", shrink)
    project.edit("dvc.yaml", remove_families)
    project.run(sys.executable, "-m", "stages.source")
    table = (project.root / "data/raw/south_german_credit.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (project.root / "applications.csv").write_text("".join([table[0], *table[1::2][:400]]), encoding="utf-8")
    project.commit("small grids")
    project.dvc("repro")
    project.commit("its results")


@pytest.fixture
def project(small_project: Project, tmp_path: Path) -> Project:
    """Give a copy of the small project, cache included, to do with as one likes."""
    return small_project.copy_to(tmp_path / "project")


@pytest.fixture
def clone(small_project: Project, tmp_path: Path) -> Project:
    """Give a fresh clone of the small project: no cache, no data, no models."""
    root = tmp_path / "clone"
    small_project.run("git", "clone", "--quiet", str(small_project.root), str(root))
    return Project(root)
