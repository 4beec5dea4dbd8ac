"""Families' fitted models in MLflow: each once, however many revisions have it, linked to their runs."""

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from credit.core.errors import InputError
from ops.history.results import FamilyResult, Results, read_results
from ops.history.revisions import Revision
from ops.mirror.model_format import Packed, cached, pack
from ops.mirror.run_locks import WRITER, is_disposable, is_ours, writer
from ops.mirror.runs import FAMILY, MISSING
from ops.mirror.store import Store

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel, Run

MD5, SHA256, FILE_SHA256, FORMAT = "credit.md5", "credit.sha256", "credit.file_sha256", "credit.format"
TEST = "data/processed/test.parquet"
READY = "READY"


class Models:
    """Brings models to MLflow that are not there yet, each once. What cannot be read is tried once, and said once.

    Attributes
    ----------
    ready : md5 of the model -> the logged model that is complete.
    logged : how many are new.
    absent : md5s of those that are neither in MLflow nor in DVC's cache.
    problems : what was refused, in words.
    """

    def __init__(
        self, store: Store, cache_folder: Callable[[], Path], submit: Callable[..., Future], folder: Path
    ) -> None:
        self.ready = ready_models(store)
        self.logged = 0
        self.absent: set[str] = set()
        self.problems: list[str] = []
        self._store, self._cache_folder, self._submit, self._folder = store, cache_folder, submit, folder
        self._packing: dict[str, Future[Packed]] = {}
        self._refused: set[str] = set()

    def expect(self, results: Results) -> None:
        """Begin to pack the models of a revision that are not in MLflow yet."""
        for family in results.families:
            if family.md5 not in {"", *self.ready, *self._refused} and self._is_here(family.md5):
                self._pack(family, results)

    def link(self, revision: Revision, run: "Run", results: Results | None = None) -> None:
        """Link the families of a revision to their models, as far as there are any; its run's tag says what is left.

        Its results are read if they are needed and not given.
        """
        missing = set(run.data.tags.get(MISSING, "").split())
        here = {md5 for md5 in missing if self._is_here(md5)}
        self.absent |= missing - here
        if not here - self._refused:
            return  # as almost always, and then no file is read
        results = results or read_results(revision, revision.read_files())
        self.expect(results)
        children = {child.data.tags.get(FAMILY): child for child in self._store.children(run)}
        for family in results.families:
            if family.family in children and family.md5 in here - self._refused:
                self._link_family(children[family.family], family, results)
        left = missing - set(self.ready)
        if left:
            self._store.client.set_tag(run.info.run_id, MISSING, " ".join(sorted(left)))
        else:
            self._store.client.delete_tag(run.info.run_id, MISSING)

    def _is_here(self, md5: str) -> bool:
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

    def _pack(self, family: FamilyResult, results: Results) -> Future[Packed]:
        """Begin to pack a model, unless that was done."""
        if family.md5 not in self._packing:
            applicants = results.lock.get(TEST)
            self._packing[family.md5] = self._submit(pack, self._cache, family, applicants, self._folder)
        return self._packing[family.md5]

    def _link_family(self, child: "Run", family: FamilyResult, results: Results) -> None:
        """Show a model as what a family's run made; it is logged if it is not there yet, unless it is refused."""
        from mlflow.entities import LoggedModelOutput

        if family.md5 not in self.ready:
            try:
                packed = self._pack(family, results).result()
            except InputError as error:
                self._refused.add(family.md5)
                self.problems.append(str(error))
                return
            self.ready[family.md5] = log_model(self._store, family, child, packed)
            self.logged += 1
            shutil.rmtree(packed.layout)
        model_id = self.ready[family.md5].model_id
        if model_id not in [output.model_id for output in (child.outputs.model_outputs if child.outputs else [])]:
            self._store.client.log_outputs(child.info.run_id, [LoggedModelOutput(model_id, step=0)])


def ready_models(store: Store) -> dict[str, "LoggedModel"]:
    """md5 of the model -> the logged model that is complete; what dead writers left of ours is deleted."""
    ready: dict[str, LoggedModel] = {}
    for model in sorted(store.models(), key=age):
        if MD5 not in model.tags:
            continue
        if model.status == READY:
            ready.setdefault(model.tags[MD5], model)
        elif is_disposable(model.tags):
            store.client.delete_logged_model(model.model_id)
    return ready


def age(model: "LoggedModel") -> tuple[int, str]:
    """Order complete models by when they became so."""
    return model.last_updated_timestamp, model.model_id


def log_model(store: Store, family: FamilyResult, run: "Run", packed: Packed) -> "LoggedModel":
    """Log a family's packed model as made by a run."""
    tags = {
        MD5: family.md5,
        SHA256: packed.sha256,
        FILE_SHA256: packed.file_sha256,
        FORMAT: packed.form,
        FAMILY: family.family,
        WRITER: writer(),
    }
    model = store.client.create_logged_model(
        store.experiment,
        family.family,
        run.info.run_id,
        tags=tags,
        params=dict(family.params),
        model_type="classifier",
    )
    store.client.log_model_artifacts(model.model_id, str(packed.layout))
    store.client.finalize_logged_model(model.model_id, READY)
    return resolve_models(store, family.md5)


def resolve_models(store: Store, md5: str) -> "LoggedModel":
    """Of several complete logged models of one file leave the first, to which other mirrors have linked by now."""
    complete = [model for model in store.models(f"tags.`{MD5}` = '{md5}'") if model.status == READY]
    kept = min(complete, key=age)
    for model in complete:
        if model is not kept and is_ours(model.tags):
            store.client.delete_logged_model(model.model_id)
    return kept
