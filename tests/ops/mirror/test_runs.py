"""A state's runs: whatever interrupts a mirror the next one puts right, and a state found elsewhere keeps its run."""

import json
import signal
import subprocess

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from sqlalchemy.exc import OperationalError

from credit.core.errors import InputError
from ops.mirror.mirror import mirror_to
from ops.mirror.run_locks import WRITER
from ops.mirror.runs import EXPERIMENT
from ops.mirror.store import REGISTERED
from tests.ops.mirror.content import everything, families, revisions, store_of
from tests.ops.mirror.git_repository import environment

pytestmark = pytest.mark.slow

cached = {}  # whether there are models -> what a mirror of `wide` writes that nothing interrupts


@pytest.fixture
def wide(small) -> None:
    """Add an experiment."""
    small.experiment("wide", C=3.0)


@pytest.fixture
def undisturbed(small, wide, new_database, tmp_path) -> dict:
    """Give what a mirror writes that nothing interrupts."""
    if small.keeps not in cached:
        copy = small.copy_to(tmp_path / "undisturbed")
        uri = new_database(copy)
        mirror_to(uri, copy.root)
        cached[small.keeps] = everything(MlflowClient(uri, registry_uri=uri))
    return cached[small.keeps]


def failing(monkeypatch, where: type, name: str, error: Exception, call: int) -> None:
    """Let one call of a method fail."""
    whole, calls = getattr(where, name), []

    def fail(*given, **options):
        calls.append(name)
        if len(calls) == call:
            raise error
        return whole(*given, **options)

    monkeypatch.setattr(where, name, fail)


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize(
    ("where", "name", "call"),
    [
        (MlflowClient, "create_run", 2),
        (MlflowClient, "log_batch", 5),
        (LocalArtifactRepository, "log_artifacts", 2),
        (MlflowClient, "set_terminated", 3),
        (MlflowClient, "log_model_artifacts", 1),
        (MlflowClient, "log_outputs", 2),
        (MlflowClient, "delete_tag", 1),
        (MlflowClient, "create_model_version", 2),
        (MlflowClient, "set_registered_model_alias", 1),
    ],
)
def test_what_fails_once_is_caught_up(where, name, call, mirror, client, undisturbed, monkeypatch):
    with monkeypatch.context() as patched:
        failing(patched, where, name, MlflowException("the server has ended"), call)
        with pytest.raises(InputError, match=r"^the server has ended$"):
            mirror()
    mirror()
    assert mirror() == "nothing new"
    assert everything(client) == undisturbed


TWICE = ("log_outputs", "delete_tag", "create_registered_model", "create_model_version")


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("name", [*TWICE, "delete_model_version"])
def test_what_another_mirror_does_in_the_same_moment_is_no_failure(name, mirror, client, undisturbed, monkeypatch):
    if name not in TWICE:  # a dead mirror has left one
        mirror()
        (version, *_) = store_of(client).versions()
        tags = {**version.tags, WRITER: "elsewhere 1 1 1"}
        client.create_model_version(REGISTERED, version.source, version.run_id, tags)
    whole = getattr(MlflowClient, name)

    def both(*given, **options):
        whole(*given, **options)
        if name == "create_model_version":  # MLflow numbers them anew, three times
            raise MlflowException("Model Version creation error")
        with pytest.raises(MlflowException) as refused:
            whole(*given, **options)
        raise refused.value

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, name, both)
        mirror()
    assert everything(client) == undisturbed
    assert mirror() == "nothing new"


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize(
    ("name", "error", "raised", "words"),
    [
        ("log_outputs", MlflowException("read only"), InputError, "read only"),  # and the link is not there
        ("log_batch", OperationalError("INSERT", {}, Exception("disk I/O error")), InputError, "disk I/O error"),
        ("log_batch", OSError(28, "No space left on device"), InputError, "No space left on device"),
        ("log_batch", KeyError("digest"), KeyError, "digest"),  # a fault of the program is none of the server
    ],
)
def test_what_fails_is_said(name, error, raised, words, mirror, monkeypatch):
    failing(monkeypatch, MlflowClient, name, error, 1)
    with pytest.raises(raised, match=words):
        mirror()


