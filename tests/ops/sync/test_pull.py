"""A pull reads what it uses, gets what is at fault from where it is intact, loses nothing and disturbs nobody."""

import errno
import json
import os
import shutil
import signal
from pathlib import Path
from sqlite3 import OperationalError

import dvc_objects.fs.local
import pytest
from dvc.repo import Repo
from dvc_data.hashfile.cache import DiskError

from ops.shared.signals import Interrupted
from ops.sync import objects, pull
from ops.sync.state import run_lock

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

TOTAL = b"1\nb\n1\n"
UNFINISHED = ".abcdefghijklmnopqrst-_.tmp"  # as DVC names what it is writing
NO_ROOM = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("output", "content", "damaged"),
    [("total.txt", TOTAL, b"1\nb\n2\n"), ("parts", b"b\n", b""), ("parts", "list", b"")],
    ids=["file", "file of a directory", "list of a directory"],
)
def test_what_was_damaged_in_the_cache_is_fetched_anew_before_it_is_used(pushed, sync, output, content, damaged):
    outputs = pushed.outputs()
    pushed.damage("cache", pushed.listed if content == "list" else content, damaged)
    pushed.lose(output)
    printed = sync("pull")
    assert f"damaged in the cache, to be fetched anew: {output}" in printed
    assert "from primary" in printed
    assert pushed.outputs() == outputs
    assert pushed.cached() == pushed.remote("second")


def test_without_a_remote_and_a_cache_the_workspace_will_do(pushed, sync):
    contents = pushed.cached()
    pushed.break_remotes("primary", "second")
    pushed.lose(".dvc/cache")
    assert "the run is fine, but not synchronised" in sync("run", "--", "true", expect=3)
    assert pushed.cached() == contents


def test_the_list_of_a_directory_may_be_on_one_remote_and_a_file_of_it_on_the_one_before(pushed, sync):
    outputs = pushed.outputs()
    pushed.object_in("primary", pushed.listed).unlink()
    pushed.object_in("second", b"b\n").unlink()
    pushed.lose(".dvc/cache", *outputs)
    assert "from primary" in sync("pull")
    assert pushed.outputs() == outputs


def test_what_is_intact_in_the_cache_is_read_once(pushed, sync, monkeypatch):
    read, fault = [], objects._fault
    monkeypatch.setattr(objects, "_fault", lambda store, item: read.append(item.path) or fault(store, item))
    pushed.object_in("cache", b"b\n").unlink()
    pushed.lose("parts", "total.txt")
    sync("pull")
    assert sorted(read) == ["parts", "parts/a.txt", "parts/b.txt", "total.txt"]  # what came, when it had come


def test_a_remote_that_gave_no_answer_is_not_asked_in_the_next_round(pushed, sync):
    sync.dead.add("primary")
    pushed.object_in("second", b"b\n").unlink()
    pushed.lose(".dvc/cache", "parts")
    assert "neither here nor on primary, second: parts/b.txt" in sync("pull", expect=4)
    assert sync.calls == [("fetch", "primary"), ("fetch", "second"), ("fetch", "second")]


def test_a_second_run_at_the_same_time_is_refused(project, sync):
    with run_lock():
        for action in (["run", "--", "touch", "ran"], ["pull"]):
            assert f"another run is under way (PID {os.getpid()})" in sync(*action, expect=4)
    assert not (project.root / "ran").exists()
    sync("pull")


@pytest.mark.parametrize("mode", ["write", "read"])
def test_what_a_running_stage_makes_or_reads_is_not_touched(pushed, sync, mode):
    (pushed.root / "parts/b.txt").unlink()
    stage = {"pid": os.getppid(), "cmd": "dvc repro"}
    path = str(pushed.root / "parts")
    locks = {"read": {path: [stage]}} if mode == "read" else {"write": {path: stage}}
    (pushed.root / ".dvc/tmp/rwlock").write_text(json.dumps(locks))
    last = sync("run", "--", "touch", "ran", expect=4).splitlines()[-1]
    assert f"stopped before anything ran: '{path}' is busy" in last
    assert f"(PID {os.getppid()}): dvc repro" in last
    assert not (pushed.root / "parts/b.txt").exists()
    assert not (pushed.root / "ran").exists()
    (pushed.root / ".dvc/tmp/rwlock").unlink()
    sync("pull")
    assert (pushed.root / "parts/b.txt").exists()


