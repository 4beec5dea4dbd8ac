"""`ops.sync` with the real clients when a remote fails while it takes the data of a run."""

import shutil

import pytest

from tests.remotes.small_project import SEED, made_from

pytestmark = [pytest.mark.slow, pytest.mark.graph]
EACH = pytest.mark.parametrize("name", ["gdrive", "s3"])
NEW = "there was a wolf\n"


@pytest.fixture
def changed(pushed):
    """Give the project with its stages out of date; what they had made before is on both remotes."""
    pushed.change_seed(NEW)
    return pushed


def run(project, *options, expect):
    """Run the stages with their data synchronised; nothing is lost, however it ends."""
    before = project.cached()
    head = project.run("git", "rev-parse", "HEAD")
    printed = project.sync("run", *options, "--", "dvc", "repro", expect=expect)
    assert project.outputs() == made_from(NEW)
    assert before.items() <= project.cached().items()
    assert project.run("git", "rev-parse", "HEAD") == head
    changed = project.run("git", "status", "--porcelain").split()
    assert sorted(changed) == ["M", "M", "dvc.lock", "seed.txt"]
    return printed


def test_a_run_is_synchronised_with_both_remotes(changed, servers):
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


def test_a_rate_limit_is_waited_out(changed, servers):
    servers.gdrive.rate_limit(2)
    run(changed, expect=0)
    assert servers.gdrive.refused == 2
    servers.assert_synchronised(changed, made_from(NEW))


def test_a_rate_limit_told_by_429(changed, servers):
    # pydrive2 1.21.3 does not wait after a 429: that push fails, the next completes it.
    servers.gdrive.rate_limit(1, status=429)
    run(changed, expect=3)
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


def test_a_full_drive(changed, servers):
    servers.gdrive.quota_after(2)
    assert "quota" in run(changed, expect=3)
    assert servers.hold("s3", changed)
    assert not servers.hold("gdrive", changed)
    servers.gdrive.quota_after(None)
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


@EACH
def test_a_server_gone_in_the_middle_of_a_push(changed, servers, name):
    other = {"gdrive": "s3", "s3": "gdrive"}[name]
    servers[name].stop_after(2)
    assert name in run(changed, expect=3)
    servers[name].start()
    assert servers.hold(other, changed)
    assert not servers.hold(name, changed)
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


def test_a_later_run_completes_what_an_earlier_one_could_not_push(changed, servers):
    servers.gdrive.stop_after(2)
    run(changed, expect=3)
    changed.commit()
    changed.change_seed(SEED)
    servers.gdrive.start()
    changed.sync("run", "--", "dvc", "repro")
    changed.commit()
    assert servers.hold("gdrive", changed)
    servers.assert_synchronised(changed, made_from(SEED))


def test_a_server_that_never_answers(changed, servers):
    servers.gdrive.fall_silent()
    # The time bounds the good remote too, whose client alone takes seconds to import.
    assert "no answer within 15 s" in run(changed, "--timeout", "15", expect=3)
    assert servers.hold("s3", changed)
    servers.gdrive.stop()
    servers.gdrive.start()
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


@pytest.mark.parametrize("cache", ["kept", "lost"])
def test_both_remotes_gone_but_the_workspace_as_recorded(changed, servers, cache):
    servers.stop()
    if cache == "lost":
        shutil.rmtree(changed.root / ".dvc/cache")
    assert "not synchronised" in run(changed, expect=3)
    servers.start()
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))
