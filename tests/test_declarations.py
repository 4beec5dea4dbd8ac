"""What dvc.yaml declares is what the stages import and read."""

import ast
from pathlib import Path

import pytest
import yaml

from credit.io.files import SECTIONS

STAGES = yaml.safe_load(Path(__file__).parents[1].joinpath("dvc.yaml").read_text(encoding="utf-8"))["stages"]
PACKAGES = ("credit", "stages", "ops")


def imported(root: Path, path: str) -> set[str]:
    """Name the files of this repository that a file imports."""
    found = set()
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            file = Path(*name.split(".")).with_suffix(".py")
            if name.split(".")[0] in PACKAGES and (root / file).is_file():
                found.add(file.as_posix())
    return found


def closure(root: Path, path: str) -> set[str]:
    """Name all files that a file needs, itself too."""
    needed, waiting = set(), {path}
    while waiting:
        needed |= waiting
        waiting = {name for file in waiting for name in imported(root, file)} - needed
    return needed


@pytest.mark.parametrize("stage", STAGES)
def test_code_deps_are_the_imports(repository, stage):
    declared = {dep for dep in STAGES[stage]["deps"] if dep.endswith(".py")}
    assert declared == closure(repository, f"stages/{stage}.py") | {"stages/__init__.py"}


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[1].glob("credit/**/*.py")), ids=lambda path: path.stem)
def test_credit_imports_neither_stages_nor_ops(repository, path):
    needed = closure(repository, path.relative_to(repository).as_posix())
    assert {file.split("/")[0] for file in needed} == {"credit"}


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_another(repository, stage):
    others = {f"stages/{other}.py" for other in STAGES if other != stage}
    assert not closure(repository, f"stages/{stage}.py") & others


def test_known_sections_are_those_of_the_params(repository):
    params = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    assert set(params) == set(SECTIONS)


def test_every_section_is_a_dependency_of_some_stage():
    declared = {param.split(".")[0] for stage in STAGES.values() for param in stage.get("params", [])}
    assert declared == set(SECTIONS)


def test_the_families_are_the_same_everywhere(repository):
    from credit.core.families import FAMILIES, SEARCHED

    params = yaml.safe_load((repository / "params.yaml").read_text(encoding="utf-8"))
    assert STAGES["train"]["matrix"]["model"] == list(SEARCHED) == list(params["train"])
    assert {f"models/{family}.joblib" for family in FAMILIES} <= set(STAGES["select_best"]["deps"])


def test_small_files_of_git_are_not_cached_and_large_ones_are():
    for stage in STAGES.values():
        for kind in ("metrics", "plots"):
            assert all(flags["cache"] is False for entry in stage.get(kind, []) for flags in entry.values())
        of_git = [entry for entry in stage.get("outs", []) if not isinstance(entry, str)]
        assert of_git in ([], [{"models/MODEL_CARD.md": {"cache": False}}])
