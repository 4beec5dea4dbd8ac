"""The real `dvc` against both fakes: they can be believed, and this is what DVC does by itself.

What it does not do by itself (repair, take the other remote) is what `ops.sync` is for; see the neighbouring tests.
"""

import sys

import pytest

from tests.remotes.small_project import SEED, made_from, title

pytestmark = pytest.mark.slow
EACH = pytest.mark.parametrize("name", ["gdrive", "s3"])
ORIGINAL = made_from(SEED)


def test_no_host_but_loopback_is_asked(project):
    # 192.0.2.1 is of a network for examples (RFC 5737): nobody would answer either.
    ask = "import socket; socket.create_connection(('192.0.2.1', 80))"
    with pytest.raises(AssertionError, match=r"asked for 192\.0\.2\.1"):
        project.run(sys.executable, "-c", ask, expect=1)


@EACH
def test_what_is_pushed_is_pulled_byte_for_byte_but_a_changed_object_is_not(project, clone, servers, name):
    project.dvc("push", "--remote", name)
    assert servers[name].objects == project.cached()
    clone.dvc("pull", "--remote", name)
    assert clone.outputs() == project.outputs() == ORIGINAL
    assert clone.cached() == project.cached()
    clone.run("rm", "-rf", ".dvc/cache", "words.txt")
    servers[name].corrupt(title(ORIGINAL["words.txt"]))
    clone.dvc("pull", "--remote", name, expect=1)
    assert "words.txt" not in clone.outputs()
    assert clone.cached().items() < project.cached().items()


@EACH
def test_a_file_lost_behind_its_directory_is_not_pushed_again(project, servers, name):
    project.dvc("push", "--remote", name)
    servers[name].remove(title(ORIGINAL["parts/3.txt"]))
    project.dvc("push", "--remote", name)
    assert not servers.hold(name, project)
