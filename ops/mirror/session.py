"""One mirror from now to then: connect within bounds, write what is missing, say what was written."""

from pathlib import Path

from credit.core.errors import InputError
from ops.check_mlflow.check import first_failure
from ops.mirror.mirror import Written, mirror
from ops.mirror.registry import REGISTERED
from ops.shared.redaction import one_line
from ops.shared.tracking import connect, experiment_id, is_embedded, sole_writer, told_in_one_line

MOST_NAMES, MOST_PROBLEMS = 5, 3


def mirror_to(uri: str, repository: Path) -> str:
    """Write what is missing in MLflow, and say what was written.

    Raises
    ------
    InputError
        MLflow cannot be reached, or refuses; the message is one line without secrets.
    """
    if not is_embedded(uri) and (failed := first_failure(uri)):
        raise InputError(f"{failed.name}: {failed.detail}; {failed.remedy}")
    with told_in_one_line(), sole_writer(uri) as is_free:
        if not is_free:
            raise InputError("another mirror has been writing to the database for a minute")
        client = connect(uri)
        written = mirror(client, experiment_id(client, uri), repository, lambda: read_cache_folder(repository))
    return in_words(written)


def read_cache_folder(repository: Path) -> Path:
    """Read from DVC's configuration where its cache is."""
    from dvc.config import Config, ConfigError

    try:
        configured = Config(dvc_dir=str(repository / ".dvc"))["cache"].get("dir")
    except ConfigError as error:
        raise InputError(f"DVC's configuration: {one_line(error)}") from error
    return repository / (configured or ".dvc/cache")


def in_words(written: Written) -> str:
    """Say in one line what was written, and what is missing."""
    parts = []
    if written.revisions:
        more = f" and {len(written.revisions) - MOST_NAMES} more" if len(written.revisions) > MOST_NAMES else ""
        parts.append(f"new {', '.join(written.revisions[-MOST_NAMES:])}{more}")
    parts += [f"{written.renamed} renamed"] if written.renamed else []
    parts += [f"{written.models} new models"] if written.models else []
    parts += [f"{written.versions} new versions of {REGISTERED}"] if written.versions else []
    parts += [f"{alias} is now version {version}" for alias, version in written.aliases.items()]
    parts = parts or ["nothing new"]
    if written.elsewhere:
        parts.append(f"{written.elsewhere} being written by another mirror")
    if written.without_model:
        parts.append(f"{written.without_model} models are not in DVC's cache (dvc fetch --all-commits), so not here")
    if len(written.problems) > MOST_PROBLEMS:
        parts.append(f"{len(written.problems)} problems, of which the first are")
    return "; ".join([*parts, *written.problems[:MOST_PROBLEMS]])
