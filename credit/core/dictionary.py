"""The data dictionary: what every column of a lender's table is called, means and may contain."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import isnan
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, PlainValidator, model_validator

from credit.core.ranges import POSSIBLE_DAYS, range_of
from credit.core.records import Record
from credit.core.wording import shortened


def _whole_or_text(code: Any) -> Any:
    """Refuse what pydantic would turn into another code: True into 1, 2.0 into 2."""
    if isinstance(code, bool | float):
        raise ValueError("a whole number or text")
    return code


def _reads_the_year(form: str) -> str:
    """Refuse a format that cannot read a time, or reads one without its year: `dd.mm.yyyy`, `%Q`, `%d.%m.`."""
    year = 2026
    try:
        read = datetime.strptime(datetime(year, 11, 23, tzinfo=UTC).strftime(form), form).year
    except (ValueError, re.error):
        read = None
    if read != year:
        raise ValueError("a format as for strptime with the year in it, such as %d.%m.%Y")
    return form


Code = Annotated[int | str, BeforeValidator(_whole_or_text)]
Monotonicity = Literal["increasing", "decreasing"]
DIRECTIONS: Mapping[Monotonicity, int] = {"increasing": 1, "decreasing": -1}  # of the PD
Role = Literal["numeric", "nominal", "ordinal", "target", "time", "ignored"]
_PRESENT_KEYS = {"changeable": "actionable", "expected_pd": "monotonicity"}
_PRESENT_VALUES = {"rising": "increasing", "falling": "decreasing"}


class Column(Record):
    """One column of the table.

    Attributes
    ----------
    role : what the column is to a model. `time` is when the applicant applied: models do not see it, but the test
        applicants may be the latest. `ignored` columns are read and play no part.
    source : its name in the file, where that differs from its name here.
    label : a few words for people.
    unit : of a numeric column.
    range : of a numeric column or a time, whose ends are days; inclusive. A time without one is of 1901 to 2098.
    format : of a time, as for `strptime`; without one it is ISO 8601, such as 2026-11-23 or 2026-11-23T12:30.
    codes : code -> meaning; all numbers or all text. For an ordinal column in their order, from the first to the last.
        A nominal column may leave them out: then any text is a level.
    bad_codes : of the target, the codes that mean default.
    protected : whether the law forbids or restricts deciding by it.
    required : whether a table without it is refused.
    actionable : whether an applicant can change it for this application, such as the amount asked for; who is
        rejected is told which change of such columns would have led to an approval.
    monotonicity : of a numeric or ordinal column, whether the PD should be `increasing` or `decreasing` as the number
        grows, or from the first code to the last; models are checked for it and may be bound to it
        (`train.FAMILY.monotone`), and no change against it is proposed.
    """

    role: Role
    source: str | None = None
    label: str = ""
    unit: str = ""
    range: Annotated[tuple[float, float] | tuple[date, date] | None, PlainValidator(range_of)] = None
    format: Annotated[str, AfterValidator(_reads_the_year)] | None = None
    codes: dict[Code, str] | None = None
    bad_codes: tuple[Code, ...] = ()
    protected: bool = False
    required: bool = True
    actionable: bool = False
    monotonicity: Monotonicity | None = None

    @model_validator(mode="after")
    def _agrees_with_its_role(self) -> Self:
        if self.role == "numeric" and self.codes:
            raise ValueError("a column without codes, for its role is numeric")
        if self.role not in ("numeric", "time") and self.range:
            raise ValueError(f"a column without a range, for its role is {self.role}")
        if self.role == "time" and self.codes:
            raise ValueError("a column without codes, for its role is time")
        if self.role != "time" and self.format:
            raise ValueError(f"a column without a format, for its role is {self.role}")
        if self.role in ("ordinal", "target") and not self.codes:
            raise ValueError(f"a column with codes, for its role is {self.role}")
        if len({type(code) for code in self.codes or ()}) > 1:
            raise ValueError(f"a column whose codes are all numbers or all text (quoted), got {list(self.codes)}")
        return self

    @model_validator(mode="after")
    def _has_bad_codes_as_a_target_only(self) -> Self:
        if self.role != "target":
            if self.bad_codes:
                raise ValueError(f"a column without bad_codes, for its role is {self.role}")
            return self
        if not 0 < len(self.bad_codes) < len(self.codes) or not set(self.bad_codes) <= set(self.codes):
            codes, bad = list(self.codes), list(self.bad_codes)
            raise ValueError(f"a target whose bad_codes name some of its codes {codes}, not all, got {bad}")
        if not self.required:
            raise ValueError("a required column, for its role is target")
        return self

    @model_validator(mode="after")
    def _is_actionable_and_monotonic_as_a_feature_only(self) -> Self:
        if self.actionable and self.role not in ("numeric", "nominal", "ordinal"):
            raise ValueError(f"a column that is not actionable, for its role is {self.role}")
        if self.actionable and self.protected:
            raise ValueError("a column that is either actionable or protected, not both")
        if self.monotonicity and self.role not in ("numeric", "ordinal"):
            raise ValueError(f"a column without monotonicity, for its role is {self.role}")
        return self

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that a time may be of."""
        return self.range or POSSIBLE_DAYS

    @property
    def has_integer_codes(self) -> bool:
        """Whether the codes are numbers; then the prepared column is numeric, else text."""
        return bool(self.codes) and all(isinstance(code, int) for code in self.codes)


class Dictionary(Record):
    """All columns of a table, by their English names, in their order."""

    columns: dict[str, Column]

    @model_validator(mode="after")
    def _has_one_target_features_and_distinct_sources(self) -> Self:
        targets = self.names("target")
        if len(targets) != 1:
            raise ValueError(f"columns of which exactly one has the role target, not {targets or 'none'}")
        if len(times := self.names("time")) > 1:
            raise ValueError(f"columns of which at most one has the role time, not {times}")
        if not self.features:
            raise ValueError("columns of which some are for a model to see (numeric, nominal or ordinal), not none")
        sources = [self.source(name) for name in self.columns]
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


def with_present_keys(values: Any) -> tuple[Any, dict[str, str]]:
    """Rename the keys of columns that once had other names, before anything is checked.

    Parameters
    ----------
    values : of a dictionary's file, whatever is in it.

    Returns
    -------
    The values, and the old names that were in them with the present ones.
    """
    columns = values.get("columns") if isinstance(values, dict) else None
    if not isinstance(columns, dict):
        return values, {}
    old = {name: _old_keys(column) for name, column in columns.items()}
    present = {name: _renamed(column, old[name]) if old[name] else column for name, column in columns.items()}
    return {**values, "columns": present}, {
        key: new for key, new in _PRESENT_KEYS.items() if any(key in keys for keys in old.values())
    }


def _old_keys(column: Any) -> dict[str, str]:
    """Give the old keys of a column with their present names; beside its present name an old one is unknown."""
    keys = column if isinstance(column, dict) else {}
    return {key: new for key, new in _PRESENT_KEYS.items() if key in keys and new not in keys}


def _renamed(column: dict[str, Any], old: dict[str, str]) -> dict[str, Any]:
    return {
        old.get(key, key): _PRESENT_VALUES.get(str(value), value) if key in old else value
        for key, value in column.items()
    }