@pytest.mark.usefixtures("no_models")
def test_a_mirror_that_is_killed_is_caught_up(small, uri, mirror, client, undisturbed, repository, programs):
    killed = subprocess.run(
        [programs / "python", "-m", "tests.ops.mirror.killed"],
        cwd=small.root,
        env={**environment(), "MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(repository)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    begun = client.search_runs([store_of(client).experiment])
    assert {run.info.status for run in begun} == {"FINISHED", "RUNNING"}
    assert "new " in mirror()
    assert everything(client) == undisturbed
    assert mirror().startswith("nothing new")


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize("name", ["wide", "workspace"])
def test_an_experiment_or_a_workspace_that_is_committed_is_renamed(small, mirror, client, name):
    if name == "wide":
        small.experiment("wide", C=3.0)
        mirror()
        small.run(C=3.0)
    else:
        small.run(C=3.0)
        mirror()
    before = revisions(client)[name]
    commit = small.commit("wider search")
    assert mirror().startswith("1 renamed; ")
    after = revisions(client)["wide" if name == "wide" else commit[:7]]
    assert len(revisions(client)) == 2
    assert after.info.run_id == before.info.run_id
    assert after.data.tags["credit.commit"] == after.data.tags["mlflow.source.git.commit"] == commit
    assert after.data.tags["mlflow.note.content"].endswith("\n\nwider search")
    assert mirror().startswith("nothing new; ")


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize("removed", [False, True])
def test_two_clones_that_know_different_names_agree(small, mirror, uri, client, tmp_path, removed):
    small.experiment("wide", C=3.0)
    ahead = small.copy_to(tmp_path / "ahead")
    ahead.run(C=3.0)
    commit = ahead.commit("wider")
    mirror()
    if removed:
        ahead.git("update-ref", "-d", ahead.git("for-each-ref", "--format=%(refname)", "refs/exps"))
    assert mirror_to(uri, ahead.root).startswith("1 renamed; ")
    assert mirror().startswith("nothing new; ")
    assert mirror_to(uri, ahead.root).startswith("nothing new; ")
    tags = revisions(client)["wide"].data.tags
    assert (tags["credit.commit"], tags[EXPERIMENT]) == (commit, "wide")


NAMES = {
    **{"größe in %": "größe in _", "a/b": "a_b", "../x": "__x", "x" * 400: "x" * 250, "c\nd": "c_d"},
    **{"f(x)='1'": "f_x___1_", ".hidden": "_hidden", "50 %": "50 _"},
    **{f"number {number}": f"number {number}" for number in range(950)},
}  # as params.yaml has them: as MLflow takes them


@pytest.mark.usefixtures("no_models")
def test_old_commits_have_fewer_metrics_in_another_shape_and_more_and_other_names_than_mlflow_takes(
    small, mirror, client, monkeypatch
):
    log_batch, sizes = MlflowClient.log_batch, []

    def note(own, run_id, metrics, params) -> None:
        sizes.append((len(metrics) + len(params), len(params)))
        log_batch(own, run_id, metrics, params)

    monkeypatch.setattr(MlflowClient, "log_batch", note)
    small.run(C=2.0, **dict.fromkeys(NAMES, "50 % + x"))
    small.write("metrics/train/lr.json", '{"auc": 0.7, "folds": 10, "picked": {"C": 1}}')
    small.write("metrics/evaluation.json", json.dumps({"test": {"auc": 0.7}, **dict.fromkeys(NAMES, 0.5)}))
    name = small.commit("old")[:7]
    small.git("rm", "--quiet", "-r", "--cached", "metrics", "plots")
    small.run(C=3.0)
    small.git("add", "dvc.lock", "params.yaml")
    small.git("commit", "--quiet", "--message", "none")
    mirror()
    assert all(entries <= 1000 and params <= 100 for entries, params in sizes)  # more a server does not take at once
    run, oldest = revisions(client)[name], revisions(client)[small.git("rev-parse", "HEAD")[:7]]
    assert run.data.metrics.items() >= {"test.auc": 0.7, **dict.fromkeys(NAMES.values(), 0.5)}.items()
    assert run.data.params.items() >= dict.fromkeys(NAMES.values(), "50 % + x").items()
    assert families(client, name)["lr"].data.metrics == {"auc": 0.7, "folds": 10, "picked.C": 1, "search_score": 0.7}
    assert (oldest.data.metrics, oldest.data.params["train.lr.C"]) == ({}, "3.0")
    assert set(families(client, oldest.info.run_name)) == {"lr", "dt"}


@pytest.mark.usefixtures("no_models")
def test_a_commit_that_cannot_be_read_is_said_and_the_others_are_mirrored(small, mirror, client):
    small.run(C=2.0)
    small.write("metrics/evaluation.json", "<<<<<<< HEAD\n")
    name = small.commit("conflict")[:7]
    small.run(C=3.0)
    last = small.commit("solved")[:7]
    said = mirror()
    assert f"metrics/evaluation.json of {name}: expected JSON, got a fault: " in said
    assert "\n" not in said
    assert set(revisions(client)) == {last, small.git("rev-parse", "HEAD~2")[:7]}
    assert f"; metrics/evaluation.json of {name}" in mirror()
