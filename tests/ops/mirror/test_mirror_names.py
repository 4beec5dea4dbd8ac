"""A state that is found elsewhere in Git keeps its run."""

import pytest

from ops.mirror.mirror import mirror_to
from ops.mirror.runs import EXPERIMENT
from tests.ops.mirror.content import revisions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_models")]


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


def test_an_experiment_that_is_removed_keeps_its_name(small, mirror, client):
    small.experiment("wide", C=3.0)
    small.run(C=3.0)
    commit = small.commit("wider")
    mirror()
    small.git("update-ref", "-d", small.git("for-each-ref", "--format=%(refname)", "refs/exps"))
    assert mirror().startswith("nothing new; ")
    assert revisions(client)["wide"].data.tags["credit.commit"] == commit


def test_two_clones_that_know_different_names_agree(small, mirror, uri, client, tmp_path):
    small.experiment("wide", C=3.0)
    ahead = small.copy_to(tmp_path / "ahead")
    ahead.run(C=3.0)
    commit = ahead.commit("wider")
    mirror()
    assert mirror_to(uri, ahead.root).startswith("1 renamed; ")
    assert mirror().startswith("nothing new; ")
    assert mirror_to(uri, ahead.root).startswith("nothing new; ")
    tags = revisions(client)["wide"].data.tags
    assert (tags["credit.commit"], tags[EXPERIMENT]) == (commit, "wide")
