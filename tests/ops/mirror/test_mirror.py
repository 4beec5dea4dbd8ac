"""MLflow holds what Git and DVC hold, once, whatever happened before."""

import hashlib
import json

import pytest

from ops.mirror.mirror import lookahead, mirror_to
from ops.mirror.runs import MISSING
from tests.ops.mirror.content import everything, families, revisions
from tests.ops.mirror.small_repository import BEGAN, SOURCE, md5_of

pytestmark = pytest.mark.slow


def head(small) -> str:
    return small.git("rev-parse", "HEAD")[:7]


@pytest.mark.usefixtures("no_models")
def test_a_run_says_where_and_when_it_comes_from(small, mirror, client):
    small.experiment("wide", C=3.0)
    mirror()
    commit = small.git("for-each-ref", "--format=%(objectname)", "refs/exps")
    state = "".join(small.git("show", f"{commit}:{name}") + "\n" for name in ("dvc.lock", "params.yaml"))
    wide = revisions(client)["wide"]
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
    moment = (BEGAN + 60) * 1000
    under = families(client, "wide")["lr"]
    assert (wide.info.start_time, wide.info.end_time, under.info.start_time) == (moment, moment, moment)
    assert {each.timestamp for each in client.get_metric_history(under.info.run_id, "fold_auc")} == {moment}


@pytest.mark.usefixtures("no_models")
def test_a_run_has_parameters_metrics_pictures_and_its_data(small, mirror, client):
    mirror()
    run = revisions(client)[head(small)]
    assert run.data.params["train.lr.C"] == "[0.1, 1.0]"
    assert (run.data.metrics["auc"], run.data.metrics["eda.train_rows"]) == (0.75, 60)
    files = everything(client)["runs"][run.data.tags["credit.digest"], "lr", False]["files"]
    assert files["plots/roc.png"] == hashlib.sha256((small.root / "plots/roc.png").read_bytes()).hexdigest()
    assert {"metrics/evaluation.json", "plots/roc.csv"} <= set(files)
    assert "plots/.gitignore" not in files
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("applicants.csv", md5_of(b"a"))
    assert json.loads(data.dataset.source) == {"path": SOURCE, "md5": md5_of(b"a")}


@pytest.mark.usefixtures("stand_ins")
def test_a_commit_has_one_run_and_each_family_one_with_its_search_folds_and_model(small, mirror, client):
    assert mirror() == f"new {head(small)}; 2 new models; 1 new versions of credit-risk; champion is now version 1"
    assert list(revisions(client)) == [head(small)]
    assert set(families(client, head(small))) == {"lr", "dt"}
    lr = families(client, head(small))["lr"]
    assert lr.data.params == {"encoding": "one_hot", "C": "1.0"}
    folds = json.loads((small.root / "metrics/train/lr.json").read_text(encoding="utf-8"))["folds"]
    history = client.get_metric_history(lr.info.run_id, "fold_auc")
    assert {each.step: each.value for each in history} == {step: row["auc"] for step, row in enumerate(folds)}
    assert [each.path for each in client.list_artifacts(lr.info.run_id, "plots/search")] == ["plots/search/lr.csv"]
    (made,) = lr.outputs.model_outputs
    assert client.get_logged_model(made.model_id).tags["credit.md5"] == small.model("lr")


@pytest.mark.usefixtures("stand_ins")
def test_a_blend_is_mirrored_as_the_other_families_are(small, mirror, client):
    small.blend()
    small.commit("with a blend")
    mirror()
    trained = families(client, head(small))
    assert set(trained) == {"lr", "dt", "blend"}
    assert trained["blend"].data.params == {"members": '["lr", "dt"]'}
    assert trained["blend"].data.metrics["oof_auc"] == trained["lr"].data.metrics["oof_auc"]
    (made,) = trained["blend"].outputs.model_outputs
    assert client.get_logged_model(made.model_id).tags["credit.md5"] == small.model("blend") != small.model("lr")
    assert mirror() == "nothing new"


