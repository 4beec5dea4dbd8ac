"""The model registry: a version for each model that was evaluated, the champion and the challenger among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.mirror.claims import WRITER, has_ended, is_of_this_process, writer
from ops.mirror.models import FILE_SHA256, FORMAT, MD5, SHA256

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion

REGISTERED = "credit-risk"
CHAMPION, CHALLENGER = "champion", "challenger"
SINCE = "credit.champion_since"  # when the main branch's last commit was made by which the champion was chosen


@dataclass(frozen=True)
class Evaluated:
    """A model that some revision evaluated: its run, what is known of it, and how good it is out of fold.

    Attributes
    ----------
    md5 : of the saved model.
    tags : for its version.
    score : out of fold, the higher the better; None if unknown.
    comparable : what has to be equal for scores to be compared: the applicants, folds and costs, and the metric.
    """

    md5: str
    run_id: str
    tags: dict[str, str]
    score: float | None
    comparable: tuple[str, ...]


def versions(client: "MlflowClient") -> dict[str, "ModelVersion"]:
    """md5 of the model -> its version, the first one if there are several; the writers of later ones delete theirs."""
    found: dict[str, ModelVersion] = {}
    for version in sorted(all_versions(client), key=lambda version: int(version.version)):
        if MD5 not in version.tags:
            continue
        if version.tags[MD5] not in found:
            found[version.tags[MD5]] = version
        elif is_of_this_process(version.tags.get(WRITER, "")) or has_ended(version.tags.get(WRITER, "")):
            client.delete_model_version(REGISTERED, version.version)
    return found


def all_versions(client: "MlflowClient") -> list["ModelVersion"]:
    """List every version of the registered model."""
    found, token = [], None
    while True:
        page = client.search_model_versions(f"name = '{REGISTERED}'", page_token=token)
        found += page
        token = page.token
        if not token:
            return found


def register(
    client: "MlflowClient",
    evaluated: Sequence[Evaluated],
    models: Mapping[str, "LoggedModel"],
) -> int:
    """Make a version of each evaluated model that is logged; returns how many are new."""
    ensure_registered_model(client)
    known, made = versions(client), 0
    for each in best_known(evaluated):
        if each.md5 in known:
            complete_tags(client, known[each.md5], each.tags)
        elif each.md5 in models:
            model = models[each.md5]
            of_model = {name: model.tags[name] for name in (MD5, SHA256, FILE_SHA256, FORMAT)}
            tags = {**each.tags, **of_model, WRITER: writer()}
            client.create_model_version(
                REGISTERED, f"models:/{model.model_id}", each.run_id, tags, model_id=model.model_id
            )
            made += 1
    if made:
        versions(client)  # other mirrors may have made the same ones
    return made


def best_known(evaluated: Sequence[Evaluated]) -> list[Evaluated]:
    """Take each model once: from the first revision that has metrics of it, else from the first that chose it."""
    found: dict[str, Evaluated] = {}
    for each in evaluated:
        if each.md5 not in found or (found[each.md5].score is None and each.score is not None):
            found[each.md5] = each
    return list(found.values())


def complete_tags(client: "MlflowClient", version: "ModelVersion", tags: Mapping[str, str]) -> None:
    """Add what is known by now of a version that was made when less was."""
    for name, value in tags.items():
        if name not in version.tags:
            client.set_model_version_tag(REGISTERED, version.version, name, value)


def ensure_registered_model(client: "MlflowClient") -> None:
    """Make the registered model, if there is none."""
    from mlflow.exceptions import MlflowException

    try:
        client.get_registered_model(REGISTERED)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        try:
            client.create_registered_model(REGISTERED, description="Credit-risk models that were evaluated.")
        except MlflowException as created:
            if created.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


def set_aliases(
    client: "MlflowClient", evaluated: Sequence[Evaluated], champion: Evaluated | None, since: int
) -> dict[str, str]:
    """Point the aliases at the champion and at the best other model on the same data; returns those that changed.

    Parameters
    ----------
    evaluated : every model that is mirrored, by whomever.
    champion : the model that the main branch's last commit chose as its best.
    since : when that branch's last commit was made, seconds since 1970. Where a later one has made the champion, a
        clone that is behind changes nothing.
    """
    known, registered = versions(client), client.get_registered_model(REGISTERED)
    if champion is None or champion.md5 not in known or since < int(registered.tags.get(SINCE, 0)):
        return {}
    if registered.tags.get(SINCE) != str(since):
        client.set_registered_model_tag(REGISTERED, SINCE, str(since))
    best_other = challenger([each for each in evaluated if each.md5 in known], champion)
    wanted = {CHAMPION: champion.md5, CHALLENGER: best_other}
    changed = {}
    for alias, md5 in wanted.items():
        present, version = str(registered.aliases.get(alias, "")), str(known[md5].version) if md5 else ""
        if version and version != present:
            client.set_registered_model_alias(REGISTERED, alias, version)
            changed[alias] = version
        elif present and not version:
            client.delete_registered_model_alias(REGISTERED, alias)
    return changed


def challenger(evaluated: Sequence[Evaluated], champion: Evaluated | None) -> str | None:
    """Find the best model beside the champion, by what that was ranked by, on the same applicants; its md5."""
    others = [
        each
        for each in evaluated
        if champion and each.md5 != champion.md5 and each.score is not None and each.comparable == champion.comparable
    ]
    return max(others, key=lambda each: (each.score, each.md5)).md5 if others else None
