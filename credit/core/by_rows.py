"""Params that depend on the number of rows, so that one set of them serves tables of any size."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from credit.core.records import Record

BY_ROWS, FROM = "by_rows", "from_rows"
SIZED = ("search", "out_of_fold")


class FromRows(Record):
    """What takes the place of other values of its section, of a table of so many rows or more."""

    from_rows: Annotated[int, Field(ge=1, strict=True)]


class AnyFromRows(FromRows):
    """The same, whatever the values."""

    model_config = ConfigDict(extra="allow")


Change = TypeVar("Change", bound=FromRows)


def _rising(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    sizes = [change.from_rows for change in changes]
    if sizes != sorted(set(sizes)):
        raise ValueError(f"a list with rising {FROM}")
    return changes


ByRows = Annotated[tuple[Change, ...], AfterValidator(_rising)]


def at_rows(section: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Give a section's values for a table of so many rows: each change up to it takes the place of what is before it.

    >>> at_rows({"folds": 5, "repeats": 3, "by_rows": [{"from_rows": 3000, "repeats": 1}]}, 4000)
    {'folds': 5, 'repeats': 1}
    """
    changes: Sequence[Mapping[str, Any]] = section.get(BY_ROWS, ())
    values = {name: value for name, value in section.items() if name != BY_ROWS}
    for change in changes:
        if rows >= change[FROM]:
            values |= {name: value for name, value in change.items() if name != FROM}
    return values


def params_at(params: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Give all of params.yaml for a table of so many rows; of its sections those of `SIZED` and each family depend."""
    sized = {name: at_rows(params[name], rows) for name in SIZED}
    families = {family: at_rows(settings, rows) for family, settings in params["train"].items()}
    return {**params, **sized, "train": families}
