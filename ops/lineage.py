"""Where the model card comes from: the commit that has it beside this dvc.lock, and whether what it says is true.

`python -m ops.lineage` exits with 1 if card, lock, parameters, inputs or the card's files do not belong together.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from credit.core.errors import InputError
from ops.history.folders import changed_files, read_sources
from ops.history.lock import is_complete, other_deps, other_params, outputs, read_yaml, sources
from ops.shared.git import git, text_of

CARD, LOCK = "models/MODEL_CARD.md", "dvc.lock"
PARAMS, GRAPH = "params.yaml", "dvc.yaml"
ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{32})` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def differences(card: str, lock: Mapping[str, str]) -> Iterator[str]:
    """Say what is not as the card says; of a file that is not here, only the lock can tell.

    Parameters
    ----------
    card : its text.
    lock : path -> MD5 of the outputs in dvc.lock.
    """
    rows = ROW.findall(card)
    if not rows:
        raise InputError(f"{CARD}: expected a table of files with their digests, found none; run `dvc repro card`")
    for path, md5, sha256 in rows:
        if lock.get(path) != md5:
            yield f"{path}: the card has MD5 {md5}, {LOCK} has {lock.get(path, 'no such output')}"
        if Path(path).is_file() and (here := _digest(path, "sha256")) != sha256:
            yield f"{path}: the card has SHA-256 {sha256}, the file here {here}"


def faults(lock: Mapping[str, Any], params: Mapping[str, Any], graph: Mapping[str, Any]) -> Iterator[str]:
    """Say where dvc.lock is not that of this card, these parameters, these inputs and this graph."""
    made = outputs(lock)
    if made.get(CARD) != (here := _digest(CARD, "md5")):
        yield f"{CARD}: {LOCK} has MD5 {made.get(CARD, 'of no such output')}, the file here {here}"
    others = [f"{name} in {PARAMS}" for name in other_params(lock, params)] + changed_sources(lock)
    for stage, paths in other_deps(lock, params, graph).items():
        yield f"{LOCK}: {stage} did not read {', '.join(paths)}, as {GRAPH} and {PARAMS} say: run `dvc repro`"
    if others:
        yield f"{LOCK} was made with another {', '.join(others)}: run `dvc repro`"
    elif not is_complete(lock, params, graph.get("stages", {})):
        yield f"{LOCK}: not every stage of {GRAPH} ran, or not on what the others made: run `dvc repro`"


def changed_sources(lock: Mapping[str, Any]) -> list[str]:
    """Name the files here that stages read and no stage wrote and that are others than in dvc.lock."""
    root, recorded = Path(), sources(lock)
    differing = [path for path, md5 in read_sources(root, recorded).items() if recorded.get(path, md5) != md5]
    return [name for path in differing for name in (changed_files(root, path) if Path(path).is_dir() else [path])]


def commit() -> str | None:
    """Name the newest commit up to HEAD that has both this card and this dvc.lock; None if there is none."""
    here = _git("hash-object", "--", CARD, LOCK).split()
    commits = _git("rev-list", "HEAD").split()
    asked = "".join(f"{name}:./{path}\n" for name in commits for path in (CARD, LOCK))
    blobs = _git("cat-file", "--batch-check=%(objectname)", stdin=asked).splitlines()
    return next((name for i, name in enumerate(commits) if blobs[2 * i : 2 * i + 2] == here), None)


def compare() -> int:
    """Print commit, digest, what is compared and what differs; returns 1 if anything does, else 0."""
    lock, params, graph = (read_yaml(Path(name).read_bytes(), name) for name in (LOCK, PARAMS, GRAPH))
    card = Path(CARD).read_text(encoding="utf-8", errors="replace")
    differing = [*differences(card, outputs(lock)), *faults(lock, params, graph)]
    print(f"commit with this {CARD} and this {LOCK}: {commit() or 'none up to HEAD (not committed)'}")
    print(f"SHA-256 of {LOCK}: {_digest(LOCK, 'sha256')}")
    ours = (CARD, LOCK, PARAMS, GRAPH, "data/*.yaml")
    if changed := _git("diff", "--relative", "--name-only", "HEAD", "--", *ours).splitlines():
        print(f"not as in the last commit: {', '.join(changed)}")
    here = [Path(path).is_file() for path, *_ in ROW.findall(card)]
    away = f", {here.count(False)} not here (dvc checkout, dvc pull)" if False in here else ""
    print(f"files of the card: {here.count(True)} compared{away}")
    print("\n".join(differing) or "no difference found")
    return 1 if differing else 0


def _digest(path: str, algorithm: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _git(*arguments: str, stdin: str = "") -> str:
    """Ask Git; nothing where there is no repository, or no commit yet."""
    try:
        return text_of(git(Path(), *arguments, stdin=stdin.encode())).rstrip()
    except InputError:
        return ""


def main() -> None:
    """Compare; what cannot be read ends with one line and exit code 1."""
    try:
        sys.exit(compare())
    except InputError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename}: expected a file to read, got: {error.strerror}")


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m ops.lineage", description=__doc__).parse_args()
    main()
