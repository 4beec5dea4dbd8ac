"""The project as a folder of a larger repository, as `git subtree add` makes it."""

import shutil

import pytest
from mlflow import MlflowClient

from ops.compare import read_state
from ops.fresh_clone import clone_last_commit, uncommitted
from ops.history.revisions import LOCK, read_revisions
from ops.mirror.mirror import mirror_to
from ops.shared.tracking import tracking_uri
from tests.graph.conftest import Project
from tests.ops.conftest import copy_database, only_ours

pytestmark = pytest.mark.graph


@pytest.fixture
def below(small_project, tables, tmp_path):
    """Give the small project as a folder two levels down, with an experiment."""
    outer = Project(tmp_path / "bank", small_project.programs)
    project = small_project.copy_to(outer.root / "risk/credit")
    shutil.rmtree(project.root / ".git")
    (outer.root / "README.md").write_text("a bank\n", encoding="utf-8")
    outer.run("git", "init", "--quiet", "--initial-branch=main")
    outer.commit("everything")
    project.edit_params(lambda params: params["decision"]["cost"].update(accept_bad=4))
    project.dvc("exp", "save", "--name", "tried")
    project.run("git", "checkout", "--", ".")
    copy_database(tables, project.root / ".mlflow/mlflow.db")
    return project


def test_commits_and_experiments_are_found_mirrored_compared_and_cloned(below, tmp_path):
    with only_ours():
        mirror_to(tracking_uri(below.root), below.root)
    client = MlflowClient(f"sqlite:///{below.root}/.mlflow/mlflow.db")
    experiment = client.get_experiment_by_name("credit-risk").experiment_id
    runs = client.search_runs([experiment], "tags.`credit.kind` = 'revision'")
    names = [revision.name for revision in read_revisions(below.root)]
    assert "tried" in names
    assert len(runs) == len(names) == 2
    assert all("metrics/evaluation.json" in revision.read_files() for revision in read_revisions(below.root))
    tried, head = (read_state(below.root, name) for name in ("tried", "HEAD"))
    assert tried["params.yaml"] != head["params.yaml"]
    assert LOCK in head

    clone = clone_last_commit(below.root, tmp_path / "clone")
    assert clone == tmp_path / "clone/risk/credit"
    assert (clone / LOCK).read_bytes() == (below.root / LOCK).read_bytes()
    (below.root.parents[1] / "README.md").write_text("another bank\n", encoding="utf-8")
    assert uncommitted(below.root) == 0  # of the project
