"""What dvc.yaml declares is what the stages import and read, and arrows between rooms run one way."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from credit.io.files import SECTIONS

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PACKAGES = ("credit", "stages", "ops")
CODE = sorted(path.relative_to(ROOT).as_posix() for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def imported(path: str) -> set[str]:
    """Name the files of this repository that a file imports."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            file = Path(*name.split(".")).with_suffix(".py")
            if name.split(".")[0] in PACKAGES and (ROOT / file).is_file():
                found.add(file.as_posix())
    return found


IMPORTED = {path: imported(path) for path in CODE}


def closure(path: str) -> set[str]:
    """Name all files that a file needs, itself too."""
    needed, waiting = set(), {path}
    while waiting:
        needed |= waiting
        waiting = {name for file in waiting for name in IMPORTED[file]} - needed
    return needed


def room(path: str) -> str:
    """Name the room of a file: the folder below its package; a file that stands in none is one of its own."""
    return "/".join(path.split("/")[:2])


def arrows(package: str) -> dict[str, set[str]]:
    """Give the rooms of a package, each with those that it imports."""
    files = [path for path in CODE if path.startswith(f"{package}/") and path.count("/") > 1]
    return {
        name: {room(other) for path in files if room(path) == name for other in IMPORTED[path]} - {name}
        for name in sorted(map(room, files))
    }


@pytest.mark.parametrize("stage", STAGES)
def test_the_rooms_a_stage_declares_are_those_its_imports_reach(stage):
    code = {dep for dep in STAGES[stage]["deps"] if dep.split("/")[0] in PACKAGES}
    script = f"stages/{stage}.py"
    assert code == {room(path) for path in closure(script) - {script}} | {script, "stages/__init__.py"}


def test_there_is_no_circle_between_rooms_or_files():
    for graph in (IMPORTED, *map(arrows, ("credit", "ops"))):
        list(TopologicalSorter(graph).static_order())  # raises where there is one


@pytest.mark.parametrize(
    ("package", "others"), [("credit", {"stages", "ops"}), ("ops", {"stages"}), ("stages", {"ops"})]
)
def test_arrows_between_packages_run_one_way(package, others):
    for path in (path for path in CODE if path.startswith(f"{package}/")):
        assert not {name.split("/")[0] for name in closure(path)} & others, path


def test_the_domain_knows_nothing_of_files():
    assert [name for name, others in arrows("credit").items() if "credit/io" in others] == []
    assert [name for name, others in arrows("credit").items() if "credit/core" not in others] == ["credit/core"]
    assert arrows("credit")["credit/core"] == set()


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_another(stage):
    others = {f"stages/{other}.py" for other in STAGES if other != stage}
    assert not closure(f"stages/{stage}.py") & others


def test_pictures_and_their_tables_are_for_eyes_only():
    assert [name for name, stage in STAGES.items() if any(dep.startswith("plots/") for dep in stage["deps"])] == []


def test_known_sections_are_those_of_the_params(repository):
    params = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    assert set(params) == set(SECTIONS)


def test_every_section_is_a_dependency_of_some_stage():
    declared = {param.split(".")[0] for stage in STAGES.values() for param in stage.get("params", [])}
    assert declared == set(SECTIONS)


def test_the_families_are_the_same_everywhere(repository):
    from credit.core.families import BLEND, SEARCHED

    params = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    families = STAGES["train"]["matrix"]["model"]
    assert families == list(SEARCHED) == list(params["train"])
    assert sorted(params["select_best"]["preference"]) == sorted([*families, BLEND])
    kinds = ("models/{}.joblib", "data/processed/oof/{}.parquet", "data/processed/test_by_fold/{}.parquet")
    made = {path.format(name) for name in families for path in kinds}
    assert made <= set(STAGES["blend"]["deps"])
    folders = tuple(path.split("{")[0] for path in kinds)
    deps = {dep for dep in STAGES["select_best"]["deps"] if dep.startswith(folders)}
    assert deps == made | {path.format(BLEND) for path in kinds}


def test_small_files_of_git_are_not_cached_and_large_ones_are():
    for stage in STAGES.values():
        for kind in ("metrics", "plots"):
            assert all(flags["cache"] is False for entry in stage.get(kind, []) for flags in entry.values())
        of_git = [entry for entry in stage.get("outs", []) if not isinstance(entry, str)]
        assert of_git in ([], [{"models/MODEL_CARD.md": {"cache": False}}])
