"""Where the model card comes from: its commit, the lock's digest, and whether the card's digests are true.

`python -m ops.lineage` exits with 1 if a digest of the card is not that of dvc.lock or of the file that is here.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from credit.errors import InputError
from stages.files import read_yaml

CARD = Path("models/MODEL_CARD.md")
LOCK = Path("dvc.lock")
ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{32})` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def differences(card: str, lock: dict[str, str]) -> Iterator[str]:
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
        if Path(path).is_file() and (found := hashlib.sha256(Path(path).read_bytes()).hexdigest()) != sha256:
            yield f"{path}: the card has SHA-256 {sha256}, the file here {found}"


def locked() -> dict[str, str]:
    """Read the MD5 of every output that dvc.lock names, by its path."""
    stages = read_yaml(LOCK)["stages"].values()
    return {output["path"]: output["md5"] for stage in stages for output in stage.get("outs", [])}


def commit() -> str:
    """Name the commit that last changed the card, and whether card or lock have changed since."""
    found = _git("log", "-1", "--format=%H", "--", str(CARD)) or "none"
    changed = _git("status", "--porcelain", "--", str(CARD), str(LOCK))
    return f"{found} (changed since: {', '.join(line[3:] for line in changed.splitlines())})" if changed else found


def main() -> None:
    """Print commit, digests and differences."""
    try:
        card, lock = CARD.read_text(encoding="utf-8"), locked()
        found = list(differences(card, lock))
    except (InputError, OSError) as error:
        sys.exit(str(error))
    print(f"commit of {CARD}: {commit()}")
    print(f"SHA-256 of {LOCK}: {hashlib.sha256(LOCK.read_bytes()).hexdigest()}")
    print("\n".join(found) or f"all {len(ROW.findall(card))} files are as the card says")
    sys.exit(1 if found else 0)


def _git(*arguments: str) -> str:
    """Ask Git; nothing where there is no repository, or no commit yet."""
    run = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    return run.stdout.rstrip()


if __name__ == "__main__":
    main()
