"""What a run found, read from the small files that Git keeps: no data, no models, no cache are needed."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import ConfigDict

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.records import Record, check

PARAMS = Path("params.yaml")
SELECTION = Path("metrics/selection.json")
RANKING = Path("plots/selection.csv")
EVALUATION = Path("metrics/evaluation.json")
PERFORMANCE = Path("plots/performance.csv")
SAMPLES = ("test", "out of fold")
_RUN = "run `make run` first"


class _Part(Record):
    """A record of what is needed from a file that has more in it."""

    model_config = ConfigDict(extra="ignore")


class Params(_Part):
    model: str


class FoldMean(_Part):
    """A metric's mean over the folds of `n` applicants, with its 95 % interval."""

    metric: str
    mean: float
    low: float
    high: float
    n: int


class Selection(_Part):
    chosen: str
    ranked_by: str
    leader: str
    lead: float
    lead_is_more_than_noise: bool
    estimates: tuple[FoldMean, ...]


class Ranked(_Part):
    family: str
    metric: str
    difference: float
    difference_se: float


class Setting(_Part):
    setting: str
    value: Any


class Training(_Part):
    picked: tuple[Setting, ...]


class Evaluation(_Part):
    estimator: str
    threshold: float


class Estimate(_Part):
    """A metric of a sample of `n` applicants, `bad` of them bad, with its 95 % interval."""

    sample: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    bad: int


class Findings(NamedTuple):
    """What was chosen, what was evaluated, and how it does.

    `chosen_rank` is the chosen family's distance to the leader; `settings` are picked ones, by family;
    `performance` maps a sample to its metrics, by name.
    """

    selection: Selection
    chosen_rank: Ranked
    evaluation: Evaluation
    settings: Mapping[str, Mapping[str, Any]]
    performance: Mapping[str, Mapping[str, Estimate]]


PartType = TypeVar("PartType", bound=_Part)


def read_findings() -> Findings:
    """Read the findings of the last run from the current directory.

    Raises
    ------
    InputError
        A file is absent or not as it must be, or the evaluation is not of the model that params.yaml asks for.
    """
    selection = check(Selection, _read_json(SELECTION), str(SELECTION))
    evaluation = check(Evaluation, _read_json(EVALUATION), str(EVALUATION))
    _check_families(selection, evaluation)
    ranking = {row.family: row for row in _rows(Ranked, RANKING) if row.metric == selection.ranked_by}
    if selection.chosen not in ranking:
        raise InputError(
            f"{RANKING}: expected a row of {selection.chosen} by {selection.ranked_by}, found none; {_RUN}"
        )
    settings = {family: _settings(family) for family in (selection.chosen, evaluation.estimator)}
    return Findings(selection, ranking[selection.chosen], evaluation, settings, _performance())


def _check_families(selection: Selection, evaluation: Evaluation) -> None:
    for name, path in (
        (selection.chosen, SELECTION),
        (selection.leader, SELECTION),
        (evaluation.estimator, EVALUATION),
    ):
        if name not in FAMILIES:
            raise InputError(f"{path}: expected one of {', '.join(FAMILIES)}, got {name!r}")
    asked = check(Params, _read_params(), str(PARAMS)).model
    expected = selection.chosen if asked == "best" else asked
    if evaluation.estimator != expected:
        raise InputError(
            f"{EVALUATION}: expected the evaluation of {expected} ({PARAMS} has model: {asked}), "
            f"got that of {evaluation.estimator}; {_RUN}"
        )


def _settings(family: str) -> dict[str, Any]:
    path = Path(f"metrics/train/{family}.json")
    return {picked.setting: picked.value for picked in check(Training, _read_json(path), str(path)).picked}


def _performance() -> dict[str, dict[str, Estimate]]:
    performance = {sample: {} for sample in SAMPLES}
    for row in _rows(Estimate, PERFORMANCE):
        if row.sample in performance:
            performance[row.sample][row.metric] = row
    test, out_of_fold = (set(performance[sample]) for sample in SAMPLES)
    if not test or test != out_of_fold:
        raise InputError(f"{PERFORMANCE}: expected the same metrics of the samples {' and '.join(SAMPLES)}; {_RUN}")
    return performance


def _rows(kind: type[PartType], path: Path) -> Iterator[PartType]:
    for number, row in enumerate(csv.DictReader(_text(path).splitlines()), start=2):
        yield check(kind, row, f"{path}, line {number}")


def _read_params() -> Any:
    try:
        return yaml.safe_load(_text(PARAMS))
    except yaml.YAMLError as error:
        raise InputError(f"{PARAMS}: expected YAML, got a fault: {' '.join(str(error).split())}") from None


def _read_json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: expected JSON, got something else: {error}") from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: expected a file of the last run, found no file; {_RUN}")
    return path.read_text(encoding="utf-8")
