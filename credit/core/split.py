"""Divide applicants so that identical ones never stand on both sides, and bads are spread evenly."""

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
import pandas as pd
from pydantic import Field

from credit.core.by_rows import ByRows, FromRows, at_rows
from credit.core.errors import InputError, UnfittableError
from credit.core.records import Record

MaxRows = Annotated[int, Field(ge=100, strict=True)] | None
Fold = tuple[np.ndarray, np.ndarray]


Parts = Annotated[int, Field(ge=2, strict=True)]
Repeats = Annotated[int, Field(ge=1, strict=True)]


class Folds(Record):
    """How often the rows are cut, and into how many parts; of more than `max_rows`, a sample of so many."""

    folds: Parts
    repeats: Repeats
    max_rows: MaxRows = None


class FoldsFromRows(FromRows):
    """Other folds for a table of so many rows or more; what is not given stays."""

    folds: Parts = None
    repeats: Repeats = None
    max_rows: MaxRows = None


class FoldsByRows(Folds):
    """Folds that depend on the number of rows."""

    by_rows: ByRows[FoldsFromRows] = ()

    def at(self, rows: int) -> Self:
        """Give those for a table of so many rows."""
        return type(self).model_validate(at_rows(self.model_dump(exclude_unset=True), rows))


def fewest(*limits: MaxRows) -> MaxRows:
    """Give the smallest of limits; None is no limit."""
    return min((limit for limit in limits if limit is not None), default=None)


def applicant_groups(features: pd.DataFrame) -> np.ndarray:
    """Number the distinct applicants: rows with equal features get the same number, shape (rows,).

    >>> applicant_groups(pd.DataFrame({"amount": [500, 900, 500], "purpose": ["car", "car", "car"]}))
    array([0, 1, 0])
    """
    return features.groupby(list(features.columns), dropna=False, sort=False).ngroup().to_numpy()


def held_out_too(folds: Sequence[Fold], rows: int, more: int, once: int) -> list[Fold]:
    """Let each of the first `once` folds hold out some of `more` further rows too, each row in one of them.

    So those are judged by the same models as the rows that are cut, once each, as those are in a repeat.

    Parameters
    ----------
    rows : that are cut; the further ones follow them.
    """
    return [
        (
            training,
            np.concatenate([validation, np.arange(rows + number, rows + more, once)]) if number < once else validation,
        )
        for number, (training, validation) in enumerate(folds)
    ]


def holdout(groups: np.ndarray, bad: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Mark about `share` of the applicants as test rows, whole groups at a time, bads in proportion.

    Parameters
    ----------
    groups : number of each row's distinct applicant, shape (rows,).
    bad : 1 for bad and 0 for good, shape (rows,).
    share : of the distinct applicants, in (0, 1).

    Returns
    -------
    A boolean array of shape (rows,), true for test rows.
    """
    from sklearn.model_selection import train_test_split

    numbers, stratum = _strata(groups, bad)
    try:
        _, test = train_test_split(numbers, test_size=share, stratify=stratum, random_state=seed)
    except ValueError:
        raise InputError(
            f"cannot split {len(bad)} applicants, {int(bad.sum())} of them bad: expected enough distinct ones for good "
            f"and bad applicants on both sides of a test share of {share:g}, got {len(numbers)} "
            "(rows alike in all features count as one)"
        ) from None
    return np.isin(groups, test)


def latest(groups: np.ndarray, bad: np.ndarray, times: pd.Series, share: float) -> np.ndarray:
    """Mark about `share` of the applicants as test rows: the latest ones, those of one time all on one side.

    A group of equal rows counts by its earliest, and one with a row without a time is never a test one, so that no
    test applicant is earlier than a training applicant whose time is known.

    Parameters
    ----------
    times : when each applicant applied, shape (rows,).

    Returns
    -------
    A boolean array of shape (rows,), true for test rows.
    """
    earliest = times.groupby(groups).min(skipna=False).dropna()
    if earliest.empty:
        raise InputError(f"cannot split {len(bad)} applicants by time: expected valid times, got none")
    since = earliest.sort_values().iloc[-max(round(share * len(earliest)), 1)]
    test = (times.groupby(groups).transform("min", skipna=False) >= since).to_numpy()
    if not all(0 < bad[side].sum() < side.sum() for side in (test, ~test)):
        raise InputError(
            f"cannot split {len(bad)} applicants by time: expected good and bad ones before and since {since} "
            f"(the last {share:g} of them), got {bad[~test].sum()} bad of {(~test).sum()} before and "
            f"{bad[test].sum()} bad of {test.sum()} since"
        )
    return test


def stratified_sample(bad: np.ndarray, most: int | None, seed: int) -> np.ndarray:
    """Pick at most so many rows, bads in proportion; all of them where there are no more, or no limit.

    Returns
    -------
    Row positions in ascending order.
    """
    rows = np.arange(len(bad))
    if most is None or len(rows) <= most:
        return rows
    # train_test_split would refuse to leave a single row out.
    random, bads = np.random.default_rng(seed), round(most * bad.mean())
    rows_of_outcome = [
        random.choice(np.flatnonzero(bad == outcome), size, replace=False)
        for outcome, size in ((0, most - bads), (1, bads))
    ]
    return np.sort(np.concatenate(rows_of_outcome))


def repeated_folds(groups: np.ndarray, bad: np.ndarray, folds: int, repeats: int, seed: int) -> list[Fold]:
    """Cut the rows into `folds` stratified parts, `repeats` times over, whole groups at a time.

    Where fewer distinct applicants than `folds` are bad, or good, into as many parts as they are.

    Returns
    -------
    Pairs of row positions (training, validation), one a part, a repeat after the other.

    Raises
    ------
    UnfittableError
        One of the two outcomes has fewer than two distinct applicants.
    """
    numbers, stratum = _strata(groups, bad)
    smallest = np.bincount(stratum).min() if 0 < bad.sum() < len(bad) else 0
    if smallest < 2:
        raise UnfittableError(
            f"expected at least 2 distinct good and 2 distinct bad applicants for folds, got {smallest} of one kind"
        )
    parts = min(folds, int(smallest))
    return [pair for repeat in range(repeats) for pair in _one_repeat(groups, numbers, stratum, parts, seed + repeat)]


def _one_repeat(groups: np.ndarray, numbers: np.ndarray, stratum: np.ndarray, folds: int, seed: int) -> Sequence[Fold]:
    from sklearn.model_selection import StratifiedKFold

    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(numbers, stratum)
    validation = [np.isin(groups, numbers[rows]) for _, rows in parts]
    return [(np.flatnonzero(~rows), np.flatnonzero(rows)) for rows in validation]


def _strata(groups: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each distinct applicant once, and whether its rows are bad more often than all rows are."""
    rate = pd.Series(bad).groupby(groups).mean()
    return rate.index.to_numpy(), (rate > bad.mean()).astype(int).to_numpy()
