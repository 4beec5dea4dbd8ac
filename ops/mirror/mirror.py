"""Write what is missing in MLflow: runs, models, versions. Run twice, the second time writes nothing.

From top to bottom: read the states that Git has and the runs that MLflow has, write each run that is missing while its
models are packed, link the models, register those that were evaluated, point the aliases at the best.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from credit.core.errors import InputError
from credit.model.parallel import beside, killed_in_one_line
from ops.check_mlflow.check import first_failure
from ops.history.results import Results, read_results
from ops.history.revisions import Revision, main_state, read_revisions
from ops.mirror.models import Models
from ops.mirror.registry import evaluated_by, register, set_aliases
from ops.mirror.run_locks import is_finished, resolve
from ops.mirror.runs import rename, write
from ops.mirror.store import REGISTERED, Store
from ops.shared.redaction import one_line
from ops.shared.tracking import as_input_error, connect, experiment_id, is_embedded, sole_writer

if TYPE_CHECKING:
    from mlflow.entities import Run

READ_AHEAD = 4  # states that are read while one is written
PACK_AHEAD = 32  # states whose models are packed while the next runs are written
MOST_NAMES, MOST_PROBLEMS = 5, 3


@dataclass
class Written:
    """What a mirror wrote, and what it could not.

    Attributes
    ----------
    aliases : alias -> the version that has it now, where that is another than before.
    elsewhere : how many states another mirror is writing.
    absent_models : how many models are neither in MLflow nor in DVC's cache.
    problems : what was refused, in words.
    """

    revisions: list[str] = field(default_factory=list)
    renamed: int = 0
    models: int = 0
    versions: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    elsewhere: int = 0
    absent_models: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say in one line what was written, and what is missing."""
        parts = []
        if self.revisions:
            more = f" and {len(self.revisions) - MOST_NAMES} more" if len(self.revisions) > MOST_NAMES else ""
            parts.append(f"new {', '.join(self.revisions[-MOST_NAMES:])}{more}")
        parts += [f"{self.renamed} renamed"] if self.renamed else []
        parts += [f"{self.models} new models"] if self.models else []
        parts += [f"{self.versions} new versions of {REGISTERED}"] if self.versions else []
        parts += [f"{alias} is now version {version}" for alias, version in self.aliases.items()]
        parts = parts or ["nothing new"]
        if self.elsewhere:
            parts.append(f"{self.elsewhere} being written by another mirror")
        if self.absent_models:
            parts.append(f"{self.absent_models} models are not in DVC's cache (dvc fetch --all-commits), so not here")
        if len(self.problems) > MOST_PROBLEMS:
            parts.append(f"{len(self.problems)} problems, of which the first are")
        return "; ".join([*parts, *self.problems[:MOST_PROBLEMS]])


def mirror_to(uri: str, repository: Path) -> str:
    """Write what is missing in MLflow, and say what was written.

    Raises
    ------
    InputError
        MLflow cannot be reached, or refuses; the message is one line without secrets.
    """
    if not is_embedded(uri) and (failed := first_failure(uri)):
        raise InputError(f"{failed.name}: {failed.detail}; {failed.remedy}")
    with as_input_error(), sole_writer(uri) as is_free:
        if not is_free:
            raise InputError("another mirror has been writing to the database for a minute")
        client = connect(uri)
        store = Store(client, experiment_id(client, uri))
        return str(mirror(store, repository, lambda: read_cache_folder(repository)))


def read_cache_folder(repository: Path) -> Path:
    """Read from DVC's configuration where its cache is."""
    from dvc.config import Config, ConfigError

    try:
        configured = Config(dvc_dir=str(repository / ".dvc"))["cache"].get("dir")
    except ConfigError as error:
        raise InputError(f"DVC's configuration: {one_line(error)}") from error
    return repository / (configured or ".dvc/cache")


def mirror(store: Store, repository: Path, cache_folder: Callable[[], Path]) -> Written:
    """Bring MLflow up to date with what Git and DVC hold.

    Parameters
    ----------
    cache_folder : tells where DVC's cache is, from which models are read; it may be empty.
    """
    written, before, runs = Written(), store.states(), {}
    with killed_in_one_line(), beside() as read_beside, TemporaryDirectory() as folder, beside() as pack_beside:
        models = Models(store, cache_folder, pack_beside, Path(folder))
        scanned = lookahead(scan(store, read_revisions(repository), before, read_beside), READ_AHEAD)
        for revision, run, results in lookahead(write_missing(store, scanned, models, written), PACK_AHEAD):
            models.link(revision, run, results)
            runs[revision.digest] = run
    written.models, written.absent_models = models.logged, len(models.absent)
    written.problems += models.problems
    evaluated = [each for run in runs.values() for each in evaluated_by(run)]
    written.versions = register(store, evaluated, models.ready)
    digest, since = main_state(repository) or (None, 0)
    if digest in runs:
        of_others = [run for state, others in before.items() if state not in runs for run in others]
        evaluated += [each for run in of_others for each in evaluated_by(run)]
        written.aliases = set_aliases(store, evaluated, runs[digest], since)
    return written


def scan(
    store: Store,
    revisions: Iterable[Revision],
    before: Mapping[str, Sequence["Run"]],
    submit: Callable[..., Future],
) -> Iterator[tuple[Revision, "Run | None", Future | None]]:
    """Yield every revision with its run among those of before; where there is none, its reading has begun."""
    for revision in revisions:
        run = resolve(store, before.get(revision.digest, []), begins=True)
        yield revision, run, submit(read, revision) if run is None else None


def read(revision: Revision) -> tuple[Mapping[str, bytes], Results]:
    """Read a revision's files and what they say."""
    files = revision.read_files()
    return files, read_results(revision, files)


def write_missing(
    store: Store,
    scanned: Iterable[tuple[Revision, "Run | None", Future | None]],
    models: Models,
    written: Written,
) -> Iterator[tuple[Revision, "Run", Results | None]]:
    """Write the runs that are missing; yields every revision with its finished run, and the results if it is new.

    The models of a new one are being packed by then.
    """
    for revision, existing, reading in scanned:
        run, results = existing, None
        if reading is not None:
            try:
                files, results = reading.result()
            except InputError as error:
                written.problems.append(str(error))
                continue
            models.expect(results)
            run = write(store, revision, files, results)
            written.revisions += [revision.name] if run else []
        elif is_finished(run):
            written.renamed += rename(store, run, revision)
        if run is None or not is_finished(run):
            written.elsewhere += 1
        else:
            yield revision, run, results


def lookahead(entries: Iterable[Any], most: int) -> Iterator[Any]:
    """Yield entries some positions later, so that what was begun of them is done by then."""
    waiting = deque()
    for entry in entries:
        waiting.append(entry)
        if len(waiting) > most:
            yield waiting.popleft()
    yield from waiting
