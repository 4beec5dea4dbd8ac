"""The mirror against the real server: many at once, and a database that dies in the middle."""

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.history.revisions import read_revisions
from tests.mlflow_server.running_server import REPOSITORY, RunningServer
from tests.ops.mirror.git_repository import environment
from tests.ops.mirror.small_repository import SmallRepository

pytestmark = pytest.mark.slow
CLIENTS, EXPERIMENTS, FAMILIES = 4, 3, 2


@pytest.fixture
def repository(tmp_path: Path, request: pytest.FixtureRequest) -> SmallRepository:
    """A repository with a commit and some experiments, which no other test has mirrored."""
    seed = len(request.node.name)
    made = SmallRepository.new(tmp_path / "repository")
    for number in range(EXPERIMENTS):
        made.experiment(f"depth-{number}", depth=3 + number, model="dt", auc=0.7 + number / 100, seed=seed)
    return made


@pytest.fixture
def start(repository: SmallRepository, mlflow_server: RunningServer, programs: Path) -> Callable[[], subprocess.Popen]:
    """Give a function that starts a mirror."""
    return lambda: subprocess.Popen(
        [programs / "python", "-m", "ops.mirror"],
        cwd=repository.root,
        env={**environment(), **mlflow_server.client_environment(), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def mirrored(client, repository: SmallRepository) -> dict[str, list]:
    """Digest -> runs, those that are not finished too, of the states of a repository."""
    experiment = client.get_experiment_by_name("credit-risk")
    if experiment is None:
        return {}
    digests = {revision.digest for revision in read_revisions(repository.root)}
    found: dict[str, list] = {}
    for run in client.search_runs([experiment.experiment_id], "tags.`credit.kind` = 'revision'"):
        if run.data.tags["credit.digest"] in digests:
            found.setdefault(run.data.tags["credit.digest"], []).append(run)
    return found


def assert_complete(client, repository: SmallRepository) -> None:
    """Each state has one finished run with its families and their models, each model one version at the most."""
    runs = mirrored(client, repository)
    assert {digest: len(found) for digest, found in runs.items()} == {
        revision.digest: 1 for revision in read_revisions(repository.root)
    }
    experiment = client.get_experiment_by_name("credit-risk").experiment_id
    for (run,) in runs.values():
        assert run.info.status == "FINISHED"
        children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'")
        assert len(children) == FAMILIES
        assert all(child.info.status == "FINISHED" and child.outputs.model_outputs for child in children)
    for things in (
        client.search_logged_models([experiment]),
        client.search_model_versions("name = 'credit-risk'"),
    ):
        assert set(Counter(thing.tags["credit.md5"] for thing in things).values()) == {1}


def test_many_at_once_leave_no_duplicate_and_no_error(client, repository, start):
    processes = [start() for _ in range(CLIENTS)]
    ended = [(*process.communicate(timeout=300), process.returncode) for process in processes]
    assert [(complained, code) for _, complained, code in ended] == [("", 0)] * CLIENTS
    assert_complete(client, repository)
    last = start()
    assert "nothing new" in last.communicate(timeout=120)[0]


def test_a_database_killed_in_the_middle_loses_nothing(mlflow_server, client, repository, start):
    process = start()
    deadline = time.monotonic() + 60
    while not mirrored(client, repository):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    mlflow_server.postgres.kill()
    try:
        _, complained = process.communicate(timeout=120)
    finally:
        mlflow_server.postgres.recover()
    assert process.returncode == 3, complained
    assert len(complained.strip().splitlines()) == 1
    assert "the next mirror catches up" in complained
    again = start()
    _, complained = again.communicate(timeout=120)
    assert again.returncode == 0, complained
    assert_complete(client, repository)
