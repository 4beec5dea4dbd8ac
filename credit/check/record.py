"""What a check says: its code and title, whether it passed, why, and the numbers behind that."""

from collections.abc import Iterable
from statistics import NormalDist
from typing import Literal, NamedTuple

from credit.core.intervals import LEVEL
from credit.core.wording import decimal_text, estimate_text

QUANTILE = NormalDist().inv_cdf((1 + LEVEL) / 2)  # how many standard errors an interval reaches to either side

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
    """Say that a check passed or failed."""
    return Check(code, TITLES[code], "passed" if passed else "failed", reason, tuple(numbers))


def not_applicable(code: str, because: str) -> Check:
    """Say that a check has nothing to judge."""
    return Check(code, TITLES[code], "not applicable", because)