@pytest.mark.usefixtures("stand_ins")
class TestTwice:
    """Run twice, the second time writes nothing."""

    def test_nothing_is_new_and_no_file_is_read_again(self, small, mirror, client, monkeypatch):
        small.experiment("wide", C=3.0)
        mirror()
        before = everything(client)
        monkeypatch.setattr("ops.mirror.mirror.read_state", lambda *_: pytest.fail("read"))
        assert mirror() == "nothing new"
        assert everything(client) == before

    def test_nor_in_a_clone_without_models(self, clone, new_database, monkeypatch):
        uri = new_database(clone)
        mirror_to(uri, clone.root)
        monkeypatch.setattr("ops.mirror.mirror.read_state", lambda *_: pytest.fail("read"))
        assert "nothing new" in mirror_to(uri, clone.root)

    def test_what_came_since_is_added(self, small, mirror, client):
        mirror()
        small.experiment("wide", C=3.0)
        assert mirror() == ("new wide; 1 new models; 1 new versions of credit-risk; challenger is now version 2")
        assert set(revisions(client)) == {head(small), "wide"}

    def test_another_database_in_a_folder_of_any_name_gets_the_same(
        self, small, mirror, client, tmp_path, new_database
    ):
        mirror()
        small.experiment("wide", C=3.0, auc=0.8)
        mirror()
        small.run(depth=3, model="dt")
        small.commit("deeper")
        mirror()
        again = small.copy_to(tmp_path / "Kredit Prüfung #1 100%")
        uri = new_database(again)
        mirror_to(uri, again.root)
        there = everything(type(client)(uri, registry_uri=uri))
        assert there == everything(client)
        assert all(run["files"] for run in there["runs"].values())


@pytest.fixture
def clone(small, tmp_path):
    """Give a clone without DVC's cache."""
    return small.clone_to(tmp_path / "clone")


@pytest.mark.usefixtures("stand_ins")
class TestClone:
    """A clone without DVC's cache has all but the models."""

    def test_runs_are_mirrored_and_missing_models_are_said(self, clone, new_database, client):
        uri = new_database(clone)
        said = mirror_to(uri, clone.root)
        assert "; 2 models are not in DVC's cache (dvc fetch --all-commits), so not here" in said
        there = type(client)(uri, registry_uri=uri)
        assert set(families(there, head(clone))) == {"lr", "dt"}
        assert revisions(there)[head(clone)].data.tags[MISSING]
        assert everything(there)["models"] == everything(there)["versions"] == {}

    def test_models_come_when_the_cache_does(self, small, clone, new_database, mirror, client):
        uri = new_database(clone)
        mirror_to(uri, clone.root)
        small.cache.rename(clone.cache)
        assert mirror_to(uri, clone.root) == ("2 new models; 1 new versions of credit-risk; champion is now version 1")
        assert mirror_to(uri, clone.root) == "nothing new"
        clone.cache.rename(small.cache)
        mirror()
        assert everything(type(client)(uri, registry_uri=uri)) == everything(client)

    def test_one_with_a_part_of_the_cache_adds_its_part(self, small, clone, uri, client):
        theirs = small.cached(small.model("dt"))
        theirs.rename(theirs.with_name("away"))
        assert "1 models are not in DVC's cache" in mirror_to(uri, small.root)
        assert MISSING in revisions(client)[head(small)].data.tags
        theirs.with_name("away").rename(theirs)
        assert (
            mirror_to(uri, clone.root) == "nothing new; 1 models are not in DVC's cache (dvc fetch --all-commits), "
            "so not here"
        )
        assert mirror_to(uri, small.root) == "1 new models"
        assert MISSING not in revisions(client)[head(small)].data.tags
        assert mirror_to(uri, clone.root) == "nothing new"


@pytest.mark.parametrize("number", [0, 1, 3, 4, 20])
@pytest.mark.parametrize("lag", [0, 3, 32])
def test_states_come_later_in_order_and_none_is_lost(number, lag):
    begun, come = [], []
    for state in lookahead((begun.append(state) or state for state in range(number)), lag):
        come.append(state)
        assert len(begun) == min(state + lag + 1, number)
    assert come == list(range(number))