def test_a_signal_does_not_leave_dvcs_list_of_locks_half_written(pushed, sync, monkeypatch):
    written = json.dump

    def dump(content, file, **options):
        os.kill(os.getpid(), signal.SIGTERM)
        written(content, file, **options)

    pushed.lose("parts")
    with monkeypatch.context() as patch:
        patch.setattr("dvc.rwlock.json.dump", dump)
        assert "interrupted by SIGTERM" in sync("pull", expect=128 + signal.SIGTERM)
    assert json.loads((pushed.root / ".dvc/tmp/rwlock").read_text()) == {"read": {}}
    assert "parts brought to the workspace" in sync("pull")


def copies_until(error, root):
    """Give what copies one file to the workspace; of the second it writes half, as DVC does, and raises the error."""
    copied = []

    def copyfile(source, target, **_):
        if not target.startswith(f"{root}/.dvc/"):
            copied.append(target)
        shutil.copyfile(source, target)
        if len(copied) > 1:
            Path(target).write_bytes(b"x")
            raise error

    return copyfile


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (NO_ROOM, 4, "anything ran: parts: expected to write it to the workspace, got: [Errno 28] No space left"),
        (Interrupted(signal.SIGTERM), 128 + signal.SIGTERM, "interrupted by SIGTERM"),
    ],
    ids=["no room", "signal"],
)
def test_a_check_out_that_breaks_off_leaves_nothing_half_done(pushed, sync, monkeypatch, error, code, says):
    outputs = pushed.outputs()
    pushed.lose("parts")
    with monkeypatch.context() as patch:
        patch.setattr(dvc_objects.fs.local, "copyfile", copies_until(error, pushed.root))
        printed = sync("run", "--", "touch", "ran", expect=code)
    assert says in printed.splitlines()[-1]
    assert not (pushed.root / "ran").exists()
    assert list(pushed.root.rglob(".*.tmp")) == []
    (pushed.root / "parts").mkdir(exist_ok=True)
    (pushed.root / "parts" / UNFINISHED).write_text("half")  # of one that was killed
    sync("pull")
    assert pushed.outputs() == outputs
    assert list(pushed.root.rglob(".*.tmp")) == []


def test_an_output_with_changes_is_left_as_it_is(pushed, sync):
    (pushed.root / "parts/a.txt").write_text("by hand")
    (pushed.root / "parts/b.txt").unlink()
    pushed.lose("total.txt")
    pushed.write({"parts/own.txt": "own", "total.txt/own.txt": "own"})
    assert "parts, total.txt differs from dvc.lock and is in no cache: left as it is" in sync("pull")
    assert {path.name: path.read_text() for path in (pushed.root / "parts").iterdir()} == {
        "a.txt": "by hand",
        "own.txt": "own",
    }
    assert (pushed.root / "total.txt/own.txt").read_text() == "own"


def test_what_dvc_says_in_colours_of_a_lock_that_another_holds_is_said_without(project, sync, monkeypatch):
    monkeypatch.setattr("dvc.lock.DEFAULT_TIMEOUT", 0)
    project.lose("total.txt")
    with Repo() as repo, repo.lock:
        said = sync("pull", expect=4)
    assert "Unable to acquire lock. Most likely another DVC process is running" in said
    assert "Check the page <https://dvc.org/" in said


@pytest.mark.parametrize("error", [NO_ROOM, OperationalError("database or disk is full"), DiskError("dir", "state")])
def test_trouble_with_the_disk_or_dvcs_databases_is_one_line_and_not_the_code_of_a_run_that_failed(
    project, sync, monkeypatch, error
):
    def fail(*_):
        raise error

    monkeypatch.setattr(pull, "keep_in_cache", fail)
    assert sync("pull", expect=4) == f"sync: stopped before anything ran: {error}\n"


@pytest.mark.parametrize(
    ("name", "text"), [("dvc.yaml", "stages: ["), ("dvc.lock", "stages: 3"), ("dvc.yaml", "a: &a [*a]")]
)
def test_what_dvc_cannot_read_is_one_line_and_nothing_runs(project, sync, name, text):
    project.write({name: text})
    printed = sync("run", "--", "touch", "ran", expect=4)
    assert printed.startswith("sync: stopped before anything ran: ")
    assert printed.count("\n") == 1
    assert not (project.root / "ran").exists()
