"""A clone of the last commit to run DVC in, apart from the user's workspace, cache and configuration."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.shared.git import OF_ANOTHER_REPOSITORY, git, text_of

NO_UPDATES = "[core]\n    analytics = false\n    check_update = false\n"  # both run on behind a command that has ended


def environment_apart(environment: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Make the environment of a user who has this interpreter and nothing else set up.

    Parameters
    ----------
    environment : the environment of this process. Its DVC settings and the ban on compiled modules are left out.
    scratch : directory for DVC's global, system and site files, so that no cache or token of the user's is used.
    """
    (scratch / "global").mkdir()
    (scratch / "global/config").write_text(NO_UPDATES, encoding="utf-8")
    left_out = {"PYTHONDONTWRITEBYTECODE", *OF_ANOTHER_REPOSITORY}
    kept = {name: value for name, value in environment.items() if name not in left_out and not name.startswith("DVC_")}
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)]),
        "DVC_GLOBAL_CONFIG_DIR": str(scratch / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(scratch / "system"),
        "DVC_SITE_CACHE_DIR": str(scratch / "site"),
    }


def clone_last_commit(repository: Path, target: Path) -> Path:
    """Clone `repository` as last committed to `target`, without a way back to it.

    Parameters
    ----------
    repository : the project's folder; Git's repository may be one above it.

    Returns
    -------
    The project's folder in the clone.

    Raises
    ------
    InputError
        `repository` is no Git repository with a commit.
    """
    identity = ["--config", "user.name=bench", "--config", "user.email=bench@localhost"]
    top, below = (
        text_of(git(repository, "rev-parse", asked)).rstrip("\n") for asked in ("--show-toplevel", "--show-prefix")
    )
    git(repository, "clone", "--quiet", "--no-hardlinks", *identity, top, str(target))
    git(target, "remote", "remove", "origin")  # an experiment could be pushed to it
    return target / below


def uncommitted(repository: Path) -> int:
    """Count the project's files that are not as in the last commit."""
    return len(git(repository, "status", "--porcelain", "--", ".").splitlines())


def commit_changes(repository: Path) -> None:
    """Commit every change, if there is one."""
    if uncommitted(repository):
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", "result of the run")
