"""What MLflow holds of this project, all of it: MLflow itself answers page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion

REGISTERED = "credit-risk"
KIND, DIGEST = "credit.kind", "credit.digest"
PARENT = "mlflow.parentRunId"
PAGE = 1000  # runs at a time
DELETED = 2  # ViewType.DELETED_ONLY of MLflow, which takes long to import
GONE = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")  # of what another mirror has deleted


@dataclass(frozen=True)
class Store:
    """A client with the id of the project's experiment."""

    client: "MlflowClient"
    experiment: str

    def runs(self, condition: str, **options: Any) -> list["Run"]:
        """Find the runs that meet a condition."""
        return _all(self.client.search_runs, [self.experiment], condition, max_results=PAGE, **options)

    def states(self) -> dict[str, list["Run"]]:
        """Digest -> the runs of that state."""
        by_digest: dict[str, list[Run]] = {}
        for run in self.runs(f"tags.`{KIND}` = 'revision'"):
            by_digest.setdefault(run.data.tags.get(DIGEST, ""), []).append(run)
        return by_digest

    def deleted_states(self) -> list["Run"]:
        """List the runs of states that were deleted, by a person or a mirror."""
        return self.runs(f"tags.`{KIND}` = 'revision'", run_view_type=DELETED)

    def children(self, run: "Run") -> list["Run"]:
        """List the runs under a run."""
        return self.runs(f"tags.`{PARENT}` = '{run.info.run_id}'")

    def models(self, condition: str | None = None) -> list["LoggedModel"]:
        """Find the logged models that meet a condition."""
        return _all(self.client.search_logged_models, [self.experiment], condition)

    def versions(self) -> list["ModelVersion"]:
        """List the versions of the registered model, the first ones first."""
        versions = _all(self.client.search_model_versions, f"name = '{REGISTERED}'")
        return sorted(versions, key=lambda version: int(version.version))

    def delete(self, run: "Run") -> None:
        """Delete a run and those under it, unless another mirror has just done so."""
        self.delete_children(run)
        unless_gone(self.client.delete_run, run.info.run_id)

    def delete_children(self, run: "Run") -> None:
        """Delete the runs under a run, unless another mirror has just done so."""
        for child in self.children(run):
            unless_gone(self.client.delete_run, child.info.run_id)


def unless_gone(delete: Callable[..., object], *arguments: object) -> None:
    """Delete what another mirror may have deleted in this moment."""
    from mlflow.exceptions import MlflowException

    try:
        delete(*arguments)
    except MlflowException as error:
        if error.error_code not in GONE:
            raise


def unless_done(call: Callable[[], object], is_done: Callable[[], bool]) -> None:
    """Make what another mirror may make in this moment: MLflow refuses to make it twice."""
    from mlflow.exceptions import MlflowException

    try:
        call()
    except MlflowException:
        if not is_done():
            raise


def _all(search: Callable[..., Any], *arguments: Any, **options: Any) -> list[Any]:
    """Search page by page."""
    page = search(*arguments, **options)
    entries = list(page)
    while page.token:
        page = search(*arguments, **options, page_token=page.token)
        entries += page
    return entries
