"""What the params say of one family: the candidates of its search, and what is not its estimator's."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from credit.core.errors import InputError
from credit.core.families import SCORECARD, SEARCHED, build_estimator
from credit.core.records import Record, check
from credit.core.split import Folds, MaxRows
from credit.features.preprocessing import CODES, ENCODINGS, WOE
from credit.model.grid import expand
from credit.model.pipeline import CODING, hyperparameters
from credit.model.resampling import RESAMPLERS

Method = Literal["sigmoid", "isotonic", "none"]


class Search(Folds):
    metric: Literal["auc", "average_precision"]


class Blend(Record):
    members: Annotated[tuple[str, ...], Field(min_length=2)]


def check_members(members: tuple[str, ...]) -> None:
    """Refuse members that are no families, or stand there twice."""
    if not set(members) <= set(SEARCHED) or len(set(members)) < len(members):
        raise InputError(
            f"params.yaml: 'blend.members' must be different ones of {', '.join(SEARCHED)}, got {', '.join(members)}"
        )


class Apart(Record):
    """Settings that stand among a family's and are not its estimator's; None is what holds for all families."""

    max_rows: MaxRows = None
    calibration: Method | None = None


class FamilySettings(NamedTuple):
    """The candidates of a family; to how many rows it is fitted at most, and how it is calibrated."""

    candidates: list[dict[str, Any]]
    max_rows: int | None
    calibration: str | None


def read_settings(family: str, settings: Mapping[str, Any]) -> FamilySettings:
    """Read the settings of a family, refusing a coding, resampler or hyperparameter that there is not, or does not fit.

    `codes` does not fit a resampler: of unscaled columns the widest alone would decide who is near to whom. The
    scorecard has nothing but `woe`: its points are those of bins.
    """
    apart = {name: value for name, value in settings.items() if name in Apart.model_fields}
    checked = check(Apart, apart, f"params.yaml, train.{family}")
    searched = {name: value for name, value in settings.items() if name not in apart}
    for name, known in zip(CODING, (ENCODINGS, RESAMPLERS), strict=True):
        given = searched.get(name)
        for value in given if isinstance(given, list) else [given]:
            if value not in list(known):
                raise InputError(f"params.yaml: 'train.{family}.{name}' must be of {', '.join(known)}, got {value!r}")
    try:
        candidates = expand(searched)
    except InputError as error:
        raise InputError(f"params.yaml, train.{family}: {error}") from None
    for candidate in candidates:
        if family == SCORECARD and candidate["encoding"] != WOE:
            raise InputError(
                f"params.yaml: 'train.{family}.encoding' must be {WOE}, whose bins are what its points are for, "
                f"got {candidate['encoding']!r}"
            )
        if candidate["encoding"] == CODES and RESAMPLERS[candidate["resampler"]]:
            raise InputError(
                f"params.yaml: 'train.{family}.encoding' must be scaled for a resampler, which goes by distances "
                f"(ordinal instead of {CODES}), got {CODES} and {candidate['resampler']}"
            )
        build_estimator(family, hyperparameters(candidate), seed=0)
    return FamilySettings(candidates, checked.max_rows, checked.calibration)
