"""The program as it is used, with remotes that work, that fail and that do not answer."""

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

OBJECTS = 4  # three files and the list of a directory


def test_what_a_run_pushes_a_plain_pull_brings_into_a_clone_byte_for_byte(project):
    printed = project.sync("run", "--", "dvc", "repro")
    assert "pull: nothing to fetch, all 2 outputs that dvc.lock names are here" in printed
    assert "Data and pipelines are up to date" in printed
    assert f"push: second: all there (uploaded now: {OBJECTS})" in printed
    assert project.remote("primary") == project.remote("second") == project.cached()
    assert len(project.cached()) == OBJECTS
    for name in ("primary", "second"):
        clone = project.clone(f"clone of {name}")
        clone.dvc("pull", "-r", name)
        assert clone.outputs() == project.outputs()
    assert project.pending() == []


@pytest.mark.parametrize("remotes", ["damaged", "gone", "empty"])
def test_where_data_are_missing_nothing_runs_and_nothing_damaged_stays(pushed, sync, remotes):
    contents = pushed.cached()
    for name in ("primary", "second"):
        if remotes == "damaged":
            pushed.damage(name, b"b\n", b"c\n")
        elif remotes == "gone":
            pushed.break_remotes(name)
        else:
            pushed.lose(f"../{name}")
    pushed.lose(".dvc/cache", "parts", "total.txt")
    printed = sync("run", "--", "touch", "ran", expect=4)
    assert ("arrived damaged" in printed) == (remotes == "damaged")
    last = printed.splitlines()[-1]
    assert last.startswith("sync: stopped before anything ran: of what dvc.lock names, neither here nor on primary, ")
    assert "`make run` makes everything from the source, `python -m ops.sync push` then fills the remotes" in last
    assert pushed.cached().items() < contents.items()
    assert not (pushed.root / "ran").exists()


def test_a_run_that_fails_pushes_nothing(project, sync):
    printed = sync("run", "--", "sh", "-c", "exit 7", expect=1)
    assert "the run failed (exit code 7); nothing was pushed" in printed
    assert project.remote("primary") == project.remote("second") == {}
    assert project.pending() == []


def test_a_push_that_failed_is_kept_and_retried_although_dvc_lock_has_moved_on(project, sync):
    project.break_remotes("primary")
    first = project.cached()
    printed = sync("run", "--", "dvc", "repro", expect=3)
    assert "the run is fine, but not synchronised; `python -m ops.sync push` tries again" in printed
    assert project.remote("second") == first
    project.write({"table.txt": "2\n"})
    sync("run", "--", "dvc", "repro", expect=3)
    (first_push, second_push) = project.pending()
    assert (first_push["remote"], second_push["remote"]) == ("primary", "primary")
    assert first_push["revision"] != second_push["revision"]
    assert "Not a directory" in first_push["reason"]
    assert first_push["revision"] in sync("status")
    project.lose("../primary")
    sync("run", "--", "dvc", "repro")
    assert first.items() < project.remote("primary").items()
    assert project.remote("primary") == project.cached()
    assert "no push is to be retried" in sync("status")


def test_files_missing_behind_the_list_of_their_directory_are_pushed(pushed, sync):
    pushed.object_in("primary", b"b\n").unlink()
    assert "Everything is up to date" in pushed.dvc("push", "-r", "primary")
    assert "uploaded now: 1" in sync("push")
    assert pushed.remote("primary") == pushed.cached()


def test_data_of_experiments_outside_the_workspace_are_pushed(project, sync):
    project.write({"table.txt": "2\n"})
    sync("run", "--", "dvc", "exp", "run", "--temp")
    assert project.outputs()["total.txt"] == b"1\nb\n1\n"
    assert b"2\nb\n2\n" in project.remote("primary").values()
    assert project.remote("primary") == project.cached()


def test_changes_made_here_are_left_alone_and_those_of_another_commit_are_not(pushed, sync):
    old, lock = pushed.outputs(), (pushed.root / "dvc.lock").read_text()
    pushed.write({"table.txt": "2\n"})
    sync("run", "--", "dvc", "repro")
    pushed.write({"dvc.lock": lock, "total.txt": "by hand\n"})
    printed = sync("pull")
    assert "total.txt differs from dvc.lock and is in no cache: left as it is" in printed
    assert "parts brought to the workspace" in printed
    assert pushed.outputs() == {**old, "total.txt": b"by hand\n"}


def test_a_signal_reaches_the_command_and_its_children(project):
    script = "sleep 61 & echo started; wait"
    command = [sys.executable, "-m", "ops.sync", "run", "--", "sh", "-c", script]
    process = subprocess.Popen(
        command, cwd=project.root, env=project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        last = process.stderr.read().splitlines()[-1]  # ends only when no child holds it any more
        assert last == "sync: interrupted by SIGINT"  # and nothing is to be retried
    assert process.returncode == 128 + signal.SIGINT
    assert project.remote("primary") == {}
