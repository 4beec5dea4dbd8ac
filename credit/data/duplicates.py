"""Find rows that are the same applicant twice, though cells of either may be lost, and make one of them.

Two rows can be one applicant if no cell observed in both differs. That they are is claimed only on evidence:

1. Agreement on rare values is unlikely to be chance. The probability that another row agrees with this one on all
   cells observed in both is taken as the product of the shares of their values; of all pairs of rows, those are
   claimed at which the false discovery rate of Benjamini and Hochberg (1995) is at most `FALSE_SHARE`.
2. Columns are not independent, so that product is too small. The table itself shows how alike different people are:
   pairs that differ in one cell only. How many pairs differ in none by chance follows from their number and from the
   odds that a column does not tell two rows apart. Claims so weak that this is more than `FALSE_SHARE` of them are
   given up; in a table of few or coarse columns, these are all. So are claims of which the pairs that differ in one
   cell and in two, continued as a series, explain more than `MOST_CONTINUED`: people of a few kinds.
3. A claim that hangs on a lost cell is given up if different people are often told apart by this column alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from credit.data.blocking import LinkageCodes, candidates

FALSE_SHARE = 0.01
MOST_CONTINUED = 0.1  # of the claims
FINEST = 2  # columns by which different people are told apart best
MOST_APART = 0.3  # pairs that differ in a column alone, for each claim that agrees on it
CHUNK = 200_000


class Pairs(NamedTuple):
    """Pairs of rows: how many observed cells differ, the one that does, and the bits of what agrees or could."""

    first: np.ndarray
    second: np.ndarray
    differing: np.ndarray
    column: np.ndarray
    bits: np.ndarray

    def where(self, chosen: np.ndarray) -> "Pairs":
        return Pairs(*(part[chosen] for part in self))


def find_duplicates(table: pd.DataFrame) -> np.ndarray:
    """Number the applicants, shape (rows,): each row its own position, but a repeat that of the first of its kind.

    Rows that agree with one another and all with a further row that they differ from are left alone.

    Parameters
    ----------
    table : one row an application, its features and outcome as read; a missing value is a lost cell.
    """
    codes, possible = _linkage_codes(table), len(table) * (len(table) - 1) / 2
    applicant = np.arange(len(table))
    if possible == 0:
        return applicant
    eligible = np.flatnonzero(codes.bits.sum(axis=1) >= _least_bits(possible, len(table)))
    first, second = candidates(codes, eligible)
    if not len(first):
        return applicant
    pairs = _compare(codes, first, second)
    claimed = pairs.where((pairs.differing == 0) & (pairs.bits >= _threshold(codes, pairs, possible)))
    claimed = claimed.where(_can_be_told(codes, claimed, pairs.where(pairs.differing == 1)))
    for members in _groups(len(table), claimed):
        if _agree(codes.values[members]):
            applicant[members] = members[0]
    return applicant


def merge_rows(table: pd.DataFrame, applicant: np.ndarray) -> pd.DataFrame:
    """Make one row of those with the same number, in the order of the first ones; a cell seen in any is kept.

    Parameters
    ----------
    applicant : of each row the position of the first of its applicant, as `find_duplicates` numbers them.
    """
    firsts = np.flatnonzero(applicant == np.arange(len(table)))
    if len(firsts) == len(table):
        return table
    several = np.bincount(applicant)[applicant] > 1
    merged = table[several].groupby(applicant[several], sort=True).first().astype(table.dtypes)
    order = np.argsort(np.concatenate([np.flatnonzero(~several), merged.index]))
    return pd.concat([table[~several], merged]).iloc[order].set_axis(table.index[firsts])


def _linkage_codes(table: pd.DataFrame) -> LinkageCodes:
    """Number the values of each column, and give the bits (-log2 of its share of the observed cells) of each."""
    values = np.empty(table.shape, dtype=np.int32)
    bits = np.empty(table.shape, dtype=np.float32)
    for position, name in enumerate(table):
        numbers, distinct = pd.factorize(table[name])
        counts = np.bincount(numbers + 1, minlength=len(distinct) + 1)[1:]
        values[:, position] = numbers
        bits[:, position] = np.append(-np.log2(_chances(counts)), 0).astype(np.float32)[numbers]  # 0 of a lost cell, -1
    return LinkageCodes(values, bits)


def _chances(counts: np.ndarray) -> np.ndarray:
    """Give the probability that two people agree on a value: its share; of one that two rows have, that of any such.

    The share of a value that two rows have would count this very pair.
    """
    rows = counts.sum()
    shared = (counts == 2).sum() / max(rows * (rows - 1) / 2, 1)
    return np.where(counts == 2, np.minimum(shared, 2 / max(rows, 1)), counts / max(rows, 1))


def _least_bits(possible: float, claims: int) -> float:
    """Bits that every one of so many `claims` among the `possible` pairs must have."""
    return np.log2(possible / (claims * FALSE_SHARE))


def _threshold(codes: LinkageCodes, pairs: Pairs, possible: float) -> float:
    """Give the bits from which on pairs that differ in no cell are claimed to be repeats; infinite for none."""
    alike = np.sort(pairs.bits[pairs.differing == 0])[::-1]
    claims = np.arange(1, len(alike) + 1)
    near = pairs.where(pairs.differing == 1)
    order = np.argsort(-near.bits)
    # The near misses of each column, times its odds, estimate the chance agreements; the mean of these is used.
    odds = np.array([_odds_of_agreeing(column) for column in codes.values.T])[near.column[order]]
    so_far = np.concatenate([[0.0], np.cumsum(odds)]) / codes.values.shape[1]
    chance = so_far[np.searchsorted(-near.bits[order], -alike, side="right")]
    enough = (alike >= _least_bits(possible, claims)) & (chance <= FALSE_SHARE * claims)
    enough &= _continued(pairs, codes.values.shape[1], alike) <= MOST_CONTINUED * claims
    return alike[np.flatnonzero(enough)[-1]] if enough.any() else np.inf


def _continued(pairs: Pairs, columns: int, bits: np.ndarray) -> np.ndarray:
    """Continue the series of pairs that differ in two cells, in one, to none: how many of so many bits there may be.

    The finest columns count as the others do, for people who differ in one of these alone hardly agree on it by chance.
    """
    one, two = (pairs.where(pairs.differing == number) for number in (1, 2))
    by_column = [_as_strong(one.bits[one.column == column], bits) for column in range(columns)]
    near = columns * np.sort(by_column, axis=0)[: max(columns - FINEST, 1)].mean(axis=0)
    return near**2 / np.maximum(_as_strong(two.bits, bits), 1)


def _as_strong(bits: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Count those that have at least so many bits."""
    return np.searchsorted(np.sort(-bits), -least, side="right")


