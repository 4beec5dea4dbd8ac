"""What a check says: its code and title, whether it passed, why, and the numbers behind that; and the limits of all."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from credit.core.intervals import Estimate
from credit.core.records import Record
from credit.core.wording import decimal_text, estimate_text

# A code keeps its meaning for ever; a new check gets the next one.
TITLES = {
    "CR001": "No applicant on both sides of the split",
    "CR002": "Little gap from out of fold to test",
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
    "CR013": "No feature knows the outcome",
    "CR014": "Little overfitting",
    "CR015": "Cutoff cheaper than approving or rejecting everyone",
    "CR016": "Family not clearly behind the leader",
    "CR017": "Test applicants later than training ones",
    "CR018": "Groups large enough to compare",
    "CR019": "Approval rates of groups within four fifths",
    "CR020": "PD moves as expected with each feature",
}

PASSED, FAILED, NOT_DECIDED, NOT_APPLICABLE = "passed", "failed", "not decided", "not applicable"
Result = Literal[PASSED, FAILED, NOT_DECIDED, NOT_APPLICABLE]
Share = Annotated[float, Field(gt=0, le=1, strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]


class Limits(Record):
    """The `check` section of the params: limits of the checks, each with its source.

    Attributes
    ----------
    max_auc_change : of the AUC from out of fold to test; less changes no decision.
    max_miscalibration : share by which bads may be more or fewer than the PDs say.
    max_slope_off : by which the calibration slope may be off 1. (Van Calster et al. 2019, for the measure.)
    max_psi : of the score and of any feature; 0.1 is where "some change" begins. (Siddiqi 2006, ch. 12.)
    max_bad_rate_change : share by which the bad rate of the test applicants may differ from that of the training ones.
    max_missing : share of the feature cells; up to 0.05 hardly matters. (Schafer 1999.)
    min_bads_per_feature : 10 in a regression's table. (Peduzzi et al. 1996.)
    min_auc : below, a model is hardly better than chance.
    max_auc : 0.95 is more than application scores reach. (Lessmann et al. 2015, table of benchmark results.)
    max_iv : information value of one feature; good ones reach 1, what knows the outcome has more. (Siddiqi 2006, ch. 6,
        calls more than 0.5 suspicious; bureau data have several of those.)
    max_alone : share of what the model's AUC has above a half that one feature may reach alone.
    max_overfitting : share of the in-sample AUC that is lost out of fold; 0.1 as skore's SKD001.
    max_behind : share of the leader's metric by which the evaluated family may be behind.
    """

    max_auc_change: Share
    max_miscalibration: Share
    max_slope_off: Share
    max_psi: Positive
    max_bad_rate_change: Share
    max_missing: Share
    min_bads_per_feature: Positive
    min_auc: Share
    max_auc: Share
    max_iv: Positive
    max_alone: Share
    max_overfitting: Share
    max_behind: Share


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


class Effect(NamedTuple):
    """How large a fault is, with its 95 % interval, and how large it may be; `low` and `high` may be infinite."""

    low: float
    high: float
    limit: float

    @property
    def is_small(self) -> bool:
        return self.high <= self.limit

    @property
    def is_large(self) -> bool:
        return self.low > self.limit


def within(estimate: Estimate, limit: float) -> Effect:
    """Give the size of a fault that may go either way from 0."""
    inside = estimate.low <= 0 <= estimate.high
    ends = abs(estimate.low), abs(estimate.high)
    return Effect(0.0 if inside else min(ends), max(ends), limit)


def decide(code: str, effects: Sequence[Effect], reason: str, numbers: Iterable[Number]) -> Check:
    """Say that all effects are surely small (passed), that one is surely too large (failed), or neither (not decided).

    "Surely" is by their 95 % intervals, so that a check says the same of many applicants as of few, or nothing.
    """
    if any(effect.is_large for effect in effects):
        return _said(code, FAILED, reason, numbers)
    if all(effect.is_small for effect in effects):
        return _said(code, PASSED, reason, numbers)
    return _said(code, NOT_DECIDED, f"{reason}; applicants are too few to tell", numbers)


def judge(code: str, passed: bool, reason: str, numbers: Iterable[Number]) -> Check:
    """Say of what is counted, not estimated, that a check passed or failed."""
    return _said(code, PASSED if passed else FAILED, reason, numbers)


def _said(code: str, result: Result, reason: str, numbers: Iterable[Number]) -> Check:
    """Say what was found; or that a check is not applicable, if one of its numbers does not exist (NaN)."""
    numbers = tuple(numbers)
    undefined = [number.name for number in numbers if any(isnan(end or 0) for end in number[1:4])]
    if undefined:
        names = " or ".join(f"'{name}'" for name in undefined)
        return not_applicable(code, f"applicants are too few or all of one kind, so there is no {names}")
    return Check(code, TITLES[code], result, reason, numbers)


def not_applicable(code: str, because: str) -> Check:
    """Say that a check has nothing to judge."""
    return Check(code, TITLES[code], NOT_APPLICABLE, because)


def estimated(name: str, estimate: Estimate, n: int | None = None) -> Number:
    """Give an estimate, which has an interval, as a number."""
    return Number(name, estimate.mean, estimate.low, estimate.high, n)


def plain_numbers(values: Mapping[str, float]) -> list[Number]:
    """Give counts and limits, which have no interval, as numbers."""
    return [Number(name, value) for name, value in values.items()]
