"""Everything that was made gets to every remote: of the workspace, of experiments, of pushes that failed before."""

import hashlib
import json
import os
import signal
from dataclasses import asdict, replace

import pytest

from ops.sync import push, state
from ops.sync.objects import Named, repository
from ops.sync.remotes import configured

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

TOTAL = b"1\nb\n1\n"


def keep(project, content):
    """Put an object into the cache; give its hash."""
    oid = hashlib.md5(content, usedforsecurity=False).hexdigest()
    path = project.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o444)
    return oid


def add_experiment(project, name, content):
    """Make what `dvc exp run --temp` and the queue's worker make: a commit with another output, under a name."""
    lock = project.root / "dvc.lock"
    lock.write_text(lock.read_text().replace(hashlib.md5(TOTAL).hexdigest(), keep(project, content)))
    project.commit()
    project.run("git", "update-ref", f"refs/exps/{'a' * 2}/{'b' * 38}/{name}", "HEAD")
    project.run("git", "reset", "--quiet", "--hard", "HEAD~1")


def unpushed():
    """Name the experiments whose data each remote lacks."""
    with repository() as repo:
        return [list(state.unpushed(repo, remote).values()) for remote in configured()]


def test_data_of_an_experiment_are_pushed_once_to_each_remote_whoever_made_it_and_when(project, sync):
    add_experiment(project, "queued", b"2\nb\n2\n")
    sync("run", "--", "sh", "-c", "exit 7", expect=1)
    sync("push", "--remotes", "primary")
    assert project.remote("primary") == project.cached()
    assert project.remote("second") == {}
    add_experiment(project, "later", b"3\nb\n3\n")
    sync("push")
    assert project.remote("primary") == project.remote("second") == project.cached()
    assert unpushed() == [[], []]
    project.dvc("remote", "modify", "primary", "url", "../third")
    sync("push")
    assert project.remote("third") == project.cached()


@pytest.mark.parametrize("git", ["without a commit", "none"])
def test_a_project_without_commits_is_pushed_too(project, sync, git):
    project.lose(".git")
    if git == "none":
        project.dvc("config", "core.no_scm", "true")
    else:
        project.run("git", "init", "--quiet")
    sync("push")
    assert project.remote("primary") == project.remote("second") == project.cached()


def test_what_did_not_arrive_is_tried_again(project, sync):
    add_experiment(project, "one", b"2\nb\n2\n")
    project.break_remotes("primary")
    sync("push", expect=3)
    assert unpushed() == [["one"], []]
    state.change_pending(lambda records: [replace(record, since="1999") for record in records])
    sync("push", expect=3)
    assert {record.since for record in state.pending()} == {"1999"}
    project.lose("../primary")
    sync("push")
    assert project.remote("primary") == project.cached()
    assert unpushed() == [[], []]


def test_an_experiment_whose_data_were_deleted_is_given_up_and_one_that_cannot_be_read_left_out(project, sync):
    add_experiment(project, "gone", b"2\nb\n2\n")
    project.object_in("cache", b"2\nb\n2\n").unlink()
    project.write({"dvc.yaml": "stages: ["})
    add_experiment(project, "broken", b"3\nb\n3\n")
    printed = sync("push")
    assert "(gone) are in no cache any more, given up" in printed
    assert "WARNING: experiment broken is left out" in printed
    assert "given up" not in sync("push")


def test_a_push_to_a_remote_that_was_removed_is_given_up(project, sync):
    project.break_remotes("second")
    sync("push", expect=3)
    project.dvc("remote", "remove", "second")
    assert "WARNING: second is no remote any more" in sync("push")
    assert state.pending() == []


def test_a_signal_while_it_is_written_down_waits_for_that(project, sync, monkeypatch):
    outputs = push.cached_outputs
    monkeypatch.setattr(push, "cached_outputs", lambda repo: os.kill(os.getpid(), signal.SIGTERM) or outputs(repo))
    printed = sync("run", "--", "true", expect=128 + signal.SIGTERM)
    assert printed.endswith("sync: interrupted by SIGTERM; to be retried: the push to primary, second\n")
    assert [record.remote for record in state.pending()] == ["primary", "second"]


def test_lists_that_cannot_be_read_are_noticed_before_anything_runs_or_only_cost_time(project, sync):
    project.write({str(state.PENDING): "{", str(state.PUSHED): "{"})
    for action in (["run", "--", "touch", "ran"], ["push"]):
        assert "delete it to go on" in sync(*action, expect=2)
    assert not (project.root / "ran").exists()
    state.PENDING.unlink()
    add_experiment(project, "one", b"2\nb\n2\n")
    sync("push")
    assert project.remote("second") == project.cached()


def test_status_shows_what_is_in_brackets_as_it_is_to_people_and_to_programs(project, sync):
    project.dvc("remote", "modify", "second", "url", "../[/second]")
    objects = (Named("d1.dir", "parts"), Named("f1", "t", 3))
    record = state.Pending("primary", "[bold]", "2026-01-01T00:00:00+00:00", "[red]full[/] :warning:", objects)
    state.change_pending(lambda _: [record])
    printed = sync("status")
    for text in ("[/second]", "[bold]", record.reason):
        assert text in printed
    lists = json.loads(sync("status", "--json"))
    assert lists["remotes"][0] == {"name": "primary", "url": lists["remotes"][0]["url"], "verified": True}
    assert lists["pending"] == [asdict(record) | {"objects": [["d1.dir", "parts", None], ["f1", "t", 3]]}]


def test_where_there_is_nothing_one_line_says_so(project, sync):
    (project.root / "dvc.lock").unlink()
    assert "push: nothing to push: dvc.lock and the *.dvc files name no data" in sync("push")
    project.write({".dvc/config": ""})
    assert sync("status") == "no remote is configured\nno push is to be retried\n"
