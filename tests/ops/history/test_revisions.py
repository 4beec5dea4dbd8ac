"""Which states of a repository have results."""

import os
import time
from types import SimpleNamespace

import pytest
import yaml

from credit.core.errors import InputError
from ops.history import revisions
from ops.history.revisions import main_state, read_revisions
from tests.ops.mirror.git_repository import BEGAN
from tests.ops.mirror.small_repository import PARAMS, SmallRepository

EDITED = "stages: {ingest: ["


def names(small) -> list[str]:
    return [revision.name for revision in read_revisions(small.root)]


def of(small, name: str):
    (found,) = [revision for revision in read_revisions(small.root) if revision.name == name]
    return found


def test_commits_that_changed_the_lock_and_experiments_oldest_first(small):
    first = small.git("rev-parse", "HEAD")
    commit = small.experiment("wide", C=3.0)
    small.write("README.md", "no results")
    small.commit()
    small.run(C=5.0)
    last = small.commit("wider")
    assert names(small) == [first[:7], "wide", last[:7]]
    assert (of(small, first[:7]).commit, of(small, first[:7]).time) == (first, BEGAN)
    wide = of(small, "wide")
    assert (wide.commit, wide.experiments, wide.baseline, wide.time) == (commit, ("wide",), first, BEGAN + 60)
    assert (wide.author, wide.subject) == ("Ada", "dvc: commit experiment wide")


def test_a_revision_has_the_files_of_its_commit(small):
    small.experiment("wide", C=3.0, auc=0.9)
    files = of(small, "wide").read_files()
    assert yaml.safe_load(files["params.yaml"])["train"]["lr"]["C"] == 3.0
    assert b"0.9" in files["metrics/evaluation.json"]
    assert files["plots/roc.png"].startswith(b"\x89PNG\r\n")
    assert set(files) >= {"dvc.lock", "metrics/train/lr.json", "plots/search/dt.csv"}
    assert not [path for path in files if path.startswith(("models/", "data/", "dvc.yaml"))]


def test_experiments_and_a_commit_of_one_state_are_one_with_all_names(small):
    small.experiment("wide", C=3.0)
    small.experiment("another", C=3.0)
    assert of(small, "another").experiments == ("another", "wide")
    small.run(C=3.0)
    commit = small.commit("wider")
    both = of(small, "another")
    assert (both.commit, both.on_branch, both.subject) == (commit, True, "wider")
    assert both.experiments == ("another", "wide")
    assert len(names(small)) == 2


def test_refs_of_dvc_that_are_no_experiments_and_commits_without_params_or_lock_are_left_out(small):
    for ref in ("stash", "exec/EXEC_HEAD", "celery/stash", "celery/failed"):
        small.git("update-ref", f"refs/exps/{ref}", "HEAD")
    small.git("rm", "--quiet", "params.yaml")
    small.run(C=2.0)
    (small.root / "params.yaml").unlink()
    small.commit("no params")
    small.git("rm", "--quiet", "dvc.lock")
    small.commit("no lock")
    assert len(names(small)) == 1


def test_names_and_messages_of_any_kind_are_read_whatever_git_is_set_to(small):
    small.git("config", "log.showSignature", "true")
    small.git("config", "log.decorate", "full")
    small.git("config", "user.name", "Zoë Łuk")
    small.run(C=2.0)
    odd = small.commit("a\u2028b\x0cc\x85d")
    assert of(small, odd[:7]).author == "Zoë Łuk"
    small.git("config", "i18n.commitEncoding", "latin-1")
    small.run(C=3.0)
    small.git("commit", "--quiet", "--all", "--message", "\udcfcber")  # a byte of Latin 1
    assert len(names(small)) == 3


