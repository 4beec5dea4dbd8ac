"""A pull reads what it uses, gets what is at fault from where it is intact, and disturbs nobody."""

import json
import os

import pytest

from ops.sync.run_lock import run_lock

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

TOTAL = b"1\nb\n1\n"


@pytest.mark.parametrize("damaged", [b"", b"1\nb\n2\n", None], ids=["empty", "changed", "a folder"])
@pytest.mark.parametrize(("output", "content"), [("total.txt", TOTAL), ("parts", b"b\n"), ("parts", "list")])
def test_what_was_damaged_in_the_cache_is_fetched_anew_before_it_is_used(pushed, sync, output, content, damaged):
    outputs = pushed.outputs()
    pushed.damage("cache", pushed.listed if content == "list" else content, damaged)
    pushed.lose(output)
    printed = sync("pull")
    assert f"damaged in the cache, to be fetched anew: {output}" in printed
    assert "from primary" in printed
    assert pushed.outputs() == outputs
    assert pushed.cached() == pushed.remote("second")


def test_a_folder_in_place_of_an_object_gives_way_to_the_workspace(pushed, sync):
    for content in (b"b\n", pushed.listed):
        pushed.damage("cache", content)
        assert "nothing to fetch" in sync("pull")
        assert pushed.cached() == pushed.remote("second")


def test_what_is_damaged_here_and_nowhere_intact_stops_the_run_and_stays(pushed, sync):
    for name in ("primary", "second"):
        pushed.object_in(name, TOTAL).unlink()
    pushed.damage("cache", TOTAL, b"half")
    pushed.lose("total.txt")
    assert "total.txt; `make run` makes everything" in sync("run", "--", "touch", "ran", expect=4)
    assert not (pushed.root / "ran").exists()
    assert b"half" in pushed.cached().values()


def test_the_list_of_a_directory_may_be_on_one_remote_and_a_file_of_it_on_the_one_before(pushed, sync):
    outputs = pushed.outputs()
    pushed.object_in("primary", pushed.listed).unlink()
    pushed.object_in("second", b"b\n").unlink()
    pushed.lose(".dvc/cache", *outputs)
    assert "from primary" in sync("pull")
    assert pushed.outputs() == outputs


def test_a_remote_that_gave_no_answer_is_not_asked_in_the_next_round(pushed, sync):
    sync.dead.add("primary")
    pushed.object_in("second", b"b\n").unlink()
    pushed.lose(".dvc/cache", "parts")
    assert "neither here nor on primary, second: parts/b.txt" in sync("pull", expect=4)
    assert sync.calls == [("fetch", "primary"), ("fetch", "second"), ("fetch", "second")]


@pytest.mark.parametrize("action", [["run", "--", "touch", "ran"], ["pull"]])
def test_a_second_run_at_the_same_time_is_refused(project, sync, action):
    with run_lock():
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
