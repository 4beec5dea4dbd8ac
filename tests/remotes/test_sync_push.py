"""`ops.sync` with the real clients when a remote fails while it takes the data of a run."""

import json
import shutil

import pytest

from tests.remotes.google_drive import rsa_key
from tests.remotes.small_project import made_from

pytestmark = [pytest.mark.slow, pytest.mark.graph]
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


def test_a_run_is_synchronised_with_both_remotes_and_waits_out_a_rate_limit(changed, servers):
    servers.gdrive.rate_limit(2)
    run(changed, expect=0)
    assert servers.gdrive.refused == 2
    servers.assert_synchronised(changed, made_from(NEW))


@pytest.mark.parametrize(
    ("name", "fault", "says"),
    [
        ("gdrive", lambda server: server.quota_after(2), "quota"),
        ("gdrive", lambda server: server.stop_after(2), "push: gdrive: "),
        ("s3", lambda server: server.stop_after(2), "push: s3: "),
        # The time bounds the good remote too, whose client alone takes seconds to import.
        ("gdrive", lambda server: server.fall_silent(), "push: gdrive: no answer within 15 s; to be retried"),
    ],
    ids=["full drive", "drive gone", "s3 gone", "silent drive"],
)
def test_a_remote_that_fails_does_not_hold_the_other_and_the_next_run_completes_it(changed, servers, name, fault, says):
    fault(servers[name])
    assert says in run(changed, "--timeout", "15" if "15 s" in says else "300", expect=3)
    servers[name].recover()
    assert servers.hold({"gdrive": "s3", "s3": "gdrive"}[name], changed)
    missing = changed.cached().keys() - servers[name].objects.keys()
    assert any(of_object.endswith(".dir") for of_object in missing)  # no directory's list before its files
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


def test_both_remotes_and_the_cache_gone_but_the_workspace_as_recorded(changed, servers):
    servers.stop()
    shutil.rmtree(changed.root / ".dvc/cache")
    assert "not synchronised" in run(changed, expect=3)
    servers.start()
    run(changed, expect=0)
    servers.assert_synchronised(changed, made_from(NEW))


def test_a_key_of_somebody_else_is_refused_in_one_line_that_does_not_show_it(changed, servers):
    key = servers.gdrive.service_account_key(rsa_key.__wrapped__())
    changed.environment["GDRIVE_CREDENTIALS_DATA"] = key
    printed = run(changed, expect=3)
    (line,) = [line for line in printed.splitlines() if line.startswith("sync: push: gdrive: ")]
    assert "invalid_grant" in line
    assert json.loads(key)["private_key"].splitlines()[1] not in printed
    assert servers.hold("s3", changed)
