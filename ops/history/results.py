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
from ops.history.lock import families, inputs, outputs, read_yaml, training
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
    model : (path, md5) of its fitted model, None if there is none.
    series : metric -> its values by steps: of each fold, of each candidate of the search.
    files : path -> content, of what is logged beside the numbers.
    """

    family: str
    entry: str
    model: tuple[str, str] | None
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
    """Read what a revision's files say; what it does not have, or older commits have otherwise, is left out.

    Raises
    ------
    InputError
        A file cannot be read at all.
    """
    lock, params = (read_yaml(files[name], f"{name} of {revision.name}") for name in (LOCK, PARAMS))
    found = {path: read_json(files[path], f"{path} of {revision.name}") for path in files if is_metrics(path)}
    evaluation, selection = found.get(EVALUATION, {}), found.get(SELECTION, {})
    source = str(section(params, "ingest").get("source", ""))
    made = outputs(lock)
    trained = [family_result(family, lock, made, files, found) for family in families(lock)]
    metrics = dict(numbers(evaluation))
    for path, values in found.items():
        if path.count("/") == 1 and path != EVALUATION:
            stem = path.removeprefix("metrics/").removesuffix(".json")
            metrics |= {f"{stem}.{name}": value for name, value in numbers(values)}
    evaluated = str(evaluation.get("estimator", ""))
    own = next((family.metrics for family in trained if family.family == evaluated), {})
    metrics |= {name: value for name, value in own.items() if name.startswith("oof_")}
    return Results(
        params=dict(flatten(params)),
        metrics=metrics,
        source=source,
        data_digest=inputs(lock).get(source, ""),
        judged_on=judged_on(made.get(TRAIN, ""), params),
        evaluated=evaluated,
        chosen=str(selection.get("chosen", "")),
        ranked_by=str(selection.get("ranked_by", "")),
        evaluated_md5=made.get(f"models/{params.get('model', 'best')}.joblib", ""),
        lock=made,
        families=trained,
    )


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


def section(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Get a mapping within a mapping; an empty one where there is none."""
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def judged_on(train_digest: str, params: Mapping[str, Any]) -> str:
    """Identify by what families were judged: where it is the same, their results can be compared fold by fold."""
    rules = {name: params.get(name) for name in ("seed", "out_of_fold", "decision")}
    return hashlib.sha256(json.dumps([train_digest, rules], sort_keys=True).encode()).hexdigest()


def family_result(
    family: str,
    lock: Mapping[str, Any],
    made: Mapping[str, str],
    files: Mapping[str, bytes],
    found: Mapping[str, Any],
) -> FamilyResult:
    """Read how one family did."""
    path, report = f"models/{family}.joblib", f"metrics/train/{family}.json"
    searched = f"plots/search/{family}.csv"
    values = found.get(report, {})
    metrics = dict(numbers(values))
    for estimate in records(values, "estimates", "metric"):
        interval = {part: value for part, value in numbers(estimate) if part in ("se", "low", "high")}
        metrics |= {f"oof_{estimate['metric']}.{part}": value for part, value in interval.items()}
    series = {f"fold_{name}": column for name, column in columns(records(values, "folds")).items() if name != "fold"}
    if searched in files:
        series["search_score"] = search_scores(files[searched])
    return FamilyResult(
        family,
        training(lock, family),
        (path, made[path]) if path in made else None,
        {str(row["setting"]): in_words(row["value"]) for row in records(values, "picked", "setting", "value")},
        metrics,
        series,
        {path: files[path] for path in (report, searched) if path in files},
    )


def records(values: Mapping[str, Any], name: str, *needed: str) -> list[Mapping[str, Any]]:
    """Read a list of records that have what is needed; none where older commits have something else."""
    rows = values.get(name)
    return [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping) and all(part in row for part in needed)
    ]


def columns(rows: list[Mapping[str, Any]]) -> dict[str, dict[int, float]]:
    """Turn a list of records into the numbers of each column by their positions."""
    found: dict[str, dict[int, float]] = {}
    for position, row in enumerate(rows):
        for name, value in numbers(row):
            found.setdefault(name, {})[position] = value
    return found


def search_scores(text: bytes) -> dict[int, float]:
    """Read the score of each candidate by its position, in the order in which they were tried."""
    scores: dict[int, float] = {}
    for position, row in enumerate(csv.DictReader(io.StringIO(text.decode(errors="replace")))):
        with suppress(TypeError, ValueError):  # an empty cell, or a table of another shape
            scores[position] = float(row.get("score"))
    return scores


def numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number that stands outside of lists, by its dotted name, as `dvc exp show` does."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{name}", float(value)


def flatten(params: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every parameter by its dotted name, lists as JSON."""
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", in_words(value)


def in_words(value: Any) -> str:
    """Write a value as `dvc params` users know it: text as it is, all else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)  # YAML has dates, too
    return text[:LONGEST_PARAM]
