"""Write a state as MLflow runs: one for the revision, under it one for each family."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from credit.core.families import FAMILIES
from ops.history.results import FamilyResult, Results
from ops.history.revisions import Revision
from ops.mirror.claims import DIGEST, KIND, WRITER, delete, is_mine, settled, writer

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

FAMILY, ENTRY, DATA = "credit.family", "credit.training", "credit.data_digest"
JUDGED_ON = "credit.judged_on"
CHOSEN, RANKED_BY = "credit.chosen", "credit.ranked_by"
EVALUATED, BEST = "credit.evaluated_md5", "credit.best_md5"  # of models: the evaluated one, the chosen one
MISSING = "credit.missing_models"  # md5s of the models that are not in MLflow yet; no such tag if all are
COMMIT, EXPERIMENT, NOTE = "credit.commit", "credit.experiment", "mlflow.note.content"
PARENT, NAME = "mlflow.parentRunId", "mlflow.runName"
MOST_METRICS, MOST_PARAMS = 1000, 100  # that MLflow takes at once
NOT_IN_NAMES = re.compile(r"^\.+|[^\w .:-]")
LONGEST_NAME, LONGEST_SUBJECT = 250, 500


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
        BEST: results.lock.get(f"models/{results.chosen}.joblib", ""),
        MISSING: " ".join(sorted({family.model[1] for family in results.families if family.model})),
        NOTE: note(headline(results), revision),
        "mlflow.source.type": "LOCAL",
    }
    return {name: value for name, value in tags.items() if value}


def names_of(revision: Revision) -> dict[str, str]:
    """Say where a state is in Git, as tags; what it is not has no tag."""
    tags = {
        COMMIT: revision.commit,
        EXPERIMENT: ", ".join(revision.experiments),
        "credit.baseline": revision.baseline,
        "mlflow.source.git.commit": revision.commit,
        "mlflow.source.name": "dvc exp run" if revision.experiments else "dvc repro",
        "mlflow.user": revision.author,
        NAME: revision.name,
    }
    return {name: value for name, value in tags.items() if value}


def headline(results: Results) -> str:
    """Sum a run up in Markdown, for people who open it."""
    title = FAMILIES[results.evaluated].title if results.evaluated in FAMILIES else results.evaluated or "no model"
    shown = ", ".join(
        f"{name} {results.metrics[key]:.3f}"
        for name, key in (("AUC", "auc"), ("Brier", "brier"), ("cost", "cost"), ("cutoff", "threshold"))
        if key in results.metrics
    )
    return f"**{title}** on the test applicants: {shown or 'no metrics'}"


def note(title: str, revision: Revision) -> str:
    """Add to a headline what the commit is about."""
    return f"{title}\n\n{revision.subject[:LONGEST_SUBJECT]}"


def write(
    client: "MlflowClient", experiment: str, revision: Revision, files: Mapping[str, bytes], results: Results
) -> "Run | None":
    """Write a state that has no run yet; returns its run, or None if another mirror is writing it."""
    moment = revision.time * 1000
    parent = client.create_run(experiment, start_time=moment, tags=tags_of(revision, results))
    kept = settled(client, experiment, revision.digest)
    if kept is None or kept.info.run_id != parent.info.run_id:
        return None
    run_id = parent.info.run_id
    log_numbers(client, run_id, moment, results.params, results.metrics)
    if results.data_digest:
        client.log_inputs(run_id, [data_set(results)])
    of_families = {path for family in results.families for path in family.files}
    log_files(
        client, parent, {path: text for path, text in files.items() if is_result(path) and path not in of_families}
    )
    for family in results.families:
        write_family(client, experiment, run_id, revision, results, family)
    kept = settled(client, experiment, revision.digest)
    if kept is None or not is_mine(kept):
        return None
    client.set_terminated(run_id, end_time=moment)
    kept = settled(client, experiment, revision.digest)
    return kept if kept and kept.info.run_id == run_id else None


def is_result(path: str) -> bool:
    """Whether a file is something to look at, in `metrics` or `plots`; dvc.lock and .gitignore are not."""
    return "/" in path and not Path(path).name.startswith(".")


def write_family(
    client: "MlflowClient", experiment: str, parent: str, revision: Revision, results: Results, family: FamilyResult
) -> None:
    """Write how a family did as a run under its revision's."""
    moment = revision.time * 1000
    tags = {
        KIND: "family",
        FAMILY: family.family,
        ENTRY: family.entry,
        CHOSEN: "yes" if family.family == results.chosen else "no",
        DATA: results.data_digest,
        JUDGED_ON: results.judged_on,
        PARENT: parent,
        NAME: family.family,
    }
    run = client.create_run(experiment, start_time=moment, tags={name: tag for name, tag in tags.items() if tag})
    log_numbers(client, run.info.run_id, moment, family.params, family.metrics, family.series)
    log_files(client, run, family.files)
    client.set_terminated(run.info.run_id, end_time=moment)


