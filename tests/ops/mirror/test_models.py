"""Each model is in MLflow once, and none that is not the one of dvc.lock."""

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import joblib
import pytest

from credit.core.errors import InputError
from ops.mirror.model_format import model_file
from ops.mirror.models import FILE_SHA256, MD5, SHA256, TEST, Models, ready_models, resolve_models
from ops.mirror.run_locks import WRITER, writer
from ops.mirror.runs import MISSING
from ops.mirror.written import Written
from tests.ops.mirror.content import everything, families, model_of, revisions, store_of
from tests.ops.mirror.small_models import saved

pytestmark = pytest.mark.slow


@pytest.fixture
def loaded(monkeypatch, tmp_path) -> Callable[[], int]:
    """Give a function that says how many models were loaded until then, in whatever process."""
    calls, load = tmp_path / "loaded", joblib.load
    calls.touch()

    def note(*given, **options):
        with calls.open("a") as file:
            file.write("loaded\n")
        return load(*given, **options)

    monkeypatch.setattr(joblib, "load", note)
    return lambda: len(calls.read_text().splitlines())


@pytest.fixture
def log(client, small, mirror):
    """Make a logged model as another mirror would; gives its id."""
    mirror()

    def make(md5: str, name: str = "elsewhere 1 1 9999999999", ready: bool = True) -> str:
        model = client.create_logged_model(store_of(client).experiment, "lr", tags={MD5: md5, WRITER: name})
        if ready:
            client.finalize_logged_model(model.model_id, "READY")
        return model.model_id

    return make


def ids(client) -> set[str]:
    return {model.model_id for model in store_of(client).models()}


def test_a_model_of_several_revisions_is_logged_once_and_linked_to_all(small, mirror, client, loaded):
    small.experiment("deep", depth=3)
    small.experiment("deeper", depth=4)
    assert "4 new models" in mirror()
    small.experiment("deepest", depth=3, auc=0.7)
    assert mirror() == "new deepest"
    assert loaded() == 4
    assert {model_of(client, name, "lr") for name in revisions(client)} == {small.model("lr")}
    assert model_of(client, "deepest", "dt") == model_of(client, "deep", "dt") != model_of(client, "deeper", "dt")


