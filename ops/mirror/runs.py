"""Write a state as MLflow runs: one for the revision, under it one for each family."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from credit.core.families import FAMILIES
from ops.history.results import FamilyResult, Results, model_path
from ops.history.revisions import Revision
from ops.mirror.run_locks import WRITER, still_held, writer
from ops.mirror.store import DIGEST, KIND, PARENT, Store

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput, Run

FAMILY, ENTRY, DATA = "credit.family", "credit.training", "credit.data_digest"
JUDGED_ON = "credit.judged_on"
CHOSEN, RANKED_BY = "credit.chosen", "credit.ranked_by"
EVALUATED, BEST = "credit.evaluated_md5", "credit.best_md5"  # of models: the evaluated one, the chosen one
MISSING = "credit.missing_models"  # md5s of the models that are not in MLflow yet; no such tag if all are
COMMIT, EXPERIMENT, NOTE = "credit.commit", "credit.experiment", "mlflow.note.content"
NAME, USER = "mlflow.runName", "mlflow.user"
MOST_METRICS, MOST_PARAMS = 900, 100  # that MLflow takes at once, 1000 in all
NOT_IN_NAMES = re.compile(r"^\.+|[^\w .:-]")
LONGEST_NAME, LONGEST_SUBJECT = 250, 500
HEADLINES = {"AUC": "auc", "Brier": "brier", "cost": "cost", "cutoff": "threshold"}


def write(store: Store, revision: Revision, files: Mapping[str, bytes], results: Results) -> "Run | None":
    """Write a state that has no run yet; returns its run, or None if another mirror is writing it."""
    moment = revision.time * 1000
    run = store.client.create_run(store.experiment, start_time=moment, tags=tags_of(revision, results))
    if not still_held(store, run):
        return None
    log_numbers(store, run, results.params, results.metrics)
    if results.data_digest:
        store.client.log_inputs(run.info.run_id, [data_set(results)])
    of_families = {path for family in results.families for path in family.files}
    log_files(store, run, {path: text for path, text in files.items() if is_result(path) and path not in of_families})
    for family in results.families:
        write_family(store, run, results, family)
    if not still_held(store, run):
        return None
    store.client.set_terminated(run.info.run_id, end_time=moment)
    return still_held(store, run)


def write_family(store: Store, parent: "Run", results: Results, family: FamilyResult) -> None:
    """Write how a family did as a run under its revision's."""
    moment = parent.info.start_time
    tags = {
        KIND: "family",
        FAMILY: family.family,
        ENTRY: family.entry,
        CHOSEN: "yes" if family.family == results.chosen else "no",
        DATA: results.data_digest,
        JUDGED_ON: results.judged_on,
        PARENT: parent.info.run_id,
        NAME: family.family,
    }
    run = store.client.create_run(store.experiment, start_time=moment, tags=without_empty(tags))
    log_numbers(store, run, family.params, family.metrics, family.series)
    log_files(store, run, family.files)
    store.client.set_terminated(run.info.run_id, end_time=moment)


def tags_of(revision: Revision, results: Results) -> dict[str, str]:
    """Say what a run is and where it comes from; what is unknown is left out."""
    tags = {
        KIND: "revision",
        DIGEST: revision.digest,
        WRITER: writer(),
        **names_of(revision),
        DATA: results.data_digest,
        JUDGED_ON: results.judged_on,
        FAMILY: results.evaluated,
        CHOSEN: results.chosen,
        RANKED_BY: results.ranked_by,
        EVALUATED: results.evaluated_md5,
        BEST: results.lock.get(model_path(results.chosen), ""),
        MISSING: " ".join(sorted({family.md5 for family in results.families if family.md5})),
        NOTE: note(headline(results), revision),
        "mlflow.source.type": "LOCAL",
    }
    return without_empty(tags)