def test_results_of_the_main_branch_count_also_from_another_and_in_a_clone_of_that(small, tmp_path):
    main = main_state(small.root)
    small.git("checkout", "--quiet", "-b", "feature")
    small.run(C=2.0)
    small.commit("feature")
    assert main_state(small.root) == main
    assert len(names(small)) == 2
    small.git("clone", "--quiet", "--branch", "feature", str(small.root), str(tmp_path / "clone"))
    assert main_state(tmp_path / "clone") == main
    small.git("clone", "--quiet", "--single-branch", "--branch", "feature", str(small.root), str(tmp_path / "single"))
    assert main_state(tmp_path / "single") is None  # the remote's main branch is not there
    assert len(read_revisions(tmp_path / "single")) == 2
    small.git("checkout", "--quiet", "main")
    assert len(names(small)) == 1
    small.git("branch", "--delete", "--force", "feature")
    for branch in ("master", "trunk"):  # main is called otherwise
        small.git("branch", "--move", branch)
        assert main_state(small.root) == main


def test_a_merge_that_takes_one_side_is_that_sides_state(small):
    small.git("checkout", "--quiet", "-b", "feature")
    small.run(C=2.0)
    feature = of(small, small.commit("feature")[:7]).digest
    small.git("checkout", "--quiet", "main")
    assert main_state(small.root)[0] != feature
    small.git("merge", "--quiet", "--no-ff", "--message", "merge", "feature", at=BEGAN + 600)
    small.git("branch", "--delete", "--force", "feature")
    assert main_state(small.root) == (feature, BEGAN + 600)


class TestWorkspace:
    """What nobody has committed yet."""

    def test_a_whole_run_is_one_and_the_same_state_when_it_is_committed(self, small):
        small.run(C=2.0)
        workspace = of(small, "workspace")
        assert (workspace.commit, workspace.author) == (None, "Ada")
        assert workspace.time == int((small.root / "dvc.lock").stat().st_mtime)
        assert workspace.read_files()["dvc.lock"] == (small.root / "dvc.lock").read_bytes()
        assert of(small, small.commit()[:7]).digest == workspace.digest
        assert "workspace" not in names(small)

    def test_a_run_on_the_way_is_none(self, small):
        before = small.lock()
        small.run(C=2.0)
        lock = small.lock()
        lock["stages"]["evaluate"] = before["stages"]["evaluate"]
        lock["stages"]["select_best"] = before["stages"]["select_best"]
        small.write("dvc.lock", yaml.safe_dump(lock))
        os.utime(small.root / "dvc.lock", (BEGAN, BEGAN))
        assert "workspace" not in names(small)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("params.yaml", yaml.safe_dump({**PARAMS, "seed": 8})),  # nothing ran with these
            ("metrics/evaluation.json", "{}"),  # the next run has begun
            *((name, content) for name in ("dvc.lock", "params.yaml", "dvc.yaml") for content in (EDITED, None)),
        ],
    )
    def test_files_that_do_not_belong_together_are_none(self, small, name, content):
        small.run(C=2.0)
        if content is None:
            (small.root / name).unlink()
        else:
            small.write(name, content)
            os.utime(small.root / name, (BEGAN, BEGAN))
        assert "workspace" not in names(small)

    @pytest.mark.parametrize("ahead", [0, 900])  # seconds: written on a machine whose clock is
    def test_a_lock_that_dvc_is_writing_is_read_when_it_is_whole(self, small, monkeypatch, ahead):
        small.run(C=2.0)
        whole = (small.root / "dvc.lock").read_bytes()
        assert yaml.safe_load(whole[:-40])

        def write_on(_: float) -> None:
            assert not ahead
            small.write("dvc.lock", whole)
            os.utime(small.root / "dvc.lock", (BEGAN, BEGAN))

        small.write("dvc.lock", whole if ahead else whole[:-40])
        os.utime(small.root / "dvc.lock", (time.time() + ahead,) * 2)
        monkeypatch.setattr(revisions, "time", SimpleNamespace(time=time.time, sleep=write_on))  # no other thread's
        assert of(small, "workspace").read_files()["dvc.lock"] == whole


def test_no_repository_is_said_in_one_line(tmp_path):
    with pytest.raises(InputError, match=r"failed: fatal: not a git repository[^\n]*$"):
        read_revisions(tmp_path)
    SmallRepository(tmp_path).git("init", "--quiet")
    with pytest.raises(InputError, match=r"`git log` failed: fatal: bad revision 'HEAD'$"):
        read_revisions(tmp_path)