def log_numbers(
    client: "MlflowClient",
    run_id: str,
    moment: int,
    params: Mapping[str, str],
    metrics: Mapping[str, float],
    series: Mapping[str, Mapping[int, float]] | None = None,
) -> None:
    """Log parameters, and metrics at a moment (milliseconds since 1970); a series is a metric by steps."""
    from mlflow.entities import Metric, Param

    logged = [Metric(allowed(name), value, moment, 0) for name, value in metrics.items()]
    for name, values in (series or {}).items():
        logged += [Metric(allowed(name), value, moment, step) for step, value in values.items()]
    given = [Param(allowed(name), value) for name, value in params.items()]
    most = MOST_METRICS - MOST_PARAMS
    while logged or given:
        client.log_batch(run_id, logged[:most], given[:MOST_PARAMS])
        logged, given = logged[most:], given[MOST_PARAMS:]


def allowed(name: str) -> str:
    """Make a name of one that MLflow takes."""
    return NOT_IN_NAMES.sub("_", name)[:LONGEST_NAME]


def log_files(client: "MlflowClient", run: "Run", files: Mapping[str, bytes]) -> None:
    """Log files by their paths, to where the run is known to keep them: a client would ask for that each time."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    with TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        get_artifact_repository(run.info.artifact_uri, tracking_uri=client.tracking_uri).log_artifacts(folder)


def data_set(results: Results):
    """Describe the lender's table as MLflow's input of a run."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    name = results.source.rstrip("/").rsplit("/", 1)[-1]
    described = Dataset(
        name=name,
        digest=results.data_digest[:36],
        source_type="dvc",
        source=json.dumps({"path": results.source, "md5": results.data_digest}),
    )
    return DatasetInput(described, [InputTag("mlflow.data.context", "training")])


def rename(client: "MlflowClient", run: "Run", revision: Revision) -> bool:
    """Bring the names of a state up to date (an experiment that was committed since); returns whether they changed.

    Names that only another clone knows stay: its experiments, and a branch's commit where here is an experiment's.
    """
    has = run.data.tags
    experiments = {*revision.experiments, *filter(None, has.get(EXPERIMENT, "").split(", "))}
    known = replace(revision, experiments=tuple(sorted(experiments)))
    if COMMIT in has and not revision.on_branch:
        known = replace(known, commit=has[COMMIT], author=has.get("mlflow.user", ""))
    wanted = names_of(known)
    if wanted.get(COMMIT) != has.get(COMMIT):
        wanted[NOTE] = note(has.get(NOTE, "").partition("\n\n")[0], revision)
    changed = {name: value for name, value in wanted.items() if has.get(name) != value}
    for name, value in changed.items():
        client.set_tag(run.info.run_id, name, value)
    return bool(changed)


def clear_own(client: "MlflowClient", experiment: str, run: "Run | None") -> "Run | None":
    """Delete a run that this process began and did not finish."""
    if run is not None and run.info.status != "FINISHED" and is_mine(run):
        delete(client, experiment, run)
        return None
    return run
