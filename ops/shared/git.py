"""Git, as a program that is asked."""

import os
import subprocess
from pathlib import Path

from credit.core.errors import InputError

OF_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")  # set while a Git hook runs


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run Git in `folder` and return what it prints; raises InputError with what it complains of."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_REPOSITORY}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, check=False
    )
    if done.returncode != 0:
        complaint = next(iter(lines(done.stderr)), f"exit code {done.returncode}")
        raise InputError(f"{folder}: `git {arguments[0]}` failed: {complaint}")
    return done.stdout


def text_of(printed: bytes) -> str:
    """Decode what Git prints; a name may be in another encoding."""
    return printed.decode(errors="replace")


def lines(printed: bytes) -> list[str]:
    """Split what Git prints into lines, and not at what else Unicode takes for the end of one."""
    return [line for line in text_of(printed).split("\n") if line]
