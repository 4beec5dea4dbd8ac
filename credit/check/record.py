"""What a check says: its code and title, whether it passed, why, and the numbers behind that; and the limits of all."""

from collections.abc import Iterable, Mapping
from math import isnan
from statistics import NormalDist
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from credit.core.intervals import LEVEL, Estimate
from credit.core.records import Record
from credit.core.wording import decimal_text, estimate_text

QUANTILE = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard errors, beyond which a value is more than noise

# A code keeps its meaning for ever; a new check gets the next one.
TITLES = {
    "CR001": "No applicant on both sides of the split",
    "CR002": "Train-test gap within noise",
    "CR003": "PD calibrated",
    "CR004": "Score stable train to test (PSI)",
    "CR005": "Features stable train to test (PSI)",
    "CR006": "Bad rate stable train to test",
    "CR007": "No applicant lost",
    "CR008": "Few cells without a value",
    "CR009": "No applicant counted twice",
    "CR010": "Enough bad applicants for the features",
    "CR011": "Better than chance",
    "CR012": "Not too good to be true",
    "CR013": "No feature tells too much alone",
    "CR014": "Little overfitting",
    "CR015": "Cutoff cheaper than approving or rejecting everyone",
    "CR016": "Family not clearly behind the leader",
    "CR017": "Test applicants later than training ones",
    "CR018": "Groups large enough to compare",
    "CR019": "Approval rates of groups within four fifths",
    "CR020": "PD moves as expected with each feature",
}

Result = Literal["passed", "failed", "not applicable"]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]


class Limits(Record):
    """The `check` section of the params: limits of the checks, each with its source.

    Attributes
    ----------
    max_psi : of the score and of any feature; 0.1 is where "some change" begins. (Siddiqi 2006, ch. 12.)
    max_missing : share of the feature cells; up to 0.05 hardly matters. (Schafer 1999.)
    min_bads_per_feature : 10 in a regression's table. (Peduzzi et al. 1996.)
    max_auc : 0.95 is more than application scores reach. (Lessmann et al. 2015, table of benchmark results.)
    max_iv : information value of one feature; above 0.5 is to be looked at. (Siddiqi 2006, ch. 6.)
    max_overfitting : share of the in-sample AUC that is lost out of fold; 0.1 as skore's SKD001.
    """

    max_psi: Positive
    max_missing: Share
    min_bads_per_feature: Positive
    max_auc: Share
    max_iv: Positive
    max_overfitting: Share


class Number(NamedTuple):
    """A number behind a check; `low` and `high` are its 95 % interval and `n` the applicants it is of."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def __str__(self) -> str:
        """Write it as in `0.790 [0.721, 0.857], n = 200`."""
        estimate = decimal_text(self.value) if self.low is None else estimate_text(self.value, self.low, self.high)
        return estimate if self.n is None else f"{estimate}, n = {self.n}"


class Check(NamedTuple):
    """What one check found; every number in `reason` is one of `numbers`, rounded."""

    code: str
    title: str
    result: Result
    reason: str
    numbers: tuple[Number, ...] = ()

    def as_record(self) -> dict[str, object]:
        """Give it as plain values, the numbers only with what they have."""
        numbers = [
            {name: value for name, value in number._asdict().items() if value is not None} for number in self.numbers
        ]
        return {**self._asdict(), "numbers": numbers}


def judge(code: str, passed: bool, reason: str, numbers: Iterable[Number]) -> Check:
    """Say that a check passed or failed; or that it is not applicable, if one of its numbers does not exist (NaN)."""
    numbers = tuple(numbers)
    undefined = [number.name for number in numbers if any(isnan(end or 0) for end in number[1:4])]
    if undefined:
        names = " or ".join(f"'{name}'" for name in undefined)
        return not_applicable(code, f"applicants are too few or all of one kind, so there is no {names}")
    return Check(code, TITLES[code], "passed" if passed else "failed", reason, numbers)


def not_applicable(code: str, because: str) -> Check:
    """Say that a check has nothing to judge."""
    return Check(code, TITLES[code], "not applicable", because)


def estimated(name: str, estimate: Estimate, n: int | None = None) -> Number:
    """Give an estimate, which has an interval, as a number."""
    return Number(name, estimate.mean, estimate.low, estimate.high, n)


def plain_numbers(values: Mapping[str, float]) -> list[Number]:
    """Give counts and limits, which have no interval, as numbers."""
    return [Number(name, value) for name, value in values.items()]