def _can_be_told(codes: LinkageCodes, claimed: Pairs, near: Pairs) -> np.ndarray:
    """Mark the claims that do not hang on a lost cell of a column in which alone different people are seen to differ.

    Claims that agree on this column must be many against the pairs that differ in it only.
    """
    lost = (codes.values[claimed.first] < 0) | (codes.values[claimed.second] < 0)
    apart = np.bincount(near.column, minlength=codes.values.shape[1])
    return ~(lost & (apart > MOST_APART * (~lost).sum(axis=0))).any(axis=1)


def _odds_of_agreeing(column: np.ndarray) -> float:
    """Give the odds that a column does not tell two rows apart: the same value, or one of the two lost."""
    seen = column[column >= 0]
    if not len(seen):
        return 0.0
    observed_in_both = (len(seen) / len(column)) ** 2
    same = ((np.bincount(seen) / len(seen)) ** 2).sum()
    apart = observed_in_both * (1 - same)
    return (1 - apart) / apart if apart else 0.0


def _groups(rows: int, pairs: Pairs) -> Iterator[np.ndarray]:
    """Give the rows, in order, that pairs hold together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs.first)), (pairs.first, pairs.second)), shape=(rows, rows))
    _, component = connected_components(links, directed=False)
    linked = np.unique([pairs.first, pairs.second])
    order = linked[np.argsort(component[linked], kind="stable")]
    yield from np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if len(order) else ()


def _agree(values: np.ndarray) -> bool:
    """Tell whether no column has two different observed values in some rows."""
    highest = values.max(axis=0)
    return bool(((values == highest) | (values < 0)).all())


def _compare(codes: LinkageCodes, first: np.ndarray, second: np.ndarray) -> Pairs:
    differing, column = np.empty(len(first), dtype=np.int32), np.empty(len(first), dtype=np.int32)
    bits = np.empty(len(first))
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        one, other = first[part], second[part]
        seen = (codes.values[one] >= 0) & (codes.values[other] >= 0)
        differs = seen & (codes.values[one] != codes.values[other])
        differing[part], column[part] = differs.sum(axis=1), differs.argmax(axis=1)
        bits[part] = (np.minimum(codes.bits[one], codes.bits[other]) * seen).sum(axis=1)
    return Pairs(first, second, differing, column, bits)
