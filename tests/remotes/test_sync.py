"""`ops.sync` with the real clients of Google Drive and S3: what only these can show.

What a remote of any kind comes to (no answer, nothing there, no room here) is in `tests/ops/sync`.
"""

import json
import sys

import pytest

from tests.remotes.google_drive import rsa_key
from tests.remotes.small_project import SEED, made_from, title

pytestmark = [pytest.mark.slow, pytest.mark.graph]
ORIGINAL = made_from(SEED)


def holds(server, project):
    """Say whether a remote holds all that the project's cache holds, byte for byte."""
    return project.cached().items() <= server.objects.items()


def assert_synchronised(project, servers, outputs):
    """Both remotes hold everything, and a fresh clone gets the outputs from either by DVC's own pull."""
    project.commit()
    for name, server in servers.items():
        assert holds(server, project), name
        clone = project.clone_to(project.root.with_name(f"clone-of-{name}"))
        clone.dvc("pull", "--remote", name)
        assert clone.outputs() == outputs, name


def test_no_host_but_loopback_is_asked(project):
    # 192.0.2.1 is of a network for examples (RFC 5737): nobody would answer either.
    ask = "import socket; socket.create_connection(('192.0.2.1', 80))"
    with pytest.raises(AssertionError, match=r"asked for 192\.0\.2\.1"):
        project.run(sys.executable, "-c", ask, expect=1)


def test_what_is_missing_or_damaged_on_one_remote_comes_from_the_other_and_is_healed(project, servers, tmp_path):
    (listed,) = [name.partition("/")[2] for name in project.cached() if name.endswith(".dir")]
    titles = {output: title(content) for output, content in ORIGINAL.items()} | {"parts": listed}
    for name, damaged, lost in (("s3", "parts", "words.txt"), ("gdrive", "parts/0.txt", "parts/3.txt")):
        servers[name].corrupt(titles[damaged])
        servers[name].remove(titles[lost])
    clone = project.clone_to(tmp_path / "clone")
    printed = clone.sync("pull", "--remotes", "s3,gdrive")
    assert clone.outputs() == ORIGINAL
    assert clone.run("git", "status", "--porcelain") == ""
    for line in (
        "s3: 1 missing, 1 arrived damaged",
        "gdrive: 1 missing, 1 arrived damaged",
        "all that was missing is here, from s3",
    ):
        assert f"sync: pull: {line}" in printed
    printed = clone.sync("verify", expect=3)
    for output in ("parts", "words.txt", "parts/0.txt", "parts/3.txt"):
        assert titles[output] in printed
    servers["gdrive"].quota_after(1)
    assert "quota" in clone.sync("verify", "--heal", expect=3)
    servers["gdrive"].recover()
    clone.sync("verify", "--heal")
    assert_synchronised(project, servers, ORIGINAL)


def test_a_remote_that_fails_does_not_hold_the_other_and_the_next_run_completes_it(project, servers):
    before, head = project.cached(), project.run("git", "rev-parse", "HEAD")
    for seed, failing, fault, says in (
        ("there was a wolf\n", "gdrive", servers["gdrive"].quota_after, "storage quota"),
        ("and a fox\n", "s3", servers["s3"].gone_after, ""),
    ):
        fault(2)
        project.write({"seed.txt": seed})
        (line,) = [
            line
            for line in project.sync("run", "--", "dvc", "repro", expect=3).splitlines()
            if line.startswith(f"sync: push: {failing}: ") and line.endswith("; to be retried")
        ]
        assert says in line
        assert project.outputs() == made_from(seed)
        (other,) = servers.keys() - {failing}
        assert holds(servers[other], project)
        servers[failing].recover()
        lacking = project.cached().keys() - servers[failing].objects.keys()
        assert any(name.endswith(".dir") for name in lacking)  # no directory's list before its files
        servers["gdrive"].rate_limit(2)
    project.sync("run", "--", "dvc", "repro")
    assert servers["gdrive"].refused == 4
    assert before.items() <= project.cached().items()
    assert project.run("git", "rev-parse", "HEAD") == head
    assert_synchronised(project, servers, made_from(seed))


def test_a_key_of_somebody_else_is_refused_in_one_line_that_does_not_show_it(project, servers):
    key = servers["gdrive"].service_account_key(rsa_key.__wrapped__())
    project.environment["GDRIVE_CREDENTIALS_DATA"] = key
    printed = project.sync("push", expect=3)
    (line,) = [line for line in printed.splitlines() if line.startswith("sync: push: gdrive: ")]
    assert "invalid_grant" in line
    assert json.loads(key)["private_key"].splitlines()[1] not in printed
    assert holds(servers["s3"], project)
