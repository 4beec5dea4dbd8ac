"""One column of a lender's table: what it means and may contain."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from credit.core.number_form import NumberForm
from credit.core.ranges import POSSIBLE_DAYS, range_of
from credit.core.records import Record


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


def _labelled(codes: Any) -> Any:
    """Take a list of codes for codes without labels; YAML reads an unquoted day as one."""
    if isinstance(codes, list | tuple):
        codes = dict.fromkeys(codes, "")
    if not isinstance(codes, dict):
        raise ValueError("a list of codes, or code: label")
    return {str(code) if isinstance(code, date) else code: label for code, label in codes.items()}


def _number_or_text(code: Any) -> Any:
    if isinstance(code, bool):
        raise ValueError("a number or text")
    return code


Code = Annotated[int | str, BeforeValidator(_whole_or_text)]
MissingCode = Annotated[int | float | str, BeforeValidator(_number_or_text)]
Monotonicity = Literal["increasing", "decreasing"]
DIRECTIONS: Mapping[Monotonicity, int] = {"increasing": 1, "decreasing": -1}  # of the PD
KNOWN = "known"  # the level of those who have a value, in a column that says why others have none
Role = Literal["numeric", "nominal", "ordinal", "target", "time", "ignored"]


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
    number : of a numeric column, how its numbers are written, where that is not `1234.5`.
    missing : what says that there is no value, beside an empty cell and the usual words, such as -9999; code -> label.
    why_missing : of a nominal column, another one with codes for `missing`, which say why that has no value: they are
        this column's levels, beside `known`. It has no cells of its own.
    format : of a time, as for `strptime`; without one it is ISO 8601, such as 2026-11-23 or 2026-11-23T12:30.
    codes : code -> meaning; all numbers or all text. For an ordinal column in their order, from the first to the last.
        A nominal column may leave them out: then any text is a level.
    bad_codes, good_codes : of the target, the codes that mean default, and those that mean repaid: all others unless
        they are given. Given, the others say that the outcome is not known yet: such applicants are kept, and no model
        is fitted to them.
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
    number: NumberForm | None = None
    missing: Annotated[dict[MissingCode, str], BeforeValidator(_labelled)] = Field(default_factory=dict)
    why_missing: str | None = None
    bad_codes: tuple[Code, ...] = ()
    good_codes: tuple[Code, ...] = ()
    protected: bool = False
    required: bool = True
    actionable: bool = False
    monotonicity: Monotonicity | None = None

    @model_validator(mode="after")
    def _agrees_with_its_role(self) -> Self:
        if self.role == "numeric" and self.codes:
            raise ValueError("a column without codes, for its role is numeric")
        if self.role != "numeric" and self.number:
            raise ValueError(f"a column without a number's form, for its role is {self.role}")
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
        if both := [code for code in self.missing if code in (self.codes or ())]:
            raise ValueError(f"a column whose codes for missing are no codes, got {both} as both")
        if self.why_missing and (self.role != "nominal" or self.source or self.codes):
            raise ValueError("a nominal column without source and codes, for it says why another one has no value")
        return self

    @model_validator(mode="after")
    def _has_bad_codes_as_a_target_only(self) -> Self:
        if self.role != "target":
            if self.bad_codes or self.good_codes:
                key = "bad_codes" if self.bad_codes else "good_codes"
                raise ValueError(f"a column without {key}, for its role is {self.role}")
            return self
        if not 0 < len(self.bad_codes) < len(self.codes) or not set(self.bad_codes) <= set(self.codes):
            codes, bad = list(self.codes), list(self.bad_codes)
            raise ValueError(f"a target whose bad_codes name some of its codes {codes}, not all, got {bad}")
        if not set(self.good_codes) <= set(self.codes) - set(self.bad_codes):
            codes, good = [code for code in self.codes if code not in self.bad_codes], list(self.good_codes)
            raise ValueError(f"a target whose good_codes are some of its codes {codes} that are not bad, got {good}")
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
    def indeterminate_codes(self) -> list[Code]:
        """Of the target, the codes that say neither good nor bad; none where good_codes are not given."""
        return (
            [code for code in self.codes if code not in (*self.bad_codes, *self.good_codes)] if self.good_codes else []
        )

    @property
    def has_integer_codes(self) -> bool:
        """Whether the codes are numbers; then the prepared column is numeric, else text."""
        return bool(self.codes) and all(isinstance(code, int) for code in self.codes)
