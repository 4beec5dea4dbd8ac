"""Checks of the table and of its split: what is missing, who stands where, whether the sides are alike and enough."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from credit.check.record import Check, Number, decide, estimated, judge, not_applicable, plain_numbers, within
from credit.core.intervals import difference, proportion
from credit.core.split import applicant_groups


def nobody_on_both_sides(train: pd.DataFrame, test: pd.DataFrame) -> Check:
    """CR001: no test applicant equals a training applicant in all features, the columns of `train` and `test`."""
    groups = applicant_groups(pd.concat([train, test], ignore_index=True))
    shared = int(np.isin(groups[len(train) :], groups[: len(train)]).sum())
    reason = f"{shared} of {len(test)} test applicants equal one of {len(train)} training applicants in all features"
    counts = {
        "test applicants who equal a training applicant": shared,
        "test applicants": len(test),
        "training applicants": len(train),
    }
    return judge("CR001", shared == 0, reason, plain_numbers(counts))


def bad_rate_stable(train_bad: np.ndarray, test_bad: np.ndarray, limit: float) -> Check:
    """CR006: the bad rates of test and training applicants differ by at most the share `limit` of the latter."""
    test, train = (proportion(bad.mean(), len(bad)) for bad in (test_bad, train_bad))
    gap = difference(test, train)
    numbers = [
        estimated("bad rate, test", test, len(test_bad)),
        estimated("bad rate, training", train, len(train_bad)),
        estimated("test less training", gap),
        Number("limit, as a share", limit),
    ]
    reason = f"test {numbers[0]}; training {numbers[1]}; difference {numbers[2]}, limit {limit:g} of the latter"
    return decide("CR006", [within(gap, limit * train.mean)], reason, numbers)


def nobody_lost(rows: Mapping[str, int], train: int, test: int) -> Check:
    """CR007: every row read is prepared, merged, rejected or indeterminate, and every prepared one on a side."""
    together = rows["prepared"] + rows["merged"] + rows["rejected"] + rows["indeterminate"]
    reason = (
        f"{rows['ingested']} rows read; {rows['prepared']} prepared + {rows['merged']} merged into those + "
        f"{rows['rejected']} rejected + {rows['indeterminate']} indeterminate = {together}; "
        f"{train} training + {test} test applicants"
    )
    counts = {name: rows[name] for name in ("ingested", "prepared", "merged", "rejected", "indeterminate")}
    numbers = plain_numbers({**counts, "together": together, "training": train, "test": test})
    return judge("CR007", together == rows["ingested"] and train + test == rows["prepared"], reason, numbers)


def few_cells_missing(cells: Sequence[Mapping[str, Any]], features: Collection[str], limit: float) -> Check:
    """CR008: the share of feature cells without a valid value is at most `limit`.

    Absent columns do not count, nor do cells of which a code says why there is no value.

    `cells` has a record a column: column, in_file, the counts kept, restored, missing and invalid, and those of kinds.
    """
    present = [record for record in cells if record["column"] in features and record["in_file"]]
    missing = {record["column"]: record["missing"] + record["invalid"] - record["kinds"]["coded"] for record in present}
    without = sum(missing.values())
    total = sum(record["kept"] + record["restored"] for record in present) + without
    share = without / max(total, 1)
    counts = {"cells without a value": without, "feature cells": total, "share": share, "limit": limit}
    reason = f"{without} of {total} feature cells, a share of {share:.3f}; limit {limit:g}"
    if share > 0:
        worst = max(missing, key=missing.__getitem__)
        counts[worst] = missing[worst]
        reason += f"; most in {worst}, {missing[worst]}"
    return judge("CR008", share <= limit, reason, plain_numbers(counts))


def nobody_counted_twice(rows: Mapping[str, int]) -> Check:
    """CR009: no two prepared rows are equal; repeats that were merged are told."""
    alike, merged, prepared = rows["alike_not_merged"], rows["merged"], rows["prepared"]
    reason = f"{merged} repeated rows were merged; {alike} of {prepared} prepared rows equal another one"
    counts = {"merged": merged, "alike, not merged": alike, "prepared": prepared}
    return judge("CR009", alike == 0, reason, plain_numbers(counts))


def enough_bads(bads: int, features: int, limit: float) -> Check:
    """CR010: there are at least `limit` bad training applicants for each feature used."""
    each = bads / features
    reason = f"{bads} bad training applicants for {features} features are {each:.1f} for each; at least {limit:g}"
    counts = {"bad training applicants": bads, "features": features, "for each feature": each, "limit": limit}
    return judge("CR010", each >= limit, reason, plain_numbers(counts))


def later_applicants_tested(train_times: pd.Series | None, test_times: pd.Series | None, split: str) -> Check:
    """CR017: the test applicants are the latest ones; training applicants as late equal an earlier application.

    The times are None where the table does not say when they applied; `split` is `time` or `random`.
    """
    if train_times is None or test_times is None:
        return not_applicable("CR017", "the data dictionary has no column with the role time")
    late = int((train_times >= test_times.min()).sum())
    how = "by time" if split == "time" else "at random"
    reason = f"{late} of {len(train_times)} training applicants are as late as a test one; the split is {how}"
    counts = {"training applicants as late as a test one": late, "training applicants": len(train_times)}
    return judge("CR017", split == "time", reason, plain_numbers(counts))
