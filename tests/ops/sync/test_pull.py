"""A pull reads what it uses, gets what is at fault from where it is intact, and disturbs nobody."""

import json
import os
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from ops.sync import pull
from ops.sync.remote_call import Answer
from ops.sync.run_lock import run_lock

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

TOTAL = b"1\nb\n1\n"


def damage(path, content=b""):
    """Change an object behind DVC's back: it stays marked as checked."""
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)


@pytest.mark.parametrize("content", [b"", b"1\nb\n2\n"])
def test_what_was_damaged_in_the_cache_is_fetched_anew_before_it_is_used(pushed, sync, content):
    damage(pushed.object_on("project/.dvc/cache", TOTAL), content)
    (pushed.root / "total.txt").unlink()
    printed = sync("pull")
    assert "damaged in the cache, to be fetched anew: total.txt" in printed
    assert "from primary" in printed
    assert pushed.outputs()["total.txt"] == TOTAL
    assert pushed.cached() == pushed.remote("second")


def test_a_damaged_list_of_a_directory_and_a_damaged_file_behind_it(pushed, sync):
    outputs, (listed,) = pushed.outputs(), [text for oid, text in pushed.cached().items() if oid.endswith(".dir")]
    for content in (listed, b"b\n"):
        damage(pushed.object_on("project/.dvc/cache", content), b"[]")
    pushed.run("rm", "-rf", "parts")
    sync("pull")
    assert pushed.outputs() == outputs
    assert pushed.cached() == pushed.remote("second")


def test_what_is_damaged_here_and_nowhere_intact_stops_the_run_and_stays(pushed, sync):
    for name in ("primary", "second"):
        pushed.object_on(name, TOTAL).unlink()
    damage(pushed.object_on("project/.dvc/cache", TOTAL), b"half")
    (pushed.root / "total.txt").unlink()
    assert "total.txt; `make run` makes everything" in sync("run", "--", "touch", "ran", code=4)
    assert not (pushed.root / "ran").exists()
    assert b"half" in pushed.cached().values()


@pytest.mark.parametrize("place", ["lists", "files"])
def test_a_folder_in_place_of_an_object_is_replaced(pushed, sync, place):
    (listed,) = [text for oid, text in pushed.cached().items() if oid.endswith(".dir")]
    path = pushed.object_on("project/.dvc/cache", {"lists": listed, "files": b"b\n"}[place])
    path.unlink()
    (path / "below").mkdir(parents=True)
    sync("pull")  # from the workspace
    assert pushed.cached() == pushed.remote("second")
    path.unlink()
    (path / "below").mkdir(parents=True)
    pushed.run("rm", "-rf", "parts")
    sync("pull")  # from a remote
    assert pushed.cached() == pushed.remote("second")


def test_the_list_of_a_directory_may_be_on_one_remote_and_a_file_of_it_on_the_one_before(pushed, sync):
    outputs, (listed,) = pushed.outputs(), [text for oid, text in pushed.cached().items() if oid.endswith(".dir")]
    pushed.object_on("primary", listed).unlink()
    pushed.object_on("second", b"b\n").unlink()
    pushed.run("rm", "-rf", ".dvc/cache", "parts", "total.txt")
    assert "from primary" in sync("pull")
    assert pushed.outputs() == outputs


def test_a_remote_that_gave_no_answer_is_not_asked_in_the_next_round(pushed, sync, monkeypatch):
    asked, ask, dead = [], pull.remote_call, nullcontext(SimpleNamespace(answer=lambda: Answer("dead", {})))

    def call(action, remote, *rest):
        if remote != "primary":
            return ask(action, remote, *rest)
        asked.append(remote)
        return dead

    monkeypatch.setattr(pull, "remote_call", call)
    pushed.object_on("second", b"b\n").unlink()
    pushed.run("rm", "-rf", ".dvc/cache", "parts")
    assert "neither here nor on primary, second: parts/b.txt" in sync("pull", code=4)
    assert asked == ["primary"]


@pytest.mark.parametrize("action", [["run", "--", "touch", "ran"], ["pull"]])
def test_a_second_run_at_the_same_time_is_refused(project, sync, action):
    with run_lock():
        assert f"another run is under way (PID {os.getpid()})" in sync(*action, code=4)
    assert not (project.root / "ran").exists()
    sync("pull")


@pytest.mark.parametrize("claim", ["write", "read"])
def test_what_a_running_stage_makes_or_reads_is_not_touched(pushed, sync, claim):
    (pushed.root / "parts/b.txt").unlink()
    process = {"pid": os.getppid(), "cmd": "dvc repro"}
    path = str(pushed.root / "parts")
    claims = {"read": {path: [process]}} if claim == "read" else {"write": {path: process}}
    (pushed.root / ".dvc/tmp/rwlock").write_text(json.dumps(claims))
    last = sync("run", "--", "touch", "ran", code=4).splitlines()[-1]
    assert f"stopped before anything ran: '{path}' is busy" in last
    assert f"(PID {os.getppid()}): dvc repro" in last
    assert not (pushed.root / "parts/b.txt").exists()
    assert not (pushed.root / "ran").exists()
    (pushed.root / ".dvc/tmp/rwlock").unlink()
    sync("pull")
    assert (pushed.root / "parts/b.txt").exists()
