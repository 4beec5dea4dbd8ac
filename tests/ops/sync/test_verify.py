"""Faults on remotes and in the cache are found by reading, and healed."""

import errno
import os

import pytest

from ops.sync import objects

pytestmark = pytest.mark.slow  # the project that they share takes seconds to make

TOTAL = b"1\nb\n1\n"


def test_every_kind_of_fault_is_found_and_healed_from_the_cache(pushed, sync):
    pushed.object_in("primary", b"b\n").unlink()  # behind the list of its directory
    pushed.damage("primary", TOTAL, b"1\nb\n")
    pushed.damage("second", b"1\n", b"2\n")
    pushed.object_in("second", pushed.listed).unlink()
    printed = sync("verify", expect=3)
    for line in (
        "primary: parts/b.txt (3b5d5c3712955042212316173ccf37be): missing",
        "primary: total.txt (0e6340e68da0c2acd903eb9668c4aae4): wrong size: expected 6 bytes, got 4",
        "second: parts/a.txt (b026324c6904b2a9cb4b88d6d61c81d1): wrong hash: got 26ab0db90d72e28ad0ba1e22ee510510",
    ):
        assert line in printed
    assert "healed" not in printed
    assert "primary: healed 2 of 2" in sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == pushed.cached()


def test_what_the_cache_does_not_have_either_comes_from_the_other_remote_or_the_workspace(pushed, sync):
    contents = pushed.cached()
    pushed.object_in("primary", pushed.listed).unlink()
    pushed.damage("second", TOTAL, b"c\n")
    for name in ("primary", "second"):
        pushed.object_in(name, b"b\n").unlink()
    pushed.lose(".dvc/cache")
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == contents


def test_what_is_damaged_in_the_cache_is_not_pushed(pushed, sync):
    contents = pushed.cached()
    pushed.object_in("primary", b"b\n").unlink()
    pushed.damage("cache", b"b\n", b"c\n")
    assert "damaged in the cache" in sync("push", expect=3)
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.cached() == contents
    assert "all there" in sync("push")


def test_what_is_intact_nowhere_is_said_and_nothing_is_deleted(pushed, sync):
    for store in ("primary", "second", "cache"):
        pushed.damage(store, b"b\n", b"c\n")
    pushed.lose("parts")
    printed = sync("verify", "--heal", expect=3)
    assert "nothing healed, there is no intact copy" in printed
    assert "wrong hash" in printed
    assert b"c\n" in pushed.remote("primary").values()
    assert b"c\n" in pushed.cached().values()


def test_what_is_damaged_in_the_cache_is_said_and_healed_from_a_remote(pushed, sync):
    contents = pushed.cached()
    pushed.damage("cache", b"b\n", b"c\n")
    pushed.damage("cache", TOTAL, b"1\n")
    pushed.lose("parts", "total.txt")
    printed = sync("verify", expect=3)
    assert "(the cache here): parts/b.txt (3b5d5c3712955042212316173ccf37be): wrong hash" in printed
    assert "(the cache here): total.txt (0e6340e68da0c2acd903eb9668c4aae4): wrong size" in printed
    assert "(the cache here): healed 2 of 2 objects" in sync("verify", "--heal")
    assert pushed.cached() == contents


def test_a_file_that_cannot_be_read_just_then_is_said_and_not_lost(pushed, sync, monkeypatch):
    contents, opened = pushed.cached(), objects.HashStreamFile
    for name in ("primary", "second"):
        pushed.object_in(name, TOTAL).unlink()
    pushed.lose("total.txt")

    def bad_disk(content):
        if content.read() == TOTAL:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        content.seek(0)
        return opened(content)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "HashStreamFile", bad_disk)
        printed = sync("verify", "--heal", expect=3)
    assert "total.txt (0e6340e68da0c2acd903eb9668c4aae4): unreadable: [Errno 5] Input/output error" in printed
    assert pushed.cached() == contents
    sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == contents


def test_a_cache_that_lacks_something_is_all_right_and_a_remote_without_an_answer_is_not(pushed, sync):
    pushed.lose(".dvc/cache")
    assert "(the cache here)" in sync("verify")
    sync.dead.add("second")
    pushed.object_in("primary", TOTAL).unlink()
    pushed.lose("total.txt")
    printed = sync("verify", "--heal", expect=3)
    assert {line.split()[1] for line in printed.splitlines() if "no answer" in line} == {"second"}
    assert "\nsecond: [dead]\n" in printed
    assert ("fetch", "primary") in sync.calls
    assert ("fetch", "second") not in sync.calls
