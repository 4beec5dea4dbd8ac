"""Outputs come to the workspace whole or not at all, and nothing that is only there is lost."""

import errno
import os
import shutil
import signal
from pathlib import Path
from sqlite3 import OperationalError

import dvc_objects.fs.local
import pytest
from dvc_data.hashfile.cache import DiskError

from ops.shared.signals import Interrupted
from ops.sync import pull

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

UNFINISHED = ".abcdefghijklmnopqrst-_.tmp"  # as DVC names what it is writing
NO_ROOM = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
    sync("pull")
    assert pushed.outputs() == outputs


def test_what_a_killed_check_out_has_left_does_not_keep_the_next_from_completing_it(pushed, sync):
    outputs = pushed.outputs()
    (pushed.root / "parts/b.txt").unlink()
    (pushed.root / "parts" / UNFINISHED).write_text("half")
    assert "parts brought to the workspace" in sync("pull")
    assert pushed.outputs() == outputs
    assert list(pushed.root.rglob(".*.tmp")) == []


def test_in_a_directory_with_changes_what_is_absent_is_added_and_nothing_else_is_touched(pushed, sync):
    (pushed.root / "parts/a.txt").write_text("by hand")
    (pushed.root / "parts/own.txt").write_text("own")
    (pushed.root / "parts/b.txt").unlink()
    assert "parts differs from dvc.lock and is in no cache: left as it is" in sync("pull")
    contents = {path.name: path.read_bytes() for path in (pushed.root / "parts").iterdir()}
    assert contents == {"a.txt": b"by hand", "own.txt": b"own", "b.txt": b"b\n"}


def test_a_file_in_place_of_a_directory_and_the_reverse_are_left(pushed, sync):
    pushed.lose("parts", "total.txt")
    pushed.write({"parts": "by hand", "total.txt/own.txt": "own"})
    assert "parts, total.txt differs from dvc.lock and is in no cache" in sync("pull")
    assert (pushed.root / "parts").read_text() == "by hand"
    assert (pushed.root / "total.txt/own.txt").read_text() == "own"


def test_where_nothing_can_be_written_one_line_says_so(pushed, sync, monkeypatch):
    pushed.lose("total.txt")
    monkeypatch.setattr("dvc_data.hashfile.checkout.test_links", lambda *_: [])
    assert sync("pull", expect=4).endswith("got: neither a link nor a copy can be made there\n")


@pytest.mark.parametrize("error", [NO_ROOM, OperationalError("database or disk is full"), DiskError("dir", "state")])
def test_trouble_with_the_disk_or_dvcs_databases_is_one_line_and_not_the_code_of_a_run_that_failed(
    project, sync, monkeypatch, error
):
    def fail(*_):
        raise error

    monkeypatch.setattr(pull, "check_out", fail)
    assert sync("pull", expect=4) == f"sync: stopped before anything ran: {error}\n"


@pytest.mark.parametrize("name", ["dvc.yaml", "dvc.lock"])
@pytest.mark.parametrize(
    "text", ["stages: [", "stages: 3", "stages: {split: {outs: 1}}", "- 1", "schema: '9'", "a: &a [*a]"]
)
def test_what_dvc_cannot_read_is_one_line_and_nothing_runs(project, sync, name, text):
    project.write({name: text})
    printed = sync("run", "--", "touch", "ran", expect=4)
    assert printed.startswith("sync: stopped before anything ran: ")
    assert printed.count("\n") == 1
    assert not (project.root / "ran").exists()
