"""Checks of the split: who stands where, and whether the two sides are alike."""

import numpy as np
import pandas as pd

from credit.check.record import Check, Number, judge, not_applicable
from credit.core.intervals import difference, proportion
from credit.core.split import applicant_groups


def nobody_on_both_sides(train: pd.DataFrame, test: pd.DataFrame) -> Check:
    """CR001: no test applicant equals a training applicant in all features.

    Parameters
    ----------
    train, test : the features, a row an applicant, the same columns.
    """
    groups = applicant_groups(pd.concat([train, test], ignore_index=True))
    shared = int(np.isin(groups[len(train) :], groups[: len(train)]).sum())
    reason = f"{shared} of {len(test)} test applicants equal one of {len(train)} training applicants in all features"
    numbers = [
        Number("test applicants who equal a training applicant", shared),
        Number("test applicants", len(test)),
        Number("training applicants", len(train)),
    ]
    return judge("CR001", shared == 0, reason, numbers)


def bad_rate_stable(train_bad: np.ndarray, test_bad: np.ndarray) -> Check:
    """CR006: the interval of the difference between the bad rates of test and training applicants holds 0."""
    test, train = (proportion(bad.mean(), len(bad)) for bad in (test_bad, train_bad))
    gap = difference(test, train)
    numbers = [
        Number("bad rate, test", test.mean, test.low, test.high, n=len(test_bad)),
        Number("bad rate, training", train.mean, train.low, train.high, n=len(train_bad)),
        Number("test less training", gap.mean, gap.low, gap.high),
    ]
    reason = f"test {numbers[0]}; training {numbers[1]}; difference {numbers[2]}"
    return judge("CR006", gap.low <= 0 <= gap.high, reason, numbers)


def nobody_lost(rows: dict[str, int], train: int, test: int) -> Check:
    """CR007: every row that was read is prepared, merged or rejected, and every prepared one on a side of the split.

    Parameters
    ----------
    rows : the counts ingested, prepared, merged and rejected.
    train, test : applicants on each side.
    """
    together = rows["prepared"] + rows["merged"] + rows["rejected"]
    reason = (
        f"{rows['ingested']} rows read; {rows['prepared']} prepared + {rows['merged']} merged into those + "
        f"{rows['rejected']} rejected = {together}; {train} training + {test} test applicants"
    )
    counts = {name: rows[name] for name in ("ingested", "prepared", "merged", "rejected")}
    numbers = [
        Number(name, count) for name, count in {**counts, "together": together, "training": train, "test": test}.items()
    ]
    return judge("CR007", together == rows["ingested"] and train + test == rows["prepared"], reason, numbers)


def later_applicants_tested(train_times: pd.Series | None, test_times: pd.Series | None, split: str) -> Check:
    """CR017: the test applicants are the latest ones; training applicants as late equal an earlier application.

    Parameters
    ----------
    train_times, test_times : when they applied; None where the table does not say.
    split : `time` or `random`.
    """
    if train_times is None or test_times is None:
        return not_applicable("CR017", "the data dictionary has no column with the role time")
    late = int((train_times >= test_times.min()).sum())
    reason = f"{late} of {len(train_times)} training applicants are as late as a test one; the split is by {split}"
    numbers = [
        Number("training applicants as late as a test one", late),
        Number("training applicants", len(train_times)),
    ]
    return judge("CR017", split == "time", reason.replace("by random", "at random"), numbers)
