"""Read plain values (from YAML or JSON) into typed, checked records."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from credit.core.errors import InputError


class Record(BaseModel):
    """A record that refuses unknown keys and cannot be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


# Of random numbers. What is seeded beside it adds a small number to it, and NumPy takes less than 2**32.
Seed = Annotated[int, Field(ge=0, lt=2**31, strict=True)]

RecordType = TypeVar("RecordType", bound=Record)

LONGEST = 60  # characters of a wrong value that a message shows
# What pydantic says in a programmer's words, by the type of the error.
_IN_PLAIN_WORDS = {
    "model_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "path_type": "the path of a file",
    "too_short": "a list of at least {min_length} values",
    "too_long": "a list of at most {max_length} values",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def with_present_keys(values: Any, section: str, present: Mapping[str, Sequence[str]]) -> Any:
    """Give a section's values under the keys that it has now, and log a line on each that has an old one.

    Parameters
    ----------
    present : old key -> those that hold its value now.
    """
    old = present.keys() & values if isinstance(values, dict) else ()
    for key in sorted(old):
        values = {name: values[name] for name in values if name != key} | dict.fromkeys(present[key], values[key])
        said = f"params.yaml: '{section}.{key}' is still read, and is now called {' and '.join(present[key])}"
        logging.getLogger(section).warning(said)
    return values


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
        # A misspelt key is missing under its right name too; the misspelling tells more.
        first, *others = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        raise InputError(_one_line(first, kind, where, len(others))) from None


def _one_line(problem: dict, kind: type[Record], where: str, others: int) -> str:
    # The location of a wrong key of a mapping ends in "[key]" and the type tried.
    parts = list(map(str, problem["loc"]))
    key = ".".join(parts[: parts.index("[key]")] if "[key]" in parts else parts)
    more = f"; {others} more {'fault' if others == 1 else 'faults'}" if others else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key '{key}'; expected one of {_keys_beside(kind, problem['loc'])}{more}"
        case "missing":
            return f"{where}: '{key}' is missing{more}"
    subject = f"'{key}'" if key else "the whole"
    return f"{where}: {subject} must be {_expected(problem)}{_received(problem)}{more}"


def _expected(problem: dict) -> str:
    said = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return _IN_PLAIN_WORDS.get(problem["type"], "{said}").format(said=said, **problem.get("ctx", {}))


def _received(problem: dict) -> str:
    """Show what came; of a whole record that does not agree with itself, the message has said it."""
    came = problem["input"]
    if problem["type"] == "value_error" and isinstance(came, dict):
        return ""
    shown = "nothing" if came is None else repr(came)
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
    unquoted = " (YAML reads an unquoted yes, no, on or off as true or false)" if isinstance(came, bool) else ""
    return f", got {shown}{unquoted}"


def _keys_beside(kind: type[Record], location: tuple) -> str:
    """Name the keys that were allowed where an unknown one came."""
    for part in location[:-1]:
        field = kind.model_fields.get(str(part))
        if field is not None:
            kind = next(_records_in(field.annotation), kind)
    return ", ".join(kind.model_fields)


def _records_in(annotation: Any) -> Iterator[type[Record]]:
    """Find the records that a field holds, as itself or as a list's or a mapping's items."""
    for held in (annotation, *get_args(annotation)):
        if isinstance(held, type) and issubclass(held, Record):
            yield held
