"""Faults on remotes are found by reading, and healed."""

import pytest

pytestmark = pytest.mark.slow


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


def test_what_neither_the_cache_nor_the_list_of_the_directory_has_comes_from_the_other_remote(pushed):
    contents = pushed.cached()
    (directory,) = [content for oid, content in contents.items() if oid.endswith(".dir")]
    for content in (directory, b"b\n"):
        pushed.object_on("primary", content).unlink()
    pushed.run("rm", "-rf", ".dvc/cache")
    pushed.sync("verify", code=3)
    pushed.sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == contents


def test_a_damaged_copy_in_the_cache_is_not_pushed_but_replaced(pushed):
    contents = pushed.remote("second")
    pushed.object_on("primary", b"b\n").unlink()
    pushed.object_on("project/.dvc/cache", b"b\n").write_bytes(b"c\n")
    (pushed.root / ".dvc/cache/files/md5/3b/5d5c3712955042212316173ccf37be").chmod(0o444)  # as if DVC had checked it
    assert "damaged in the cache" in pushed.sync("push", code=3)
    pushed.sync("verify", "--heal")
    assert pushed.remote("primary") == pushed.remote("second") == pushed.cached() == contents
    assert "all there" in pushed.sync("push")


def test_what_is_intact_nowhere_is_said_and_nothing_is_deleted(pushed):
    for name in ("primary", "second", "project/.dvc/cache"):
        pushed.object_on(name, b"b\n").write_bytes(b"c\n")
    printed = pushed.sync("verify", "--heal", code=3)
    assert "nothing healed, there is no intact copy" in printed
    assert "wrong hash" in printed
    assert b"c\n" in pushed.remote("primary").values()


def test_a_remote_that_gives_no_answer_is_no_remote_that_is_all_right(pushed):
    pushed.break_remote("second")
    assert "second" in pushed.sync("verify", code=3)
