"""Read plain values (from YAML or JSON) into typed, checked records."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from credit.errors import InputError


class Record(BaseModel):
    """A record that refuses unknown keys and cannot be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


RecordType = TypeVar("RecordType", bound=Record)


def check(kind: type[RecordType], values: Any, where: str) -> RecordType:
    """Build a record of `kind` from plain `values`.

    Raises
    ------
    InputError
        Names the first key that is wrong, what was expected there and what came, and `where`.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first, *others = error.errors()
        raise InputError(_one_line(first, kind, where, len(others))) from None


def _one_line(problem: dict, kind: type[Record], where: str, others: int) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the whole"
    more = f" (and {others} more)" if others else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key '{key}'; expected one of {_keys_beside(kind, problem['loc'])}{more}"
        case "missing":
            return f"{where}: '{key}' is missing{more}"
    said = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{where}: '{key}' must be {said}, got {problem['input']!r}{more}"


def _keys_beside(kind: type[Record], location: tuple) -> str:
    """Name the keys that were allowed where an unknown one came."""
    for part in location[:-1]:
        field = kind.model_fields.get(str(part))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, Record)):
            return "those documented"
        kind = field.annotation
    return ", ".join(kind.model_fields)
