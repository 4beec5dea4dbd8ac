"""Follow two pages of docs/: run every command shown with its output, and say where what is printed now differs.

`make examples`, about ten minutes: real experiments on the whole table, so it is no part of `make test`.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.fresh_clone import clone_last_commit, environment_apart
from ops.shared.git import git

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = ("experiments", "decisions")
ELISION = "..."


def main() -> int:
    """Run the examples of every page in a fresh clone of its own; returns 1 if one prints something else."""
    differing = 0
    with tempfile.TemporaryDirectory(prefix="examples-") as folder:
        of_user = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        environment = {**environment_apart(of_user, Path(folder)), "COLUMNS": "110", "PYTHONUNBUFFERED": "1"}
        for page in PAGES:
            clone = Path(folder, page)
            clone_last_commit(REPOSITORY, clone)
            git(clone, "branch", "--move", "main")
            (clone / ".venv").symlink_to(REPOSITORY / ".venv")
            os.utime(clone / "requirements.txt", (0, 0))  # for make, the .venv is newer
            # What is cached is there, but no record of runs: examples run, and are not looked up.
            (clone / ".dvc/cache").mkdir()
            (clone / ".dvc/cache/files").symlink_to(REPOSITORY / ".dvc/cache/files")
            subprocess.run([sys.executable, "-m", "dvc", "checkout"], cwd=clone, env=environment, check=True)
            text = (REPOSITORY / f"docs/{page}.md").read_text(encoding="utf-8")
            for command, shown in examples(text):
                printed = output(command, clone, environment)
                difference = list(compare(shown, printed)) if shown else []
                print(f"{'DIFFERS' if difference else 'same   '} docs/{page}.md: {command}", *difference, sep="\n  ")
                differing += bool(difference)
    return 1 if differing else 0


def examples(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give every command in the text blocks of a page, `$ command`, with the lines shown below it."""
    for block in re.findall(r"^```text\n(\$ .*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = example.replace("\\\n", " ").partition("\n")
            yield " ".join(command.split()), lines(shown)


def output(command: str, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Run a command; returns what it printed, and ends the program where it fails."""
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, encoding="utf-8", check=False, **both)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}FAILED  {command}: exit code {done.returncode}")
    return lines(done.stdout)


def lines(text: str) -> list[str]:
    """Give the lines without what differs from commit to commit: experiments' digests; nor blank ones at the ends."""
    return [re.sub(r"\b[0-9a-f]{7} \[", "....... [", line.rstrip()) for line in text.strip("\n").splitlines()]


def compare(shown: list[str], printed: list[str]) -> Iterator[str]:
    """Give the differing lines; `...` stands for anything, within a line or over many."""
    pattern = ".*".join(map(re.escape, "\n".join(shown).split(ELISION)))
    if not re.fullmatch(pattern, "\n".join(printed), flags=re.DOTALL):
        yield from (line for line in difflib.ndiff(shown, printed) if not line.startswith("  "))


if __name__ == "__main__":
    sys.exit(main())
