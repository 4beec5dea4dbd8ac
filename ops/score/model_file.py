"""A saved model whose file the graph is known to have written; no byte of another one is unpickled."""

import hashlib
from pathlib import Path

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.io.files import read_model
from credit.scoring.scorer import Scorer
from ops.history.lock import md5_of, outputs, read_yaml
from ops.shared.git import git, lines

LOCK = Path("dvc.lock")


class RefusedModelError(InputError):
    """The file of a model is none that the graph recorded."""


def load_scorer(path: Path, dictionary: Dictionary) -> Scorer:
    """Load a model whose bytes are those of a model in dvc.lock.

    Raises
    ------
    RefusedModelError
        There is no such file, or dvc.lock records none of its digest.
    """
    try:
        content, lock = path.read_bytes(), LOCK.read_bytes()
    except FileNotFoundError as error:
        raise RefusedModelError(f"{error.filename}: expected a model and dvc.lock, got no such file") from None
    recorded = {digest for file, digest in outputs(read_yaml(lock, str(LOCK))).items() if file.endswith(".joblib")}
    if md5_of(content) not in recorded:
        raise RefusedModelError(f"{path}: expected a model that dvc.lock records, got other bytes: run `dvc checkout`")
    sha256 = hashlib.sha256(content).hexdigest()
    return Scorer(read_model(path, content), dictionary, sha256=sha256, commit=_commit())


def _commit() -> str | None:
    """Give the commit that recorded the model; none where dvc.lock is not committed as it is."""
    try:
        if git(Path(), "status", "--porcelain", "--", str(LOCK)):
            return None
        return next(iter(lines(git(Path(), "log", "-1", "--format=%H", "--", str(LOCK)))), None)
    except InputError:  # no repository: a copy of the files
        return None
