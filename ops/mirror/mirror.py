"""Write what is missing in MLflow: runs, models, versions. Run twice, the second time writes nothing."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from credit.core.errors import InputError
from credit.evaluate.selection import HIGHER_IS_BETTER
from credit.model.parallel import beside, killed_in_one_line
from ops.history.results import Results, read_results
from ops.history.revisions import Revision, main_state, read_revisions
from ops.mirror import registry
from ops.mirror.claims import mirrored, settle
from ops.mirror.models import Models
from ops.mirror.packing import packing_beside
from ops.mirror.runs import BEST, CHOSEN, DATA, EVALUATED, FAMILY, JUDGED_ON, RANKED_BY, clear_own, rename, write

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

AHEAD = 4  # states that are read while one is written
WAITING = 32  # states whose models are packed while the next runs are written
SCORES = ("auc", "gini", "ks", "brier", "cost", "oof_auc", "oof_brier", "oof_cost", "threshold")


@dataclass
class Written:
    """What a mirror wrote, and what it could not.

    Attributes
    ----------
    aliases : alias -> the version that has it now, where that is another than before.
    elsewhere : how many states another mirror is writing.
    without_model : how many models are neither in MLflow nor in DVC's cache.
    problems : what was refused, in words.
    """

    revisions: list[str] = field(default_factory=list)
    renamed: int = 0
    models: int = 0
    versions: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    elsewhere: int = 0
    without_model: int = 0
    problems: list[str] = field(default_factory=list)


class Seen(NamedTuple):
    """A state with its run; without one, what it found is being read."""

    revision: Revision
    run: "Run | None"
    reading: "Future[tuple[Mapping[str, bytes], Results]] | None"


class State(NamedTuple):
    """A state with its run; the results are those read just now, None if the run was there."""

    revision: Revision
    run: "Run"
    results: Results | None


def mirror(client: "MlflowClient", experiment: str, repository: Path, cache_folder: Callable[[], Path]) -> Written:
    """Bring MLflow up to date with what Git and DVC hold.

    Parameters
    ----------
    experiment : id of the MLflow experiment.
    cache_folder : tells where DVC's cache is, from which models are read; it may be empty.
    """
    written = Written()
    known = mirrored(client, experiment)
    runs = {}
    with killed_in_one_line(), beside() as submit, packing_beside() as packing:
        models = Models(client, experiment, cache_folder, packing)
        seen = behind(look(client, experiment, repository, known, submit), AHEAD)
        for state in behind(write_runs(client, experiment, seen, written, models), WAITING):
            models.add(*state)
            runs[state.revision.digest] = state
    written.models, written.without_model = models.logged, len(models.without)
    written.problems += models.problems
    evaluated = [each for state in runs.values() for each in evaluated_by(state.run)]
    written.versions = registry.register(client, evaluated, models.ready)
    main = main_state(repository)
    if main is not None and main.digest in runs:
        of_others = [run for digest, others in known.items() if digest not in runs for run in others]
        candidates = evaluated + [each for run in of_others for each in evaluated_by(run)]
        champion = best_of(runs[main.digest].run)
        written.aliases = registry.set_aliases(client, candidates, champion, main.time)
    return written


def write_runs(
    client: "MlflowClient",
    experiment: str,
    seen: Iterable[Seen],
    written: Written,
    models: Models,
) -> Iterator[State]:
    """Write the runs that are missing; yields all states, whose models are expected by now."""
    for revision, known, reading in seen:
        run, results = known, None
        if reading is not None:
            try:
                files, results = reading.result()
            except InputError as error:
                written.problems.append(str(error))
                continue
            models.expect(results)
            run = write(client, experiment, revision, files, results)
            written.revisions += [revision.name] if run else []
        elif run.info.status == "FINISHED":
            written.renamed += rename(client, run, revision)
        if run is None or run.info.status != "FINISHED":
            written.elsewhere += 1
        else:
            yield State(revision, run, results)


def look(
    client: "MlflowClient",
    experiment: str,
    repository: Path,
    known: Mapping[str, Sequence["Run"]],
    submit: Callable[..., Future],
) -> Iterator[Seen]:
    """Yield every state with its run among the known ones, and begin to read those that have none."""
    for revision in read_revisions(repository):
        run = clear_own(client, experiment, settle(client, experiment, known.get(revision.digest, [])))
        yield Seen(revision, run, submit(read, revision) if run is None else None)


def read(revision: Revision) -> tuple[Mapping[str, bytes], Results]:
    """Read a revision's files and what they say."""
    files = revision.read_files()
    return files, read_results(revision, files)


def behind(states: Iterable[Any], most: int) -> Iterator[Any]:
    """Yield states some positions later, so that what was begun of them is done by then."""
    waiting = deque()
    for state in states:
        waiting.append(state)
        if len(waiting) > most:
            yield waiting.popleft()
    yield from waiting


def evaluated_by(run: "Run") -> list[registry.Evaluated]:
    """Say which models a revision's run judged: the one it evaluated, and the one it chose if that is another."""
    tags, metrics = run.data.tags, run.data.metrics
    ranked_by = tags.get(RANKED_BY, "")
    comparable = (tags.get(JUDGED_ON, ""), ranked_by)
    found = []
    if EVALUATED in tags:
        score = metrics.get(f"oof_{ranked_by}")
        if score is not None and not HIGHER_IS_BETTER.get(ranked_by, True):
            score = -score
        shown = {name: f"{metrics[name]:.6g}" for name in SCORES if name in metrics}
        known = {FAMILY: tags.get(FAMILY, ""), DATA: tags.get(DATA, "")}
        found.append(registry.Evaluated(tags[EVALUATED], run.info.run_id, {**known, **shown}, score, comparable))
    if BEST in tags and tags[BEST] != tags.get(EVALUATED):
        known = {FAMILY: tags.get(CHOSEN, ""), DATA: tags.get(DATA, "")}
        found.append(registry.Evaluated(tags[BEST], run.info.run_id, known, None, comparable))
    return found


def best_of(run: "Run") -> registry.Evaluated | None:
    """Say which model a revision's run chose as the best."""
    return next((each for each in evaluated_by(run) if each.md5 == run.data.tags.get(BEST)), None)
