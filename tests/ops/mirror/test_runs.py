"""A mirror that is interrupted, wherever, leaves nothing that the next one does not put right."""

import signal
import subprocess
import sys

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from sqlalchemy.exc import OperationalError

from credit.core.errors import InputError
from ops.history.revisions import read_revisions
from ops.mirror.mirror import mirror_to
from ops.mirror.run_locks import WRITER, writer
from ops.mirror.runs import allowed, log_numbers
from ops.mirror.store import DIGEST, KIND, REGISTERED, Store
from tests.ops.mirror.content import everything, revisions, store_of
from tests.ops.mirror.small_repository import environment

pytestmark = pytest.mark.slow

KILLED = """
import os, signal
from mlflow import MlflowClient
done, log_batch = [], MlflowClient.log_batch
def die(*given, **options):
    done.append(given)
    if len(done) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return log_batch(*given, **options)
MlflowClient.log_batch = die
from ops.mirror.__main__ import main
main([])
"""


cached = {}  # repository's state -> what a mirror writes that nothing interrupts


@pytest.fixture
def undisturbed(small, new_database, tmp_path):
    """Give what a mirror writes that nothing interrupts."""

    def run() -> dict:
        state = (small.git("for-each-ref"), small.keeps)
        if state not in cached:
            copy = small.copy_to(tmp_path / "undisturbed")
            uri = new_database(copy)
            mirror_to(uri, copy.root)
            cached[state] = everything(MlflowClient(uri, registry_uri=uri))
        return cached[state]

    return run


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
def test_what_fails_once_is_caught_up(where, name, call, small, mirror, client, undisturbed, monkeypatch):
    small.experiment("wide", C=3.0)
    with monkeypatch.context() as patched:
        failing(patched, where, name, MlflowException("the server has ended"), call)
        with pytest.raises(InputError, match=r"^the server has ended$"):
            mirror()
    mirror()
    assert mirror() == "nothing new"
    assert everything(client) == undisturbed()


TWICE = ("log_outputs", "delete_tag", "create_registered_model", "create_model_version")


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("name", [*TWICE, "delete_model_version"])
def test_what_another_mirror_does_in_the_same_moment_is_no_failure(
    name, small, mirror, client, undisturbed, monkeypatch
):
    small.experiment("wide", C=3.0)
    expected = undisturbed()
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
    assert everything(client) == expected
    assert mirror() == "nothing new"


@pytest.mark.usefixtures("stand_ins")
def test_a_link_that_is_refused_and_not_there_is_a_failure(mirror, monkeypatch):
    failing(monkeypatch, MlflowClient, "log_outputs", MlflowException("read only"), 1)
    with pytest.raises(InputError, match="read only"):
        mirror()


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            MlflowException("API request to https://ada" + ":secret-word@host/api failed\nTraceback"),
            "API request to https:",
        ),
        (OperationalError("INSERT INTO runs", {}, Exception("disk I/O error")), "disk I/O error"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_whatever_fails_is_said_in_one_line(error, said, mirror, monkeypatch):
    failing(monkeypatch, MlflowClient, "log_batch", error, 2)
    with pytest.raises(InputError) as caught:
        mirror()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret-word" not in str(caught.value)


@pytest.mark.usefixtures("no_models")
def test_a_fault_of_the_program_is_not_taken_for_one_of_the_server(mirror, monkeypatch):
    failing(monkeypatch, MlflowClient, "log_batch", KeyError("digest"), 1)
    with pytest.raises(KeyError):
        mirror()


@pytest.mark.usefixtures("no_models")
def test_a_mirror_that_is_killed_is_caught_up(small, uri, mirror, client, undisturbed, repository):
    small.experiment("wide", C=3.0)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=small.root,
        env={**environment(), "MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(repository)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    begun = client.search_runs([store_of(client).experiment])
    assert {run.info.status for run in begun} == {"FINISHED", "RUNNING"}
    assert "new " in mirror()
    assert everything(client) == undisturbed()
    assert mirror().startswith("nothing new")


@pytest.mark.usefixtures("no_models")
class TestOthers:
    """Other mirrors write at the same time."""

    @pytest.fixture
    def lock(self, small, client, mirror, uri):
        """Make a run of the repository's state as another mirror would; gives its id."""
        (revision,) = read_revisions(small.root)

        def make(name: str, finished: bool = False) -> str:
            tags = {KIND: "revision", DIGEST: revision.digest, WRITER: name, "mlflow.runName": "theirs"}
            run = client.create_run(store_of(client).experiment, tags=tags)
            if finished:
                client.set_terminated(run.info.run_id)
            return run.info.run_id

        client.create_experiment("credit-risk", (small.root / ".mlflow/artifacts").as_uri())
        return make

    def left(self, client) -> list[str]:
        return [run.info.run_id for run in client.search_runs([store_of(client).experiment])]

    def test_what_another_is_writing_is_left_to_it(self, lock, mirror, client):
        theirs = lock(f"elsewhere 1 1 {9_999_999_999}")
        assert mirror() == "nothing new; 1 being written by another mirror"
        assert self.left(client) == [theirs]

    @pytest.mark.parametrize("name", ["elsewhere 1 1 1", "this process"])
    def test_what_a_dead_one_or_this_process_has_begun_before_is_written_anew(self, lock, mirror, client, name):
        begun = lock(writer() if name == "this process" else name)
        assert mirror().startswith("new ")
        assert begun not in self.left(client)
        assert len(revisions(client)) == 1

    @pytest.mark.parametrize("before", ["log_batch", "set_terminated"])
    def test_one_that_finishes_first_wins(self, lock, mirror, client, monkeypatch, before):
        whole, begun, theirs = getattr(MlflowClient, before), [], []

        def meanwhile(*given, **options):
            if not begun:
                begun.append(before)
                theirs.append(lock("elsewhere 1 1 9999999999", finished=True))
            return whole(*given, **options)

        monkeypatch.setattr(MlflowClient, before, meanwhile)
        assert mirror() == "nothing new; 1 being written by another mirror"
        assert self.left(client) == theirs


def test_nothing_and_more_than_mlflow_takes_at_once_are_logged(client):
    run = client.create_run(client.create_experiment("many"))
    run_id, store = run.info.run_id, Store(client, run.info.experiment_id)
    log_numbers(store, run, {}, {})
    assert client.get_run(run_id).data.metrics == {}
    params = {f"p{number}": str(number) for number in range(250)}
    log_numbers(store, run, params, {"auc": 0.7}, {"score": dict(enumerate(range(2500)))})
    logged = client.get_run(run_id).data
    assert logged.params == params
    assert logged.metrics == {"auc": 0.7, "score": 2499}
    assert len(client.get_metric_history(run_id, "score")) == 2500


@pytest.mark.parametrize("name", ["größe in %", "a/b", "../x", "x" * 400, "a\nb", "f(x)='1'"])
def test_any_name_becomes_one_that_mlflow_takes(client, name):
    run_id = client.create_run(client.create_experiment("names")).info.run_id
    client.log_batch(run_id, [Metric(allowed(name), 1, 1, 0)], [Param(allowed(name), "x")])
    assert client.get_run(run_id).data.params == {allowed(name): "x"}
