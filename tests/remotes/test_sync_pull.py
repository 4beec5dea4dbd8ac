"""`ops.sync` with the real clients when a remote lacks data, holds other data, or there is no room for them."""

import hashlib
import sys

import pytest

from tests.remotes.small_project import SEED, limited, made_from, title

pytestmark = [pytest.mark.slow, pytest.mark.graph]
ORIGINAL = made_from(SEED)
FILES = ["words.txt", "parts/3.txt"]  # an object of its own and one of a directory
RUN_TOUCH = (sys.executable, "-m", "ops.sync", "run", "--", "python", "-c", "open('command_ran', 'w')")


def assert_stopped_before_the_command(clone, *wrapper):
    """Nothing runs, and nothing that is not what its name says stays in the cache or the workspace."""
    clone.run(*wrapper, *RUN_TOUCH, expect=4)
    assert not (clone.root / "command_ran").exists()
    assert clone.outputs() == {}
    for name, content in clone.cached().items():
        assert hashlib.md5(content).hexdigest() == name.replace("/", "").removesuffix(".dir")
    assert clone.run("git", "status", "--porcelain") == ""


def assert_pulled(clone, *options):
    printed = clone.sync("pull", *options)
    assert clone.outputs() == ORIGINAL
    assert clone.run("git", "status", "--porcelain") == ""
    return printed


def title_of(project, output):
    """Name the object of an output; that of the directory is the list of its files."""
    if output in ORIGINAL:
        return title(ORIGINAL[output])
    (listed,) = [name for name in project.cached() if name.endswith(".dir")]
    return listed.partition("/")[2]


def test_no_host_but_loopback_is_asked(project):
    # 192.0.2.1 is of a network for examples (RFC 5737): nobody would answer either.
    ask = "import socket; socket.create_connection(('192.0.2.1', 80))"
    with pytest.raises(AssertionError, match=r"asked for 192\.0\.2\.1"):
        project.run(sys.executable, "-c", ask, expect=1)


@pytest.mark.parametrize(
    ("name", "fault", "outputs"),
    [
        ("gdrive", "corrupt", FILES),
        ("gdrive", "remove", FILES),
        ("gdrive", "corrupt", ["parts"]),  # the list of a directory
        ("s3", "corrupt", [*FILES, "parts"]),
    ],
)
def test_what_is_at_fault_on_one_remote_comes_from_the_other(pushed, clone, servers, name, fault, outputs):
    other = {"gdrive": "s3", "s3": "gdrive"}[name]
    for output in outputs:
        getattr(servers[name], fault)(title_of(pushed, output))
    printed = assert_pulled(clone, "--remotes", f"{name},{other}")
    assert f"sync: pull: {name}: " in printed
    assert f"{'arrived damaged' if fault == 'corrupt' else 'missing'}" in printed
    assert f"all that was missing is here, from {other}" in printed
    printed = clone.sync("verify", "--remotes", name, expect=3)
    assert all(title_of(pushed, output) in printed for output in outputs)
    clone.sync("verify", "--heal")
    servers.assert_synchronised(pushed, ORIGINAL)


def test_an_object_at_fault_on_both_remotes_stops_the_run(pushed, clone, servers):
    for server in servers.values():
        server.corrupt(title(ORIGINAL["parts/3.txt"]))
    assert_stopped_before_the_command(clone)


def test_a_repair_that_a_full_drive_ends_says_so_and_is_completed_by_the_next(pushed, servers):
    for output in FILES:
        servers.gdrive.corrupt(title_of(pushed, output))
    servers.gdrive.quota_after(1)
    assert "quota" in pushed.sync("verify", "--heal", expect=3)
    assert pushed.outputs() == ORIGINAL
    servers.gdrive.recover()
    pushed.sync("verify", "--heal")
    servers.assert_synchronised(pushed, ORIGINAL)


def test_a_repair_keeps_a_local_object_that_cannot_be_read_just_then(pushed, servers):
    before = pushed.cached()
    for server in servers.values():
        server.remove(title_of(pushed, "parts/3.txt"))
    pushed.environment["UNREADABLE"] = title_of(pushed, "parts/3.txt")
    pushed.sync("verify", "--heal", expect=3)
    assert pushed.cached() == before
    del pushed.environment["UNREADABLE"]
    pushed.sync("verify", "--heal")
    servers.assert_synchronised(pushed, ORIGINAL)


def test_no_room_for_what_is_pulled(pushed, tmp_path):
    # A limit on the length of a file stands in for the full disk: writing fails in the same place (EFBIG, ENOSPC).
    pushed.change_seed("x" * 40_000)
    pushed.dvc("repro")
    pushed.commit()
    pushed.sync("push")
    clone = pushed.clone_to(tmp_path / "clone")
    assert_stopped_before_the_command(clone, *limited(200_000))
    clone.sync("pull")
    assert clone.outputs() == made_from("x" * 40_000)
