"""What a revision found, as MLflow takes it: parameters, metrics, tags, per revision and per family."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from credit.core.errors import InputError
from ops.history.lock import families, inputs, outputs, read_yaml, training, value_of
from ops.history.revisions import LOCK, PARAMS, Revision

LONGEST_PARAM = 6000  # characters that MLflow takes
TRAIN = "data/processed/train.parquet"
EVALUATION, SELECTION = "metrics/evaluation.json", "metrics/selection.json"


@dataclass(frozen=True)
class FamilyResult:
    """How one family did.

    Attributes
    ----------
    entry : digest of its entry in dvc.lock.
    md5 : of its fitted model, empty if there is none, as of a family that was left out.
    series : metric -> its values by steps: of each fold, of each candidate of the search.
    files : path -> content, of what is logged beside the numbers.
    """

    family: str
    entry: str
    md5: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    series: Mapping[str, Mapping[int, float]]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Results:
    """What a revision found.

    Attributes
    ----------
    source, data_digest : the lender's table and its digest in dvc.lock.
    judged_on : identifies the train applicants, folds and costs by which families are judged out of fold.
    evaluated, chosen : the family that was evaluated, and the one that `select_best` chose; empty if unknown.
    evaluated_md5 : of the evaluated model; `lock` has that of every output by its path.
    """

    params: Mapping[str, str]
    metrics: Mapping[str, float]
    source: str
    data_digest: str
    judged_on: str
    evaluated: str
    chosen: str
    ranked_by: str
    evaluated_md5: str
    lock: Mapping[str, str]
    families: list[FamilyResult]


def read_results(revision: Revision, files: Mapping[str, bytes]) -> Results:
    """Read what a revision's files say; what it does not have, or older commits have otherwise, is left out."""
    lock, params = (read_yaml(files[name], f"{name} of {revision.name}") for name in (LOCK, PARAMS))
    reports = {path: read_json(files[path], f"{path} of {revision.name}") for path in files if is_metrics(path)}
    evaluation, selection = reports.get(EVALUATION, {}), reports.get(SELECTION, {})
    source, evaluated = str(value_of(params, "ingest.source") or ""), str(evaluation.get("estimator", ""))
    made = outputs(lock)
    trained = [family_result(family, lock, files, reports) for family in families(lock)]
    metrics_of = {family.family: family.metrics for family in trained}.get(evaluated, {})
    out_of_fold = {name: value for name, value in metrics_of.items() if name.startswith("oof_")}
    return Results(
        params={name: in_words(value) for name, value in flatten(params)},
        metrics=headline_metrics(reports) | out_of_fold,
        source=source,
        data_digest=inputs(lock).get(source, ""),
        judged_on=judged_on(made.get(TRAIN, ""), params),
        evaluated=evaluated,
        chosen=str(selection.get("chosen", "")),
        ranked_by=str(selection.get("ranked_by", "")),
        evaluated_md5=made.get(model_path(params.get("model", "best")), ""),
        lock=made,
        families=trained,
    )


def model_path(name: str) -> str:
    """Say where the graph writes a family's model, or the best one."""
    return f"models/{name}.joblib"


def headline_metrics(reports: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Take the numbers of all reports but the families': those of the evaluation by their names, others by file."""
    metrics = dict(numbers(reports.get(EVALUATION, {})))
    for path, values in reports.items():
        if path.count("/") == 1 and path != EVALUATION:
            metrics |= numbers(values, f"{path.removeprefix('metrics/').removesuffix('.json')}.")
    return metrics


def is_metrics(path: str) -> bool:
    """Whether a file holds metrics."""
    return path.startswith("metrics/") and path.endswith(".json")


def read_json(text: bytes, place: str) -> Mapping[str, Any]:
    """Read a JSON mapping; anything else in JSON has no names for its values, and counts as empty."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InputError(f"{place}: expected JSON, got a fault: {error}") from None
    return values if isinstance(values, Mapping) else {}


def judged_on(train_digest: str, params: Mapping[str, Any]) -> str:
    """Identify by what families were judged: where it is the same, their results can be compared fold by fold."""
    judging = {name: params.get(name) for name in ("seed", "out_of_fold", "decision")}
    return hashlib.sha256(json.dumps([train_digest, judging], sort_keys=True).encode()).hexdigest()


def family_result(
    family: str, lock: Mapping[str, Any], files: Mapping[str, bytes], reports: Mapping[str, Mapping[str, Any]]
) -> FamilyResult:
    """Read how one family did."""
    report, searched = f"metrics/train/{family}.json", f"plots/search/{family}.csv"
    values = reports.get(report, {})
    metrics = dict(numbers(values))
    for estimate in records(values, "estimates", "metric"):
        spread = {part: estimate[part] for part in ("se", "low", "high") if part in estimate}
        metrics |= dict(numbers(spread, f"oof_{estimate['metric']}."))
    series: dict[str, dict[int, float]] = {}
    for position, fold in enumerate(records(values, "folds")):
        for name, value in numbers(fold, "fold_"):
            series.setdefault(name, {})[position] = value
    series.pop("fold_fold", None)
    if candidates := records(values, "search", "score"):
        series["search_score"] = {
            int(candidate.get("candidate", at)): float(candidate["score"]) for at, candidate in enumerate(candidates)
        }
    elif searched in files:  # in commits of before November 2026 the scores stand in the table of the plot alone
        series["search_score"] = search_scores(files[searched])
    return FamilyResult(
        family,
        training(lock, family),
        "" if is_left_out(values) else outputs(lock).get(model_path(family), ""),
        {str(row["setting"]): in_words(row["value"]) for row in records(values, "picked", "setting", "value")},
        metrics,
        series,
        {path: files[path] for path in (report, searched) if path in files},
    )


def is_left_out(values: Mapping[str, Any]) -> bool:
    """Whether a family's report says only why it could not be fitted."""
    return values.keys() == {"left_out"}


def records(values: Mapping[str, Any], name: str, *needed: str) -> list[Mapping[str, Any]]:
    """Read a list of records that have what is needed; none where older commits have something else."""
    rows = values.get(name)
    rows = rows if isinstance(rows, list) else []
    return [row for row in rows if isinstance(row, Mapping) and row.keys() >= set(needed)]


def search_scores(text: bytes) -> dict[int, float]:
    """Read the score of each candidate by its position, in the order in which they were tried."""
    scores: dict[int, float] = {}
    for position, row in enumerate(csv.DictReader(io.StringIO(text.decode(errors="replace")))):
        with suppress(TypeError, ValueError):  # an empty cell, or a table of another shape
            scores[position] = float(row.get("score"))
    return scores


def numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number that stands outside of lists, by its dotted name, as `dvc exp show` does."""
    for name, value in flatten(values, prefix):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what stands in mappings in mappings by its dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def in_words(value: Any) -> str:
    """Write a value as users of `dvc params` know it: text as it is, all else as JSON, such as a list."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)  # YAML has dates, too
    return text[:LONGEST_PARAM]
