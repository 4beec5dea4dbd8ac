"""What the params say of the exploration."""

from typing import Annotated, Literal

from pydantic import Field

from credit.core.records import Record


class Eda(Record):
    split: Literal["random", "time"]
    test_share: Annotated[float, Field(gt=0, lt=1)]
    rare_share: Annotated[float, Field(ge=0, lt=1)]
    outlier_iqr: Annotated[float, Field(gt=0)]
    subgroup_depth: Annotated[int, Field(ge=1, le=4)]
