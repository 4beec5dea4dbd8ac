import os
import sys
from pathlib import Path

import pytest

from credit.core.errors import InputError
from ops.fresh_clone import clone_last_commit, commit_changes, environment_apart, uncommitted
from ops.shared.git import git


@pytest.fixture
def committed(tmp_path):
    """Give a Git repository with one committed file."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "kept.txt").write_text("kept")
    git(folder, "add", "kept.txt")
    git(folder, "-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "--message", "one file")
    return folder


def test_environment_starts_with_this_interpreter_and_has_nothing_of_the_users(tmp_path):
    given = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DVC_STUDIO_TOKEN": "secret",
        "DVC_SITE_CACHE_DIR": "/var/tmp/mine",
        "GIT_DIR": "/home/me/.git",
    }
    made = environment_apart(given, tmp_path)
    assert made["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/bin"]
    assert made["HOME"] == "/home/me"
    assert not made.keys() & {"PYTHONDONTWRITEBYTECODE", "DVC_STUDIO_TOKEN", "GIT_DIR"}
    assert Path(made["DVC_SITE_CACHE_DIR"]).is_relative_to(tmp_path)
    assert "check_update = false" in Path(made["DVC_GLOBAL_CONFIG_DIR"], "config").read_text()


def test_clone_has_the_last_commit_and_no_way_back_and_changes_are_committed_if_there_are_any(committed, tmp_path):
    (committed / "kept.txt").write_text("changed")
    (committed / "new.txt").write_text("new")
    assert uncommitted(committed) == 2
    clone = tmp_path / "clone"
    clone_last_commit(committed, clone)
    assert (clone / "kept.txt").read_text() == "kept"
    assert not (clone / "new.txt").exists()
    assert git(clone, "remote") == b""
    for text, commits in (("kept", "1"), ("changed", "2")):
        (clone / "kept.txt").write_text(text)
        commit_changes(clone)
        assert uncommitted(clone) == 0
        assert git(clone, "rev-list", "--count", "HEAD") == f"{commits}\n".encode()


def test_what_is_no_repository_is_refused(tmp_path):
    with pytest.raises(InputError, match="`git rev-parse` failed: fatal"):
        clone_last_commit(tmp_path, tmp_path / "clone")
