"""What MLflow holds, without what two mirrors of one state may differ in: ids, writers, and when it was written."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ops.mirror.run_locks import WRITER
from ops.mirror.runs import FAMILY
from ops.mirror.store import DIGEST, PARENT, REGISTERED, Store
from ops.shared.tracking import EXPERIMENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

SERIES = ("fold_auc", "fold_brier", "fold_cost", "search_score")
DIFFERENT = (WRITER, PARENT, "credit.file_sha256")  # skops writes the time into its archive
OF_THE_SAVING = ("MLmodel", "model.skops", "model.pkl")  # these too, and a pickle of a loaded tree differs


def store_of(client: "MlflowClient") -> Store:
    """Give the store of the project's experiment."""
    return Store(client, client.get_experiment_by_name(EXPERIMENT).experiment_id)


def revisions(client: "MlflowClient") -> dict[str, "Run"]:
    """Name -> run, of every revision."""
    return {run.info.run_name: run for runs in store_of(client).states().values() for run in runs}


def families(client: "MlflowClient", name: str) -> dict[str, "Run"]:
    """Family -> run, under a revision's."""
    return {run.data.tags[FAMILY]: run for run in store_of(client).children(revisions(client)[name])}


def model_of(client: "MlflowClient", name: str, family: str) -> str:
    """Give the MD5 of the one model that is linked to a family's run under a revision's."""
    (made,) = families(client, name)[family].outputs.model_outputs
    return client.get_logged_model(made.model_id).tags["credit.md5"]


def everything(client: "MlflowClient") -> dict[str, Any]:
    """Give all runs by digest and family, the models by MD5, the versions and the aliases."""
    store = store_of(client)
    runs, models, versions = store.runs(""), store.models(), store.versions()
    digests = {run.info.run_id: run.data.tags.get(DIGEST) for run in runs}
    found = {
        "runs": {
            (digests[run.data.tags.get(PARENT, run.info.run_id)], run.data.tags[FAMILY], PARENT in run.data.tags): (
                of_run(client, run, {model.model_id: model for model in models})
            )
            for run in runs
        },
        "models": {
            model.tags["credit.md5"]: (kept(model.tags), model.params, files(model.artifact_location))
            for model in models
        },
        "versions": {each.tags["credit.md5"]: kept(each.tags) for each in versions},
    }
    assert [len(part) for part in found.values()] == [len(runs), len(models), len(versions)], "expected each once"
    return found | {"aliases": aliases(client)}


def of_run(client: "MlflowClient", run: "Run", models: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a run holds."""
    histories = {
        name: [(each.step, each.value, each.timestamp) for each in client.get_metric_history(run.info.run_id, name)]
        for name in SERIES
        if name in run.data.metrics
    }
    return {
        "status": run.info.status,
        "times": (run.info.start_time, run.info.end_time),
        "params": run.data.params,
        "metrics": run.data.metrics,
        "series": histories,
        "tags": kept(run.data.tags),
        "inputs": [(each.dataset.name, each.dataset.digest) for each in run.inputs.dataset_inputs],
        "models": [models[each.model_id].tags["credit.md5"] for each in run.outputs.model_outputs],
        "files": files(run.info.artifact_uri),
    }


def kept(tags: Mapping[str, str]) -> dict[str, str]:
    """Leave out the tags in which two mirrors may differ."""
    return {name: value for name, value in tags.items() if name not in DIFFERENT}


def files(uri: str) -> dict[str, str]:
    """Path -> digest of the artifacts below a folder; of some that change from time to time only the path."""
    folder = Path(unquote(urlsplit(uri).path))
    return {
        str(path.relative_to(folder)): ""
        if path.name in OF_THE_SAVING
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def aliases(client: "MlflowClient") -> dict[str, str]:
    """Alias -> MD5 of the model."""
    found = client.get_registered_model(REGISTERED).aliases
    return {alias: client.get_model_version(REGISTERED, version).tags["credit.md5"] for alias, version in found.items()}
