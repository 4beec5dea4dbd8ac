"""An edited module reruns exactly the stages that declare its room; what is no module reruns none, by the real DVC."""

from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

ROOT = Path(__file__).resolve().parents[2]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
ROOMS = sorted({dep for stage in STAGES.values() for dep in stage["deps"] if dep.startswith(("credit/", "stages/"))})
SCRATCH = ["__pycache__/more.cpython-311.pyc", "more.pyc", "more.py~", ".more.py.swp", ".#more.py", "#more.py#"]

pytestmark = pytest.mark.graph


@pytest.fixture(scope="module")
def edited(small_project, tmp_path_factory):
    """Give a copy of the small project to edit files of."""
    return small_project.copy_to(tmp_path_factory.mktemp("rooms") / "project")


def stages_to_run(project) -> set[str]:
    """Ask DVC which stages would run, `train` once for all families."""
    with Repo(str(project.root)) as repo:
        return {name.rpartition(":")[2].partition("@")[0] for name in repo.status()}


@pytest.mark.parametrize("room", ROOMS)
def test_an_edited_module_reruns_the_stages_that_declare_its_room(edited, room):
    path = edited.root / room
    module = path if path.is_file() else max(path.glob("*.py"), key=lambda file: file.stat().st_size)
    content = module.read_bytes()
    module.write_bytes(content + b"\n# edited\n")
    try:
        assert stages_to_run(edited) == {name for name, stage in STAGES.items() if room in stage["deps"]}
    finally:
        module.write_bytes(content)


def test_bytecode_and_scratch_files_of_editors_rerun_nothing(edited):
    for room in (edited.root / name for name in ROOMS if (edited.root / name).is_dir()):
        for name in SCRATCH:
            (room / name).parent.mkdir(exist_ok=True)
            (room / name).write_text("scratch\n", encoding="utf-8")
    assert stages_to_run(edited) == set()


def test_a_new_module_reruns_its_stages_and_only_these(edited):
    module = edited.root / "credit/card/more.py"
    module.write_text('"""More."""\n', encoding="utf-8")
    printed = edited.dvc("repro")
    assert [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")] == ["card"]
    module.unlink()
