"""How the numbers of a column are written: `1.234,56 €`, `9.76%`, `(1,200)`, `36 months`."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from credit.core.records import Record


def _listed(affixes: Any) -> Any:
    return (affixes,) if isinstance(affixes, str) else affixes


def _no_numbers(affixes: tuple[str, ...]) -> tuple[str, ...]:
    if any(re.search(r"[0-9()+]|^-|-$", affix) for affix in affixes):
        raise ValueError("text beside the number, without digits, signs and brackets")
    return tuple(affix.strip() for affix in affixes)


Affix = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_no_numbers), Field(min_length=1)]


class NumberForm(Record):
    """What a cell has to look like to be a number of its column; spaces beside the number do not matter.

    Attributes
    ----------
    decimal : what stands before the fraction.
    thousands : what parts groups of three digits, if anything does; a space stands for every kind of space. Numbers
        that are not parted fit too.
    prefix, suffix : what has to stand before and after the number, such as `$`, `%` or `months`; or a list of what may,
        in which "" says that it may be absent.
    negative : where the sign of a negative number is: `-5`, `5-`, or brackets about it, `(5)`.
    divisor : what a number is divided by once it is read; 100 makes shares of percent.
    """

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "_"] = ""
    prefix: Affix = ("",)
    suffix: Affix = ("",)
    negative: Literal["leading", "trailing", "brackets"] = "leading"
    divisor: Annotated[float, Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _tells_thousands_from_decimals(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"a form whose decimal and thousands differ, got {self.decimal!r} for both")
        return self
