"""MLflow holds what Git and DVC hold, once, whatever happened before."""

import hashlib
import json
from contextlib import nullcontext

import pytest
from mlflow import MlflowClient

from credit.core.errors import InputError
from ops.mirror import mirror as module
from ops.mirror.mirror import lookahead, mirror_to
from ops.mirror.runs import MISSING
from ops.mirror.written import Written
from tests.ops.mirror.content import everything, families, model_of, revisions
from tests.ops.mirror.git_repository import BEGAN
from tests.ops.mirror.small_repository import SOURCE, md5_of

pytestmark = pytest.mark.slow

AWAY = "models are not in DVC's cache (dvc fetch --all-commits), so not here"


def head(small) -> str:
    return small.git("rev-parse", "HEAD")[:7]


def there(uri: str) -> MlflowClient:
    return MlflowClient(uri, registry_uri=uri)


@pytest.fixture
def clone(small, tmp_path):
    """Give a clone without DVC's cache."""
    return small.clone_to(tmp_path / "clone")


@pytest.mark.usefixtures("stand_ins")
def test_a_state_has_one_run_and_each_family_one_that_say_where_they_come_from_and_what_was_found(
    small, mirror, client
):
    commit = small.experiment("wide", C=3.0)
    mirror()
    assert set(revisions(client)) == {head(small), "wide"}
    wide, lr = revisions(client)["wide"], families(client, "wide")["lr"]
    state = "".join(small.git("show", f"{commit}:{name}") + "\n" for name in ("dvc.lock", "params.yaml"))
    expected = {
        "credit.commit": commit,
        "credit.experiment": "wide",
        "credit.baseline": small.git("rev-parse", "HEAD"),
        "credit.digest": hashlib.sha256(state.encode()).hexdigest(),
        "credit.family": "lr",
        "credit.chosen": "lr",
        "credit.ranked_by": "auc",
        "credit.data_digest": md5_of(b"a"),
        "mlflow.source.git.commit": commit,
        "mlflow.source.name": "dvc exp run",
        "mlflow.user": "Ada",
    }
    assert wide.data.tags.items() >= expected.items()
    assert wide.data.tags["mlflow.note.content"].startswith("**logistic regression** on the test applicants: AUC 0.750")
    assert revisions(client)[head(small)].info.start_time == BEGAN * 1000
    assert {wide.info.start_time, wide.info.end_time, lr.info.start_time} == {(BEGAN + 60) * 1000}
    assert wide.data.params["train.lr.C"] == "3.0"
    assert (wide.data.metrics["auc"], wide.data.metrics["eda.train_rows"]) == (0.75, 60)
    files = everything(client)["runs"][expected["credit.digest"], "lr", False]["files"]
    assert files["plots/roc.png"] == hashlib.sha256((small.root / "plots/roc.png").read_bytes()).hexdigest()
    assert set(files) == {f"metrics/{name}.json" for name in ("eda", "evaluation", "selection")} | {
        f"plots/roc.{kind}" for kind in ("csv", "png")
    }
    (data,) = wide.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("applicants.csv", md5_of(b"a"))
    assert json.loads(data.dataset.source) == {"path": SOURCE, "md5": md5_of(b"a")}

    assert set(families(client, "wide")) == {"lr", "dt"}
    assert lr.data.params == {"encoding": "one_hot", "C": "3.0"}
    folds = json.loads((small.root / "metrics/train/lr.json").read_text(encoding="utf-8"))["folds"]
    history = client.get_metric_history(lr.info.run_id, "fold_auc")
    assert {each.step: each.value for each in history} == {step: row["auc"] for step, row in enumerate(folds)}
    assert {each.timestamp for each in history} == {(BEGAN + 60) * 1000}
    assert [each.path for each in client.list_artifacts(lr.info.run_id, "plots/search")] == ["plots/search/lr.csv"]
    assert model_of(client, head(small), "lr") == small.model("lr") != model_of(client, "wide", "lr")


@pytest.mark.usefixtures("stand_ins")
def test_what_came_since_is_added_and_what_is_there_is_not_read_again(small, mirror, client, monkeypatch):
    assert mirror() == f"new {head(small)}; 2 new models; 1 new versions of credit-risk; champion is now version 1"
    small.experiment("wide", C=3.0)
    assert mirror() == "new wide; 1 new models; 1 new versions of credit-risk; challenger is now version 2"
    before = everything(client)
    monkeypatch.setattr("ops.mirror.mirror.read_state", lambda *_: pytest.fail("read"))
    assert mirror() == "nothing new"
    assert everything(client) == before


