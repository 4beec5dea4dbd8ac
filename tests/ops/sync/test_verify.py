"""Faults on remotes are found by reading, and healed."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from ops.sync import verify
from ops.sync.remote_call import Answer

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make


def test_every_kind_of_fault_is_found_and_healed_from_the_cache(pushed):
    pushed.object_on("primary", b"b\n").unlink()  # behind the list of its directory
    pushed.object_on("primary", b"1\nb\n1\n").write_bytes(b"1\nb\n")
    pushed.object_on("second", b"1\n").write_bytes(b"2\n")
    printed = pushed.sync("verify", code=3)
    for line in (
        "primary: parts/b.txt (3b5d5c3712955042212316173ccf37be): missing",
        "primary: total.txt (bdfb2a0fbe5ba3d0d0fd2c0eb07aa1a1): wrong size: expected 6 bytes, got 4",
        "second: parts/a.txt (b026324c6904b2a9cb4b88d6d61c81d1): wrong hash",
    ):
        assert line.split(" (")[0] in printed
        assert line.split("): ")[1] in printed
    assert "healed" not in printed
    printed = pushed.sync("verify", "--heal")
    assert "primary: healed 2 of 2" in printed
    assert pushed.remote("primary") == pushed.remote("second") == pushed.cached()
    clone = pushed.clone()
    clone.dvc("pull")
    assert clone.outputs() == pushed.outputs()


def test_what_neither_the_cache_nor_the_list_of_the_directory_has_comes_from_the_other_remote(pushed, sync):
    contents = pushed.cached()
    (directory,) = [content for oid, content in contents.items() if oid.endswith(".dir")]
    for content in (directory, b"b\n"):
        pushed.object_on("primary", content).unlink()
    pushed.run("rm", "-rf", ".dvc/cache")
    sync("verify", code=3)
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == contents


def test_a_damaged_copy_in_the_cache_is_not_pushed_but_replaced(pushed, sync):
    contents = pushed.remote("second")
    pushed.object_on("primary", b"b\n").unlink()
    pushed.object_on("project/.dvc/cache", b"b\n").write_bytes(b"c\n")
    (pushed.root / ".dvc/cache/files/md5/3b/5d5c3712955042212316173ccf37be").chmod(0o444)  # as if DVC had checked it
    assert "damaged in the cache" in sync("push", code=3)
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == pushed.cached() == contents
    assert "all there" in sync("push")


def test_what_is_intact_nowhere_is_said_and_nothing_is_deleted(pushed, sync):
    for name in ("primary", "second", "project/.dvc/cache"):
        pushed.object_on(name, b"b\n").write_bytes(b"c\n")
    pushed.run("rm", "-rf", "parts")
    printed = sync("verify", "--heal", code=3)
    assert "nothing healed, there is no intact copy" in printed
    assert "wrong hash" in printed
    assert b"c\n" in pushed.remote("primary").values()
    assert b"c\n" in pushed.cached().values()


def test_what_is_intact_in_the_workspace_only_is_taken_from_there(pushed, sync):
    contents = pushed.cached()
    for name in ("primary", "second"):
        pushed.object_on(name, b"b\n").write_bytes(b"c\n")
    pushed.run("rm", "-rf", ".dvc/cache")
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == pushed.cached() == contents


@pytest.mark.parametrize("place", ["workspace", "remote"])
def test_what_is_damaged_in_the_cache_is_said_and_healed(pushed, sync, place):
    contents = pushed.cached()
    pushed.object_on("project/.dvc/cache", b"b\n").write_bytes(b"c\n")
    folder = pushed.object_on("project/.dvc/cache", b"1\nb\n1\n")
    folder.unlink()
    (folder / "below").mkdir(parents=True)
    if place == "remote":
        pushed.run("rm", "-rf", "parts", "total.txt")
    printed = sync("verify", code=3)
    assert "(the cache here): parts/b.txt (3b5d5c3712955042212316173ccf37be): wrong hash" in printed
    assert "(the cache here): total.txt (0e6340e68da0c2acd903eb9668c4aae4): wrong hash: it is a folder" in printed
    printed = sync("verify", "--heal")
    assert "(the cache here): healed 2 of 2 objects" in printed
    assert pushed.cached() == contents


def test_a_cache_that_lacks_something_is_all_right(pushed, sync):
    pushed.run("rm", "-rf", ".dvc/cache")
    assert "(the cache here)" in sync("verify")


def test_a_remote_that_gives_no_answer_is_no_remote_that_is_all_right(pushed, sync, monkeypatch):
    dead, ask = nullcontext(SimpleNamespace(answer=lambda: Answer("[dead]", {}))), verify.remote_call
    monkeypatch.setattr(verify, "remote_call", lambda *asked: dead if asked[1] == "second" else ask(*asked))
    printed = sync("verify", code=3)
    (row,) = [line for line in printed.splitlines() if "no answer" in line]
    assert "second" in row
    assert "\nsecond: [dead]\n" in printed
