"""Families' fitted models in MLflow: each once, however many revisions have it, linked to their runs."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from credit.core.errors import InputError
from ops.history.results import FamilyResult, Results, read_results
from ops.history.revisions import Revision
from ops.mirror.claims import WRITER, children, has_ended, is_of_this_process, writer
from ops.mirror.packing import Packed, Packing, cached
from ops.mirror.runs import FAMILY, MISSING

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

MD5, SHA256, FILE_SHA256, FORMAT = "credit.md5", "credit.sha256", "credit.file_sha256", "credit.format"
READY = "READY"


class Models:
    """Brings models to MLflow that are not there yet, each once. What cannot be read is tried once, and said once.

    Attributes
    ----------
    ready : md5 of the model -> the logged model that is complete.
    logged : how many are new.
    without : md5s of those that are neither in MLflow nor in DVC's cache.
    problems : what was refused, in words.
    """

    def __init__(
        self, client: "MlflowClient", experiment: str, cache_folder: Callable[[], Path], packing: Packing
    ) -> None:
        self.ready = ready_models(client, experiment)
        self.logged = 0
        self.without: set[str] = set()
        self.problems: list[str] = []
        self._client, self._experiment, self._cache_folder, self._packing = client, experiment, cache_folder, packing
        self._refused: set[str] = set()

    def expect(self, results: Results) -> None:
        """Begin to pack the models of a revision that are not in MLflow yet."""
        for family in results.families:
            if family.model and family.model[1] not in self.ready and self._is_there(family.model[1]):
                self._packing.begin(family, results, self._cache)

    def add(self, revision: Revision, run: "Run", results: Results | None = None) -> None:
        """Link the families of a revision to their models, as far as there are any; its run's tag says what is left.

        Its results are read if they are needed and not given.
        """
        missing = set(run.data.tags.get(MISSING, "").split())
        there = {md5 for md5 in missing if self._is_there(md5)}
        self.without |= missing - there
        possible = there - self._refused
        if not possible:
            return  # as almost always, and then no file is read
        results = results or read_results(revision, revision.read_files())
        self.expect(results)
        under = {each.data.tags.get(FAMILY): each for each in children(self._client, self._experiment, run.info.run_id)}
        for family in results.families:
            child = under.get(family.family)
            if child and family.model and family.model[1] in possible:
                model = self._model_of(family, results, child.info.run_id)
                if model:
                    link(self._client, child, model)
        left = missing - set(self.ready)
        if left:
            self._client.set_tag(run.info.run_id, MISSING, " ".join(sorted(left)))
        else:
            self._client.delete_tag(run.info.run_id, MISSING)

    def _is_there(self, md5: str) -> bool:
        """Whether a model is in MLflow or in DVC's cache."""
        return md5 in self.ready or (self._cache is not None and cached(self._cache, md5).is_file())

    @cached_property
    def _cache(self) -> Path | None:
        """DVC's cache; None where DVC cannot say where that is."""
        try:
            return self._cache_folder()
        except InputError as error:
            self.problems.append(str(error))
            return None

    def _model_of(self, family: FamilyResult, results: Results, run_id: str) -> "LoggedModel | None":
        """Get a family's model in MLflow, which is logged if it is not there yet; None if it is refused."""
        md5 = family.model[1]
        if md5 not in self.ready and md5 not in self._refused:
            try:
                with self._packing.packed(family, results, self._cache) as packed:
                    self.ready[md5] = log_model(self._client, self._experiment, family, run_id, packed)
                self.logged += 1
            except InputError as error:
                self._refused.add(md5)
                self.problems.append(str(error))
        return self.ready.get(md5)


def models_of(client: "MlflowClient", experiment: str, condition: str | None = None) -> list["LoggedModel"]:
    """Find all logged models that meet a condition, however many."""
    found, token = [], None
    while True:
        page = client.search_logged_models([experiment], condition, page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def ready_models(client: "MlflowClient", experiment: str) -> dict[str, "LoggedModel"]:
    """md5 of the model -> the logged model that is complete; what dead writers left of ours is deleted."""
    found: dict[str, LoggedModel] = {}
    for model in sorted(models_of(client, experiment), key=age):
        if MD5 not in model.tags:
            continue
        if model.status == READY:
            found.setdefault(model.tags[MD5], model)
        elif is_of_this_process(name := model.tags.get(WRITER, "")) or has_ended(name):
            client.delete_logged_model(model.model_id)
    return found


def age(model: "LoggedModel") -> tuple[int, str]:
    """Order complete models by when they became so."""
    return model.last_updated_timestamp, model.model_id


def log_model(
    client: "MlflowClient", experiment: str, family: FamilyResult, run_id: str, packed: Packed
) -> "LoggedModel":
    """Log a family's packed model."""
    md5 = family.model[1]
    tags = {
        MD5: md5,
        SHA256: packed.sha256,
        FILE_SHA256: packed.file_sha256,
        FORMAT: packed.form,
        "credit.family": family.family,
        WRITER: writer(),
    }
    model = client.create_logged_model(
        experiment, family.family, run_id, tags=tags, params=dict(family.params), model_type="classifier"
    )
    client.log_model_artifacts(model.model_id, str(packed.layout))
    client.finalize_logged_model(model.model_id, READY)
    return settled_model(client, experiment, md5)


def settled_model(client: "MlflowClient", experiment: str, md5: str) -> "LoggedModel":
    """Of several complete logged models of one file leave the first, to which other mirrors have linked by now."""
    complete = [model for model in models_of(client, experiment, f"tags.`{MD5}` = '{md5}'") if model.status == READY]
    kept = min(complete, key=age)
    for model in complete:
        if model is not kept and is_of_this_process(model.tags[WRITER]):
            client.delete_logged_model(model.model_id)
    return kept


def link(client: "MlflowClient", run: "Run", model: "LoggedModel") -> None:
    """Show a model as what a run made."""
    from mlflow.entities import LoggedModelOutput

    linked = run.outputs.model_outputs if run.outputs else []
    if model.model_id not in [output.model_id for output in linked]:
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