@pytest.mark.usefixtures("stand_ins")
def test_another_database_in_a_folder_of_any_name_gets_the_same(small, mirror, client, tmp_path, new_database):
    mirror()
    small.experiment("wide", C=3.0, auc=0.8)
    mirror()
    small.run(depth=3, model="dt")
    small.commit("deeper")
    mirror()
    again = small.copy_to(tmp_path / "Kredit Prüfung #1 100%")
    uri = new_database(again)
    mirror_to(uri, again.root)
    found = everything(there(uri))
    assert found == everything(client)
    assert all(run["files"] for run in found["runs"].values())


@pytest.mark.usefixtures("stand_ins")
def test_a_clone_without_cache_has_all_but_the_models_which_come_when_the_cache_does(
    small, clone, new_database, mirror, client
):
    uri = new_database(clone)
    assert f"; 2 {AWAY}" in mirror_to(uri, clone.root)
    assert set(families(there(uri), head(clone))) == {"lr", "dt"}
    assert everything(there(uri))["models"] == everything(there(uri))["versions"] == {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ops.mirror.mirror.read_state", lambda *_: pytest.fail("read"))
        assert mirror_to(uri, clone.root) == f"nothing new; 2 {AWAY}"
    small.cache.rename(clone.cache)
    assert mirror_to(uri, clone.root) == "2 new models; 1 new versions of credit-risk; champion is now version 1"
    assert mirror_to(uri, clone.root) == "nothing new"
    clone.cache.rename(small.cache)
    mirror()
    assert everything(there(uri)) == everything(client)


@pytest.mark.usefixtures("stand_ins")
def test_a_clone_with_a_part_of_the_cache_adds_its_part(small, clone, uri, client):
    theirs = small.cached(small.model("dt"))
    theirs.rename(theirs.with_name("away"))
    assert f"1 {AWAY}" in mirror_to(uri, small.root)
    assert MISSING in revisions(client)[head(small)].data.tags
    theirs.with_name("away").rename(theirs)
    assert mirror_to(uri, clone.root) == f"nothing new; 1 {AWAY}"
    assert mirror_to(uri, small.root) == "1 new models"
    assert MISSING not in revisions(client)[head(small)].data.tags
    assert mirror_to(uri, clone.root) == "nothing new"


def test_a_database_that_another_mirror_holds_is_said(small, uri, monkeypatch):
    monkeypatch.setattr(module, "sole_writer", lambda _: nullcontext(False))
    with pytest.raises(InputError, match="another mirror has been writing to the database"):
        mirror_to(uri, small.root)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written(revisions=list("abcdefg")), "new c, d, e, f, g and 2 more"),
        (Written(problems=dict.fromkeys("abcde")), "nothing new; 5 problems, of which the first are; a; b; c"),
    ],
)
def test_of_much_that_was_written_or_went_wrong_a_part_is_said(written, words):
    assert str(written) == words


class TestCache:
    """DVC is asked where its cache is."""

    @pytest.fixture
    def known_cache(self):
        """Ask DVC."""

    def test_it_is_beside_the_repository_and_models_are_found_there(self, small, stand_ins, uri):
        small.cache.rename(small.root.parent / "shared")
        small.write(".dvc/config.local", "[cache]\n    dir = ../../shared\n")
        assert "2 new models" in mirror_to(uri, small.root)

    def test_where_dvc_cannot_tell_it_is_said_once(self, small, uri):
        small.write(".dvc/config.local", "[cache\n")
        said = mirror_to(uri, small.root)
        assert said.count("DVC's configuration: ") == 1
        assert f"2 {AWAY}" in said
        assert "\n" not in said


@pytest.mark.parametrize("number", [0, 1, 3, 4, 20])
@pytest.mark.parametrize("lag", [0, 3, 32])
def test_states_come_later_in_order_and_none_is_lost(number, lag):
    begun, come = [], []
    for state in lookahead((begun.append(state) or state for state in range(number)), lag):
        come.append(state)
        assert len(begun) == min(state + lag + 1, number)
    assert come == list(range(number))
