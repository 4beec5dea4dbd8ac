"""The data dictionary: what every column of a lender's table is called, means and may contain."""

import re
from math import isnan
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from credit.core.column import KNOWN, Code, Column, Role
from credit.core.records import Record
from credit.core.wording import shortened


def _with_reasons(columns: dict[str, Column]) -> dict[str, Column]:
    """Give each column that says why another one has no value its codes: those of the other for missing."""
    return {name: _reasons(column, columns) if column.why_missing else column for name, column in columns.items()}


def _reasons(column: Column, columns: dict[str, Column]) -> Column:
    of = columns.get(column.why_missing)
    if of is None or not of.missing:
        raise ValueError(f"columns whose why_missing names one with codes for missing, got '{column.why_missing}'")
    codes = {str(code): label or str(code) for code, label in of.missing.items()}
    return column.model_copy(update={"codes": {KNOWN: KNOWN, **codes}, "required": of.required})


class Dictionary(Record):
    """All columns of a table, by their English names, in their order."""

    columns: Annotated[dict[str, Column], AfterValidator(_with_reasons)]

    @model_validator(mode="after")
    def _has_one_target_features_and_distinct_sources(self) -> Self:
        targets = self.names("target")
        if len(targets) != 1:
            raise ValueError(f"columns of which exactly one has the role target, not {targets or 'none'}")
        if len(times := self.names("time")) > 1:
            raise ValueError(f"columns of which at most one has the role time, not {times}")
        if not self.features:
            raise ValueError("columns of which some are for a model to see (numeric, nominal or ordinal), not none")
        sources = [self.source(name) for name, column in self.columns.items() if not column.why_missing]
        repeated = sorted({source for source in sources if sources.count(source) > 1})
        if repeated:
            raise ValueError(f"columns with distinct source names; repeated: {repeated}")
        return self

    def names(self, *roles: Role) -> list[str]:
        """Names of the columns that have one of `roles`, in the dictionary's order."""
        return [name for name, column in self.columns.items() if column.role in roles]

    @property
    def features(self) -> list[str]:
        """Names of the columns a model may see."""
        return self.names("numeric", "nominal", "ordinal")

    @property
    def target(self) -> str:
        """Name of the target column; prepared, 1 is bad (default) and 0 is good."""
        return self.names("target")[0]

    @property
    def time(self) -> str | None:
        """Name of the column that says when an applicant applied, if there is one."""
        return next(iter(self.names("time")), None)

    def source(self, name: str) -> str:
        """What the column `name` is called in the lender's file."""
        name = self.columns[name].why_missing or name
        return self.columns[name].source or name

    def meaning(self, name: str, code: Code) -> str:
        """The label of `code` in the column `name`; the code itself where there is none."""
        return (self.columns[name].codes or {}).get(code, str(code))

    def title(self, name: str) -> str:
        """What the column `name` is called before people: its label, or its name in words."""
        return self.columns[name].label or re.sub(r"(?<=[^_])_(?=[^_])", " ", name)  # `x_` stays, beside an `x`

    def in_words(self, name: str, value: Code | float | None) -> str:
        """What a prepared value of the column `name` says: a number with its unit, or the start of a code's meaning."""
        if value is None or (isinstance(value, float) and isnan(value)):
            return "not known"
        if self.columns[name].role == "numeric":
            return f"{value:,.10g} {self.columns[name].unit}".rstrip()
        return shortened(self.meaning(name, value))
