"""Write what is missing in MLflow: runs, models, versions. Run twice, the second time writes nothing.

One state after another: those that have no run, or miss models, are read and packed beside this process; here, each
gets its run and its models. Then the models that were evaluated are registered, and the aliases point at the best.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from credit.core.errors import InputError
from credit.model.parallel import beside, killed_in_one_line
from ops.check_mlflow.check import ensure_readable
from ops.history.revisions import Revision, main_state, read_revisions
from ops.mirror.models import Models, read_state
from ops.mirror.registry import evaluated_by, register, set_aliases
from ops.mirror.run_locks import is_finished, resolve
from ops.mirror.runs import rename, write
from ops.mirror.store import Store
from ops.mirror.written import Written
from ops.shared import signals
from ops.shared.tracking import as_input_error, connect, experiment_id, sole_writer

if TYPE_CHECKING:
    from mlflow.entities import Run

AHEAD = 8  # states that are read, and their models packed, while one is written


def mirror_to(uri: str, repository: Path) -> str:
    """Write what is missing in MLflow, and say what was written.

    Raises
    ------
    InputError
        MLflow cannot be reached, or refuses; the message is one line without secrets.
    """
    ensure_readable(uri)
    with as_input_error(), sole_writer(uri) as is_free:
        if not is_free:
            raise InputError("another mirror has been writing to the database for a minute")
        client = connect(uri)
        return str(mirror(Store(client, experiment_id(client, uri)), repository))


def mirror(store: Store, repository: Path) -> Written:
    """Bring MLflow up to date with what Git and DVC hold; models are read from DVC's cache, which may be empty."""
    written, before, runs = Written(), store.states(), {}
    deleted = {run.info.run_id: run for run in store.deleted_states()}
    for run in deleted.values():  # MLflow's pages leave the runs below it
        store.delete_children(run)
    models = Models(store, repository, written)
    with killed_in_one_line(), TemporaryDirectory() as folder, beside() as submit:

        def begin(revision: Revision) -> tuple[Revision, "Run | None", Future | None]:
            run, reading = resolve(store, before.get(revision.digest, []), begins=True), None
            if run is None or (is_finished(run) and models.are_to_link(run)):
                with signals.held():  # the first one forks, and Python loses an exception that is raised in that
                    reading = submit(read_state, revision, models.cache, set(models.ready), Path(folder))
            return revision, run, reading

        for revision, existing, reading in lookahead(map(begin, read_revisions(repository)), AHEAD):
            if run := mirror_state(store, revision, existing, reading, models, written):
                runs[revision.digest] = run
    evaluated = [each for run in runs.values() for each in evaluated_by(run)]
    written.versions = register(store, evaluated, models.ready, deleted)
    digest, since = main_state(repository) or (None, 0)
    if digest in runs:
        of_others = [run for state, others in before.items() if state not in runs for run in others]
        evaluated += [each for run in of_others for each in evaluated_by(run)]
        written.aliases = set_aliases(store, evaluated, runs[digest], since)
    return written


def mirror_state(
    store: Store, revision: Revision, existing: "Run | None", reading: Future | None, models: Models, written: Written
) -> "Run | None":
    """Write a state's run, or bring its names up to date, and link its models; returns the run once it is finished."""
    try:
        state = reading.result() if reading else None
    except InputError as error:
        written.problems[str(error)] = None
        return existing
    if existing is None:
        run = write(store, revision, state.files, state.results)
        written.revisions += [revision.name] if run else []
    else:
        run = existing
        written.renamed += is_finished(run) and rename(store, run, revision)
    if run is None or not is_finished(run):
        written.elsewhere += 1
        return None
    models.link(run, state)
    return run


def lookahead(entries: Iterable[Any], most: int) -> Iterator[Any]:
    """Yield entries some positions later, so that what was begun of them is done by then."""
    waiting = deque()
    for entry in entries:
        waiting.append(entry)
        if len(waiting) > most:
            yield waiting.popleft()
    yield from waiting