def names_of(revision: Revision) -> dict[str, str]:
    """Say where a state is in Git, as tags; what it is not has no tag."""
    tags = {
        COMMIT: revision.commit,
        EXPERIMENT: ", ".join(revision.experiments),
        "credit.baseline": revision.baseline,
        "mlflow.source.git.commit": revision.commit,
        "mlflow.source.name": "dvc exp run" if revision.experiments else "dvc repro",
        USER: revision.author,
        NAME: revision.name,
    }
    return without_empty(tags)


def without_empty(tags: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out the tags that say nothing."""
    return {name: value for name, value in tags.items() if value}


def headline(results: Results) -> str:
    """Sum a run up in Markdown, for people who open it."""
    title = FAMILIES[results.evaluated].title if results.evaluated in FAMILIES else results.evaluated or "no model"
    numbers = [f"{name} {results.metrics[key]:.3f}" for name, key in HEADLINES.items() if key in results.metrics]
    return f"**{title}** on the test applicants: {', '.join(numbers) or 'no metrics'}"


def note(title: str, revision: Revision) -> str:
    """Add to a headline what the commit is about."""
    return f"{title}\n\n{revision.subject[:LONGEST_SUBJECT]}"


def is_result(path: str) -> bool:
    """Whether a file is something to look at, in `metrics` or `plots`; dvc.lock and .gitignore are not."""
    return "/" in path and not Path(path).name.startswith(".")


def log_numbers(
    store: Store,
    run: "Run",
    params: Mapping[str, str],
    metrics: Mapping[str, float],
    series: Mapping[str, Mapping[int, float]] | None = None,
) -> None:
    """Log parameters, and metrics as of when the run began; a series is a metric by steps."""
    from mlflow.entities import Metric, Param

    moment = run.info.start_time
    metric_batch = [Metric(allowed(name), value, moment, 0) for name, value in metrics.items()]
    for name, values in (series or {}).items():
        metric_batch += [Metric(allowed(name), value, moment, step) for step, value in values.items()]
    param_batch = [Param(allowed(name), value) for name, value in params.items()]
    while metric_batch or param_batch:
        store.client.log_batch(run.info.run_id, metric_batch[:MOST_METRICS], param_batch[:MOST_PARAMS])
        metric_batch, param_batch = metric_batch[MOST_METRICS:], param_batch[MOST_PARAMS:]


def allowed(name: str) -> str:
    """Make a name of one that MLflow takes."""
    return NOT_IN_NAMES.sub("_", name)[:LONGEST_NAME]


def log_files(store: Store, run: "Run", files: Mapping[str, bytes]) -> None:
    """Log files by their paths, to where the run is known to keep them: a client would ask for that each time."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    with TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        get_artifact_repository(run.info.artifact_uri, tracking_uri=store.client.tracking_uri).log_artifacts(folder)


def data_set(results: Results) -> "DatasetInput":
    """Describe the lender's table as MLflow's input of a run."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    name = results.source.rstrip("/").rsplit("/", 1)[-1]
    source = json.dumps({"path": results.source, "md5": results.data_digest})
    table = Dataset(name=name, digest=results.data_digest[:36], source_type="dvc", source=source)
    return DatasetInput(table, [InputTag("mlflow.data.context", "training")])


def rename(store: Store, run: "Run", revision: Revision) -> bool:
    """Bring the names of a state up to date (an experiment that was committed since); returns whether they changed.

    Names that only another clone knows stay: its experiments, and a branch's commit where here is an experiment's.
    """
    has = run.data.tags
    experiments = {*revision.experiments, *filter(None, has.get(EXPERIMENT, "").split(", "))}
    latest = replace(revision, experiments=tuple(sorted(experiments)))
    if COMMIT in has and not revision.on_branch:
        latest = replace(latest, commit=has[COMMIT], author=has.get(USER, ""))
    wanted = names_of(latest)
    if wanted.get(COMMIT) != has.get(COMMIT):
        wanted[NOTE] = note(has.get(NOTE, "").partition("\n\n")[0], revision)
    changed = {name: value for name, value in wanted.items() if has.get(name) != value}
    for name, value in changed.items():
        store.client.set_tag(run.info.run_id, name, value)
    return bool(changed)
