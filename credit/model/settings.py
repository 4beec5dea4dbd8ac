"""What the params say of one family: the candidates of its search, and what is not its estimator's.

One language for fixed and searched settings: a value is fixed, a list is searched.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from credit.core.by_rows import BY_ROWS, AnyFromRows, ByRows, at_rows
from credit.core.errors import InputError
from credit.core.families import MONOTONE, SCORECARD, SEARCHED, build_estimator
from credit.core.records import Record, check
from credit.core.split import FoldsByRows, MaxRows
from credit.features.preprocessing import CODES, ENCODINGS, ONE_COLUMN_EACH, WOE
from credit.model.resampling import RESAMPLERS

ALLOWED = {"encoding": ENCODINGS, "resampler": tuple(RESAMPLERS)}


class Search(FoldsByRows):
    """The `search` section: the folds by which settings are picked, and the metric that is the highest of the best."""

    metric: Literal["auc", "average_precision"]


class Blend(Record):
    """The `blend` section: the families whose PDs are averaged."""

    members: Annotated[tuple[str, ...], Field(min_length=2)]


class Apart(Record):
    """Settings that stand among a family's and are not its estimator's; None is what holds for all families."""

    max_rows: MaxRows = None
    calibration: Literal["sigmoid", "isotonic", "none"] | None = None


class Candidate(NamedTuple):
    """One combination of settings: how columns are encoded, rows resampled, and the estimator's hyperparameters."""

    encoding: str
    resampler: str
    hyperparameters: Mapping[str, Any]

    @property
    def settings(self) -> dict[str, Any]:
        """All of it by the names that stand in params.yaml."""
        return {"encoding": self.encoding, "resampler": self.resampler, **self.hyperparameters}


def what_sets_apart(some: Sequence[Candidate], candidates: Sequence[Candidate]) -> str:
    """Say which settings only some of the candidates have, such as `resampler=smote, n_neighbors=61 or 101`."""
    parts = []
    for name in candidates[0].settings:
        theirs, all_values = (dict.fromkeys(str(each.settings[name]) for each in those) for those in (some, candidates))
        if len(theirs) < len(all_values):
            parts.append(f"{name}={' or '.join(theirs)}")
    return ", ".join(parts)


class FamilySettings(NamedTuple):
    """The candidates of a family; to how many rows it is fitted at most, and how it is calibrated."""

    candidates: list[Candidate]
    max_rows: int | None
    calibration: str | None


def check_members(members: tuple[str, ...]) -> None:
    """Refuse members of a blend that are no families, or stand there twice."""
    if not set(members) <= set(SEARCHED) or len(set(members)) < len(members):
        raise InputError(
            f"params.yaml: 'blend.members' must be different ones of {', '.join(SEARCHED)}, got {', '.join(members)}"
        )


class Sizes(Record):
    """What of a family's settings says for which tables others hold."""

    by_rows: ByRows[AnyFromRows] = ()


def check_settings(family: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings, for tables of any size, with an encoding, resampler or hyperparameter that is wrong."""
    sizes = {name: value for name, value in settings.items() if name == BY_ROWS}
    changes = check(Sizes, sizes, f"params.yaml, train.{family}").by_rows
    for size in (0, *(change.from_rows for change in changes)):
        _read(family, at_rows(settings, size))


def read_settings(family: str, settings: Mapping[str, Any], rows: int = 0) -> FamilySettings:
    """Read a family's settings for a table of so many rows, refusing what `check_settings` does.

    `codes` does not fit a resampler: of unscaled columns the widest alone would decide who is near to whom. The
    scorecard has nothing but `woe`: its points are those of bins.
    """
    check_settings(family, settings)
    return _read(family, at_rows(settings, rows))


def _read(family: str, settings: Mapping[str, Any]) -> FamilySettings:
    apart = {name: value for name, value in settings.items() if name in Apart.model_fields}
    checked = check(Apart, apart, f"params.yaml, train.{family}")
    searched = {name: value for name, value in settings.items() if name not in apart}
    for name, allowed in ALLOWED.items():
        values = searched.get(name)
        for value in values if isinstance(values, list) else [values]:
            if value not in allowed:
                raise InputError(f"params.yaml: 'train.{family}.{name}' must be of {', '.join(allowed)}, got {value!r}")
    try:
        combinations = expand(searched)
    except InputError as error:
        raise InputError(f"params.yaml, train.{family}: {error}") from None
    candidates = [Candidate(each.pop("encoding"), each.pop("resampler"), hyperparameters=each) for each in combinations]
    for candidate in candidates:
        _check_fit(family, candidate)
    return FamilySettings(candidates, checked.max_rows, checked.calibration)


def _check_fit(family: str, candidate: Candidate) -> None:
    if family == SCORECARD and candidate.encoding != WOE:
        raise InputError(
            f"params.yaml: 'train.{family}.encoding' must be {WOE}, whose bins are what its points are for, "
            f"got {candidate.encoding!r}"
        )
    if candidate.encoding == CODES and RESAMPLERS[candidate.resampler]:
        raise InputError(
            f"params.yaml: 'train.{family}.encoding' must be scaled for a resampler, which goes by distances "
            f"(ordinal instead of {CODES}), got {CODES} and {candidate.resampler}"
        )
    build_estimator(family, candidate.hyperparameters, seed=0)
    trees = candidate.hyperparameters.get("n_estimators")
    if isinstance(trees, int) and trees < 1:  # XGBoost takes it, and gives all applicants the same PD
        raise InputError(f"params.yaml: 'train.{family}.n_estimators' must be 1 or more, got {trees}")
    if candidate.hyperparameters.get(MONOTONE) and candidate.encoding not in ONE_COLUMN_EACH:
        raise InputError(
            f"params.yaml: 'train.{family}.{MONOTONE}' needs an encoding that makes one column of each "
            f"({', '.join(ONE_COLUMN_EACH)}), got {candidate.encoding!r}"
        )


def expand(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List every combination of settings.

    Parameters
    ----------
    settings : name -> one value (fixed), or a list of values (searched). A value that is itself a list, such
        as the layers of a network, stands in a list: `[[32, 16]]`.

    Returns
    -------
    One mapping a candidate, in the order of the lists, the last setting changing fastest.

    Raises
    ------
    InputError
        A list is empty or holds a value twice.

    Examples
    --------
    >>> expand({"max_depth": [2, 3], "learning_rate": 0.1})
    [{'max_depth': 2, 'learning_rate': 0.1}, {'max_depth': 3, 'learning_rate': 0.1}]
    """
    for name, values in settings.items():
        if isinstance(values, list) and (not values or any(value in values[:at] for at, value in enumerate(values))):
            raise InputError(f"'{name}' must be a value or a list of different values to search, got {values}")
    choices = [values if isinstance(values, list) else [values] for values in settings.values()]
    return [dict(zip(settings, combination, strict=True)) for combination in product(*choices)]
