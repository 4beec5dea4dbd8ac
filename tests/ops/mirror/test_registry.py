"""The registered model: its versions, the champion and the challenger."""

import pytest
from mlflow import MlflowClient

from ops.mirror.mirror import mirror_to
from ops.mirror.models import FILE_SHA256, MD5, SHA256
from ops.mirror.store import REGISTERED
from tests.ops.mirror.content import aliases, everything, revisions, store_of
from tests.ops.mirror.git_repository import BEGAN
from tests.ops.mirror.small_repository import md5_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stand_ins")]


def model(small, family: str, **changes) -> str:
    """Give the MD5 of the model that a run with changes would make."""
    small.run(**changes)
    md5 = small.model(family)
    small.git("reset", "--quiet", "--hard")
    return md5


def test_each_model_that_was_evaluated_has_a_version_that_says_what_is_known_of_it(small, mirror, client):
    small.experiment("wide", C=3.0)
    small.experiment("tree", model="dt")
    small.experiment("deep", depth=3)  # evaluates the same lr
    assert "3 new versions" in mirror()
    evaluated = {small.model("lr"), model(small, "lr", C=3.0), small.model("dt")}
    assert set(everything(client)["versions"]) == evaluated
    (version,) = [each for each in store_of(client).versions() if each.tags[MD5] == small.model("lr")]
    expected = {
        "credit.family": "lr",
        "credit.data_digest": md5_of(b"a"),
        "auc": "0.75",
        "threshold": "0.2",
        "credit.format": "skops",
    }
    assert version.tags.items() >= expected.items()
    assert len(version.tags[SHA256]) == len(version.tags[FILE_SHA256]) == 64
    assert {"oof_auc", "oof_brier", "oof_cost"} <= set(version.tags)
    assert version.run_id == revisions(client)[small.git("rev-parse", "HEAD")[:7]].info.run_id
    assert version.source.startswith("models:/")


def test_a_model_that_was_chosen_only_is_champion_and_gets_its_metrics_when_it_is_evaluated(
    small, mirror, client, new_database, tmp_path
):
    small.git("update-ref", "-d", "HEAD")
    small.run(model="dt")
    small.commit("evaluates the tree, chooses regression")
    mirror()
    chosen, evaluated = small.model("lr"), small.model("dt")
    versions = everything(client)["versions"]
    assert set(versions) == {chosen, evaluated}
    assert versions[chosen]["credit.family"] == "lr"
    assert "auc" not in versions[chosen]
    assert aliases(client) == {"champion": chosen, "challenger": evaluated}
    small.experiment("regression")
    assert mirror() == "new regression"
    assert everything(client)["versions"][chosen]["auc"] == "0.75"
    again = small.copy_to(tmp_path / "again")
    uri = new_database(again)
    mirror_to(uri, again.root)
    assert everything(MlflowClient(uri, registry_uri=uri)) == everything(client)


class TestChampion:
    """The main branch's best."""

    def test_it_moves_with_main_and_a_clone_that_is_behind_changes_nothing(self, small, mirror, uri, client, tmp_path):
        mirror()
        first, behind = small.model("best"), small.clone_to(tmp_path / "behind")
        assert aliases(client) == {"champion": first}
        small.run(C=3.0)
        small.commit("wider")
        mirror()
        after = aliases(client)
        assert after == {"champion": small.model("best"), "challenger": first}
        assert small.model("best") != first
        assert mirror_to(uri, behind.root).startswith("nothing new")
        assert aliases(client) == after
        behind.git("pull", "--quiet")
        assert mirror_to(uri, behind.root).startswith("nothing new")
        assert aliases(client) == after

    def test_an_older_commit_that_is_merged_later_is_champion(self, small, mirror, client):
        small.git("checkout", "--quiet", "-b", "feature")
        small.run(C=3.0)
        small.commit("older")
        older = small.model("best")
        small.git("checkout", "--quiet", "main")
        small.run(C=4.0)
        small.git("commit", "--quiet", "--all", "--message", "newer", at=BEGAN + 300)
        mirror()
        assert aliases(client)["champion"] == small.model("best") != older
        small.git("merge", "--quiet", "--no-ff", "--strategy-option=theirs", "-m", "theirs", "feature", at=BEGAN + 600)
        assert small.model("best") == older
        mirror()
        assert aliases(client)["champion"] == older

    def test_it_is_mains_also_from_another_branch(self, small, mirror, client):
        mains = small.model("best")
        small.git("checkout", "--quiet", "-b", "feature")
        small.run(C=3.0)
        small.commit("feature")
        mirror()
        assert aliases(client) == {"champion": mains, "challenger": small.model("best")}

    def test_there_is_none_where_no_model_is(self, small, client, mirror, no_models):
        mirror()
        assert aliases(client) == {}


class TestChallenger:
    """The best other."""

    @pytest.mark.parametrize("metric", ["auc", "cost"])
    def test_it_is_the_best_out_of_fold_also_where_less_is_better(self, small, mirror, client, metric):
        ranked = {"select_best": {"metric": metric, "preference": ["lr", "dt"]}}
        small.run(**ranked)
        small.commit("ranked by it")
        small.experiment("worse", C=3.0, lead=0.03, auc=0.9, **ranked)
        mirror()
        assert aliases(client)["challenger"] == model(small, "lr", C=3.0)
        small.experiment("better", C=4.0, lead=0.04, auc=0.6, **ranked)
        small.experiment("worst", C=5.0, lead=0.02, **ranked)
        mirror()
        assert aliases(client)["challenger"] == model(small, "lr", C=4.0)

    def test_one_that_was_judged_on_something_else_or_whose_model_is_missing_is_none(self, small, mirror, client):
        small.experiment("other", C=5.0, lead=0.09, data="b")
        small.experiment("better", C=4.0, lead=0.06)
        small.cached(model(small, "lr", C=4.0)).unlink()
        mirror()
        assert aliases(client) == {"champion": small.model("best")}
        small.experiment("worse", C=3.0)
        mirror()
        assert aliases(client)["challenger"] == model(small, "lr", C=3.0)


def test_versions_that_people_make_stay(small, mirror, client):
    mirror()
    (version,) = store_of(client).versions()
    client.create_model_version(REGISTERED, version.source, version.run_id, {"theirs": "yes"})
    assert mirror() == "nothing new"
    assert len(store_of(client).versions()) == 2
    registered = client.get_registered_model(REGISTERED)
    assert {alias: str(each) for alias, each in registered.aliases.items()} == {"champion": str(version.version)}


def test_what_hangs_on_a_run_that_was_deleted_in_the_pages_follows_the_new_one(small, mirror, client):
    mirror()
    before, (dead,) = everything(client), revisions(client).values()
    client.delete_run(dead.info.run_id)  # and nothing below it, as the pages do
    assert mirror() == (f"new {dead.info.run_name}; 1 new versions of credit-risk; champion is now version 2")
    (living,) = revisions(client).values()
    assert {version.run_id for version in store_of(client).versions()} == {living.info.run_id}
    assert everything(client) == before
    assert mirror() == "nothing new"
