"""Families' fitted models in MLflow: each once, however many states have it, linked to their runs."""

import shutil
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from credit.core.errors import InputError
from ops.history.results import FamilyResult, Results, read_results
from ops.history.revisions import Revision
from ops.mirror.model_format import Packed, cached, pack
from ops.mirror.run_locks import WRITER, is_disposable, is_ours, writer
from ops.mirror.runs import FAMILY, MISSING
from ops.mirror.store import Store, unless_done, unless_gone
from ops.mirror.written import Written
from ops.shared.redaction import one_line

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel, Run

MD5, SHA256, FILE_SHA256, FORMAT = "credit.md5", "credit.sha256", "credit.file_sha256", "credit.format"
TEST = "data/processed/test.parquet"
READY = "READY"
packed_before: dict[Path, Packed | str] = {}  # in the process that reads states: layout -> the model, or why not


class State(NamedTuple):
    """What is read of a state: its files, what they say, and md5 -> its new models, packed, or why one is refused."""

    files: Mapping[str, bytes]
    results: Results
    models: Mapping[str, Packed | str]


def read_state(revision: Revision, cache: Path | None, ready: Collection[str], folder: Path) -> State:
    """Read a state, and pack into `folder` the models that DVC's cache has and MLflow (`ready`, md5s) has not."""
    files = revision.read_files()
    results = read_results(revision, files)
    models = {}
    for family in results.families:
        layout = folder / family.md5
        if family.md5 in ready or not is_cached(cache, family.md5):
            continue
        if layout not in packed_before:
            try:
                packed_before[layout] = pack(cache, family, results.lock.get(TEST), layout)
            except InputError as error:
                packed_before[layout] = str(error)
        models[family.md5] = packed_before[layout]
    return State(files, results, models)


def is_cached(cache: Path | None, md5: str) -> bool:
    """Whether DVC's cache has a model."""
    return cache is not None and cached(cache, md5).is_file()


def read_cache_folder(repository: Path) -> Path:
    """Read from DVC's configuration where its cache is."""
    from dvc.config import Config, ConfigError

    try:
        configured = Config(dvc_dir=str(repository / ".dvc"))["cache"].get("dir")
    except ConfigError as error:
        raise InputError(f"DVC's configuration: {one_line(error)}") from error
    return repository / (configured or ".dvc/cache")


class Models:
    """The models in MLflow, `ready`: md5 -> the logged model that is complete; and those that come."""

    def __init__(self, store: Store, repository: Path, written: Written) -> None:
        self.ready = ready_models(store)
        self._store, self._repository, self._written = store, repository, written

    @cached_property
    def cache(self) -> Path | None:
        """DVC's cache; None where DVC cannot say where that is."""
        try:
            return read_cache_folder(self._repository)
        except InputError as error:
            self._written.problems[str(error)] = None
            return None

    def are_to_link(self, run: "Run") -> bool:
        """Whether a model that a state's run still misses is in MLflow by now, or in DVC's cache."""
        return any(md5 in self.ready or is_cached(self.cache, md5) for md5 in run.data.tags.get(MISSING, "").split())

    def link(self, run: "Run", state: State | None) -> None:
        """Link the families of a state to their models, which are logged if they are new; a tag says what is left."""
        missing, packed = set(run.data.tags.get(MISSING, "").split()), state.models if state else {}
        here = missing & {*self.ready, *packed}
        self._written.absent |= missing - here
        if not here or state is None:  # without a state they came since this mirror began: the next one links them
            return
        children = {child.data.tags.get(FAMILY): child for child in self._store.children(run)}
        for family in state.results.families:
            if family.family in children and family.md5 in here:
                self._link_family(children[family.family], family, packed.get(family.md5))
        if left := missing - set(self.ready):
            self._store.client.set_tag(run.info.run_id, MISSING, " ".join(sorted(left)))
        else:
            unless_gone(self._store.client.delete_tag, run.info.run_id, MISSING)

    def _link_family(self, child: "Run", family: FamilyResult, packed: Packed | str | None) -> None:
        """Show a model as what a family's run made."""
        from mlflow.entities import LoggedModelOutput

        if family.md5 not in self.ready:
            if isinstance(packed, str):
                self._written.problems[packed] = None
                return
            self.ready[family.md5] = log_model(self._store, family, child, packed)
            self._written.models += 1
            shutil.rmtree(packed.layout)
        model_id, run_id = self.ready[family.md5].model_id, child.info.run_id

        def is_linked(run: "Run") -> bool:
            return run.outputs is not None and model_id in [output.model_id for output in run.outputs.model_outputs]

        if not is_linked(child):
            unless_done(
                lambda: self._store.client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)]),
                lambda: is_linked(self._store.client.get_run(run_id)),
            )


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
    """Log a family's packed model as made by a run; of several of one file the first stays, linked to by others."""
    tags = {
        MD5: family.md5,
        SHA256: packed.sha256,
        FILE_SHA256: packed.file_sha256,
        FORMAT: packed.form,
        FAMILY: family.family,
        WRITER: writer(),
    }
    described = {"tags": tags, "params": dict(family.params), "model_type": "classifier"}
    model = store.client.create_logged_model(store.experiment, family.family, run.info.run_id, **described)
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