def test_a_model_says_what_it_is_and_the_hash_of_the_file_that_is_loaded(small, mirror, client, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    mirror()
    assert list((tmp_path / "temporary").iterdir()) == []
    tags, params, files = everything(client)["models"][small.model("lr")]
    assert tags["credit.format"] == "skops"
    assert tags[SHA256] == hashlib.sha256(saved("lr", 1.0)).hexdigest()
    assert params == {"encoding": "one_hot", "C": "1.0"}
    assert {"MLmodel", "model.skops", "input_example.json"} <= set(files)
    assert everything(client)["models"][small.model("dt")][0]["credit.format"] == "pickle"
    for model in store_of(client).models():
        folder = Path(model.artifact_location.removeprefix("file://"))
        assert hashlib.sha256(model_file(folder).read_bytes()).hexdigest() == model.tags[FILE_SHA256]


def test_a_damaged_one_is_said_once_and_never_loaded(small, mirror, client, loaded):
    small.experiment("deep", depth=3)
    damaged = small.cached(small.model("lr"))
    damaged.write_bytes(b"damaged")
    said = mirror()
    assert said.count(f"{damaged}: expected a file with the md5 {small.model('lr')}, got ") == 1
    assert "it is not loaded" in said
    assert "not in DVC's cache" not in said
    assert loaded() == 2
    assert small.model("lr") not in everything(client)["models"]
    assert small.model("lr") in revisions(client)["deep"].data.tags[MISSING]
    assert len(families(client, "deep")["lr"].outputs.model_outputs) == 0

    damaged.write_bytes(saved("lr", 1.0))
    assert mirror().startswith("1 new models; 1 new versions of credit-risk")
    assert len(families(client, "deep")["lr"].outputs.model_outputs) == 1
    assert mirror() == "nothing new"


@pytest.mark.parametrize("damaged", [True, False])
def test_damaged_applicants_are_not_read_and_without_any_there_is_no_example(small, mirror, client, damaged):
    of_eda = small.lock()["stages"]["eda"]["outs"]
    applicants = small.cached(next(out["md5"] for out in of_eda if out["path"] == TEST))
    if damaged:
        applicants.write_bytes(b"damaged")
        assert f"{applicants}: expected a file with the md5" in mirror()
        assert everything(client)["models"] == {}
    else:
        applicants.unlink()
        assert "2 new models" in mirror()
        _, _, files = everything(client)["models"][small.model("lr")]
        assert "MLmodel" in files
        assert "input_example.json" not in files


def test_a_model_that_cannot_be_loaded_here_is_said_and_the_others_are_logged(small, mirror, client):
    small.run(C=5.0)
    lock = (small.root / "dvc.lock").read_text()
    unknown = small.keep(b"cno_such_module\nThing\n.")
    small.write("dvc.lock", lock.replace(small.model("lr"), unknown))
    small.commit("of other libraries")
    said = mirror()
    assert (
        "models/lr.joblib: expected a model of the installed libraries, got: No module named 'no_such_module'" in said
    )
    assert "2 new models" in said


@pytest.mark.usefixtures("stand_ins")
def test_what_dead_writers_left_of_ours_goes_and_what_people_log_themselves_stays(client, log, mirror):
    before = ids(client)
    log("a", name="", ready=False)
    log("b", name="elsewhere 1 1 1", ready=False)
    begun = log("c", ready=False)
    theirs = {client.create_logged_model(store_of(client).experiment, "their own").model_id for _ in range(2)}
    client.finalize_logged_model(min(theirs), "READY")
    mirror()
    assert ids(client) == before | {begun} | theirs


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("ours_is_first", [False, True])
def test_of_two_that_were_logged_at_once_the_first_stays(client, log, ours_is_first):
    names = {"ours": writer(), "other": "elsewhere 1 1 9999999999"}
    made = {whose: log("a", name=names[whose]) for whose in sorted(names, reverse=ours_is_first)}
    first = made["ours" if ours_is_first else "other"]
    assert resolve_models(store_of(client), "a").model_id == first
    assert ready_models(store_of(client))["a"].model_id == first
    assert made["other"] in ids(client)  # its writer will delete it
    assert (made["ours"] in ids(client)) is ours_is_first


@pytest.mark.usefixtures("stand_ins")
def test_a_link_that_is_there_is_not_made_again(small, mirror, client):
    mirror()
    name = small.git("rev-parse", "HEAD")[:7]
    run = revisions(client)[name]
    client.set_tag(run.info.run_id, MISSING, small.model("lr"))  # as if a mirror had died before it took this away
    Models(store_of(client), lambda: small.cache, Written()).link(revisions(client)[name], None)  # it came this moment
    assert MISSING in revisions(client)[name].data.tags
    assert mirror() == "nothing new"
    assert len(families(client, name)["lr"].outputs.model_outputs) == 1
    assert MISSING not in revisions(client)[name].data.tags


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.usefixtures("stand_ins")
def test_a_killed_process_ends_the_mirror_in_one_line(small, mirror, client, monkeypatch):
    ours = os.getpid()

    def die(*_: object) -> None:
        if os.getpid() == ours:
            raise InputError("not beside the mirror")
        signal.raise_signal(signal.SIGKILL)

    small.experiment("wide", C=3.0)
    with monkeypatch.context() as patched:
        patched.setattr("ops.mirror.models.read_results", die)
        with pytest.raises(InputError, match=r"^expected every process to end its work, one was killed.*\?\)$"):
            mirror()
    assert "3 new models" in mirror()
    assert len(revisions(client)) == 2
