"""The model registry: a version for each model that was evaluated, the champion and the challenger among them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from credit.evaluate.selection import HIGHER_IS_BETTER
from ops.mirror.models import FILE_SHA256, FORMAT, MD5, SHA256
from ops.mirror.run_locks import WRITER, is_disposable, writer
from ops.mirror.runs import BEST, CHOSEN, DATA, EVALUATED, FAMILY, JUDGED_ON, RANKED_BY
from ops.mirror.store import REGISTERED, Store, unless_done, unless_gone

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
SINCE = "credit.champion_since"  # when the main branch's last commit was made by which the champion was chosen
SCORES = ("auc", "gini", "ks", "brier", "cost", "oof_auc", "oof_brier", "oof_cost", "threshold")


class Evaluated(NamedTuple):
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


def evaluated_by(run: "Run") -> list[Evaluated]:
    """Say which models a revision's run judged: the one it evaluated, and the one it chose if that is another."""
    tags, metrics = run.data.tags, run.data.metrics
    ranked_by = tags.get(RANKED_BY, "")
    score = metrics.get(f"oof_{ranked_by}")
    if score is not None and not HIGHER_IS_BETTER.get(ranked_by, True):
        score = -score
    scores = {name: f"{metrics[name]:.6g}" for name in SCORES if name in metrics}
    judged = [(tags.get(EVALUATED), tags.get(FAMILY, ""), scores, score)]
    if tags.get(BEST) != tags.get(EVALUATED):
        judged.append((tags.get(BEST), tags.get(CHOSEN, ""), {}, None))
    comparable = (tags.get(JUDGED_ON, ""), ranked_by)
    return [
        Evaluated(md5, run.info.run_id, {FAMILY: family, DATA: tags.get(DATA, ""), **shown}, value, comparable)
        for md5, family, shown, value in judged
        if md5
    ]


def versions_by_md5(store: Store) -> dict[str, "ModelVersion"]:
    """md5 of the model -> its version, the first one if there are several; the writers of later ones delete theirs."""
    first: dict[str, ModelVersion] = {}
    for version in store.versions():
        md5 = version.tags.get(MD5)
        if md5 and first.setdefault(md5, version) is not version and is_disposable(version.tags):
            unless_gone(store.client.delete_model_version, REGISTERED, version.version)
    return first


def register(
    store: Store, evaluated: Sequence[Evaluated], models: Mapping[str, "LoggedModel"], deleted: Collection[str]
) -> int:
    """Make a version of each evaluated model that is logged; returns how many are new.

    A version keeps the run that it was made of. If that is among the `deleted`, another takes its place.
    """
    ensure_registered_model(store)
    versions, made = versions_by_md5(store), 0
    for each in described(evaluated):
        if each.md5 in versions and each.md5 in models and versions[each.md5].run_id in deleted:
            unless_gone(store.client.delete_model_version, REGISTERED, versions.pop(each.md5).version)
        if each.md5 in versions:
            version = versions[each.md5]
            for name in each.tags.keys() - version.tags.keys():  # less was known when it was made
                store.client.set_model_version_tag(REGISTERED, version.version, name, each.tags[name])
        elif each.md5 in models:
            create(store, each, models[each.md5])
            made += 1
    if made:
        versions_by_md5(store)  # other mirrors may have made the same ones
    return made


def create(store: Store, evaluated: Evaluated, model: "LoggedModel") -> None:
    """Make a version of a logged model, unless another mirror does."""
    of_model = {name: model.tags[name] for name in (MD5, SHA256, FILE_SHA256, FORMAT)}
    tags, source = {**evaluated.tags, **of_model, WRITER: writer()}, f"models:/{model.model_id}"
    unless_done(
        lambda: store.client.create_model_version(REGISTERED, source, evaluated.run_id, tags, model_id=model.model_id),
        lambda: evaluated.md5 in versions_by_md5(store),
    )


def described(evaluated: Sequence[Evaluated]) -> list[Evaluated]:
    """Take each model once: from the first revision that has metrics of it, else from the first that chose it."""
    first: dict[str, Evaluated] = {}
    for each in sorted(evaluated, key=lambda each: each.score is None):
        first.setdefault(each.md5, each)
    return [first[md5] for md5 in dict.fromkeys(each.md5 for each in evaluated)]


def ensure_registered_model(store: Store) -> None:
    """Make the registered model, if there is none."""

    def is_there() -> bool:
        return bool(store.client.search_registered_models(f"name = '{REGISTERED}'"))

    if not is_there():
        description = "Credit-risk models that were evaluated."
        unless_done(lambda: store.client.create_registered_model(REGISTERED, description=description), is_there)


def set_aliases(store: Store, evaluated: Sequence[Evaluated], main: "Run", since: int) -> dict[str, str]:
    """Point the aliases at the champion and at the best other model on the same data; returns those that changed.

    Parameters
    ----------
    evaluated : every model that is mirrored, by whomever.
    main : the run of the main branch's last commit, of which the champion is the model that it chose as its best.
    since : when that branch's last commit was made, seconds since 1970. Where a later one has made the champion, a
        clone that is behind changes nothing.
    """
    champion = next((each for each in evaluated_by(main) if each.md5 == main.data.tags.get(BEST)), None)
    versions, registered = versions_by_md5(store), store.client.get_registered_model(REGISTERED)
    if champion is None or champion.md5 not in versions or since < int(registered.tags.get(SINCE, 0)):
        return {}
    if registered.tags.get(SINCE) != str(since):
        store.client.set_registered_model_tag(REGISTERED, SINCE, str(since))
    best_other = challenger([each for each in evaluated if each.md5 in versions], champion)
    changed = {}
    for alias, md5 in ((CHAMPION, champion.md5), (CHALLENGER, best_other)):
        present, version = str(registered.aliases.get(alias, "")), str(versions[md5].version) if md5 else ""
        if version and version != present:
            store.client.set_registered_model_alias(REGISTERED, alias, version)
            changed[alias] = version
        elif present and not version:
            store.client.delete_registered_model_alias(REGISTERED, alias)
    return changed


def challenger(evaluated: Sequence[Evaluated], champion: Evaluated) -> str | None:
    """Find the best model beside the champion, by what that was ranked by, on the same applicants; its md5."""
    others = [
        (each.score, each.md5)
        for each in evaluated
        if each.md5 != champion.md5 and each.score is not None and each.comparable == champion.comparable
    ]
    return max(others, default=(None, None))[1]
