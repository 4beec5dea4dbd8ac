"""What the params say of choosing a family, and of looking at one model."""

from typing import Annotated, Literal

from pydantic import Field

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.records import Record


class SelectBest(Record):
    metric: Literal["auc", "brier", "cost"]
    simplest_first: tuple[str, ...]


class Evaluate(Record):
    bootstrap: Annotated[int, Field(ge=100)]


def check_order(simplest_first: tuple[str, ...]) -> None:
    """Refuse an order of preference of families that are not known, or stand there twice, or are fewer than two."""
    if not set(simplest_first) <= set(FAMILIES) or not len(simplest_first) == len(set(simplest_first)) > 1:
        raise InputError(
            f"params.yaml: 'select_best.simplest_first' must name two or more of {', '.join(FAMILIES)}, each once, "
            f"got {', '.join(simplest_first)}"
        )


def check_model(name: str) -> None:
    """Refuse a model that no stage makes."""
    if name not in ("best", *FAMILIES):
        raise InputError(f"params.yaml: 'model' must be best or one of {', '.join(FAMILIES)}, got {name!r}")
