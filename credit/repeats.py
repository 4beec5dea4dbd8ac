"""Find rows that are the same applicant twice, though cells of either may be lost, and make one of them.

Two rows can be one applicant if no cell observed in both differs. That they are is claimed only on evidence:

1. Agreement on rare values is unlikely to be chance. The probability that another row agrees with this one on all
   cells observed in both is taken as the product of the shares of their values; of all pairs of rows, those are
   claimed at which the false discovery rate of Benjamini and Hochberg (1995) is at most `FALSE_SHARE`.
2. Columns are not independent, so that product is too small. The table itself shows how alike different people are:
   pairs that differ in one cell only. How many pairs differ in none by chance follows from their number and from the
   odds that a column does not tell two rows apart. Claims so weak that this is more than `FALSE_SHARE` of them are
   given up; in a table of few or coarse columns, these are all.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

FALSE_SHARE = 0.01
BLOCKS = 8
MOST_PAIRS = 5_000_000  # of rows alike in some blocks that are looked at
SPARSE = 0.2  # columns with a larger share of lost cells are compared, but not searched by
CHUNK = 200_000


class Coded(NamedTuple):
    """A table as numbers: of each value in its column (-1 is a lost cell), and the bits that agreement on it tells."""

    values: np.ndarray
    bits: np.ndarray


class Pairs(NamedTuple):
    """Pairs of rows: how many observed cells differ, the one that does, and the bits of what agrees or could."""

    first: np.ndarray
    second: np.ndarray
    differing: np.ndarray
    column: np.ndarray
    bits: np.ndarray

    def where(self, chosen: np.ndarray) -> "Pairs":
        return Pairs(*(part[chosen] for part in self))


def find_repeats(table: pd.DataFrame) -> np.ndarray:
    """Number the applicants, shape (rows,): each row its own position, but a repeat that of the first of its kind.

    Rows that agree with one another and all with a further row that they differ from are left alone.

    Parameters
    ----------
    table : one row an application, its features and outcome as read; a missing value is a lost cell.
    """
    coded, possible = _code(table), len(table) * (len(table) - 1) / 2
    own = np.arange(len(table))
    if possible == 0:
        return own
    eligible = np.flatnonzero(coded.bits.sum(axis=1) >= _least_bits(possible, len(table)))
    pairs = _compare(coded, *_candidates(coded, eligible))
    claimed = pairs.where((pairs.differing == 0) & (pairs.bits >= _threshold(coded, pairs, possible)))
    for members in _groups(len(table), claimed):
        if _agree(coded.values[members]):
            own[members] = members[0]
    return own


def merge_rows(table: pd.DataFrame, applicant: np.ndarray) -> pd.DataFrame:
    """Make one row of those with the same number, in the order of the first ones; a cell seen in any is kept."""
    if len(np.unique(applicant)) == len(table):
        return table
    merged = table.groupby(applicant, sort=True).first()
    return merged.astype(table.dtypes).set_axis(table.index[np.unique(applicant)])


def _code(table: pd.DataFrame) -> Coded:
    """Number the values of each column, and give the bits (-log2 of its share of the observed cells) of each."""
    values = np.empty(table.shape, dtype=np.int32)
    bits = np.zeros(table.shape, dtype=np.float32)
    for position, name in enumerate(table):
        values[:, position], distinct = pd.factorize(table[name])
        seen = values[:, position] >= 0
        counts = np.bincount(values[seen, position], minlength=len(distinct))
        bits[seen, position] = -np.log2(counts / max(seen.sum(), 1))[values[seen, position]]
    return Coded(values, bits)


def _least_bits(possible: float, claims: int) -> float:
    """Bits that every one of so many `claims` among the `possible` pairs must have."""
    return np.log2(possible / (claims * FALSE_SHARE))


def _threshold(coded: Coded, pairs: Pairs, possible: float) -> float:
    """Give the bits from which on pairs that differ in no cell are claimed to be repeats; infinite for none."""
    alike = np.sort(pairs.bits[pairs.differing == 0])[::-1]
    claims = np.arange(1, len(alike) + 1)
    near = pairs.where(pairs.differing == 1)
    order = np.argsort(-near.bits)
    # The near misses of each column, times its odds, estimate the chance agreements; the mean of these is used.
    odds = np.array([_odds_of_agreeing(column) for column in coded.values.T])[near.column[order]]
    so_far = np.concatenate([[0.0], np.cumsum(odds)]) / coded.values.shape[1]
    chance = so_far[np.searchsorted(-near.bits[order], -alike, side="right")]
    enough = (alike >= _least_bits(possible, claims)) & (chance <= FALSE_SHARE * claims)
    return alike[np.flatnonzero(enough)[-1]] if enough.any() else np.inf


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
    links = coo_array((np.ones(len(pairs.first)), (pairs.first, pairs.second)), shape=(rows, rows))
    _, component = connected_components(links, directed=False)
    linked = np.unique([pairs.first, pairs.second])
    order = linked[np.argsort(component[linked], kind="stable")]
    yield from np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if len(order) else ()


def _agree(values: np.ndarray) -> bool:
    """Tell whether no column has two different observed values in some rows."""
    highest = values.max(axis=0)
    return bool(((values == highest) | (values < 0)).all())


def _compare(coded: Coded, first: np.ndarray, second: np.ndarray) -> Pairs:
    differing, column = np.empty(len(first), dtype=np.int32), np.empty(len(first), dtype=np.int32)
    bits = np.empty(len(first))
    for start in range(0, len(first), CHUNK):
        part = slice(start, start + CHUNK)
        one, other = first[part], second[part]
        seen = (coded.values[one] >= 0) & (coded.values[other] >= 0)
        differs = seen & (coded.values[one] != coded.values[other])
        differing[part], column[part] = differs.sum(axis=1), differs.argmax(axis=1)
        bits[part] = (np.minimum(coded.bits[one], coded.bits[other]) * seen).sum(axis=1)
    return Pairs(first, second, differing, column, bits)


def _candidates(coded: Coded, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair rows that agree on some blocks of columns; on as few as leave no more pairs than can be looked at.

    With `few` blocks of `BLOCKS`, a pair is found though cells are lost (or one differs) in all other blocks.
    Where even rows that agree on all blocks are too many, there are no candidates: nothing tells repeats from chance.
    """
    hashes, whole = _hash_blocks(Coded(coded.values[eligible], coded.bits[eligible]))
    for few in range(1, hashes.shape[1]):
        found = _alike_in(hashes, whole, few)
        if found is not None:
            numbers = np.concatenate([one * len(eligible) + other for one, other in found])
            numbers.sort()
            numbers = numbers[np.diff(numbers, prepend=-1) > 0]
            return eligible[numbers // len(eligible)], eligible[numbers % len(eligible)]
    return eligible[:0], eligible[:0]


def _alike_in(hashes: np.ndarray, whole: np.ndarray, few: int) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """Pair rows that agree on `few` blocks, whichever; None if these are too many."""
    found, count = [(np.array([], dtype=int),) * 2], 0
    for blocks in combinations(range(hashes.shape[1]), few):
        rows = np.flatnonzero(whole[:, blocks].all(axis=1))
        keys = hashes[rows][:, blocks].sum(axis=1)
        order = np.argsort(keys)
        rows, keys = rows[order], keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] + np.uint64(1)))
        sizes = np.diff(starts, append=len(keys))
        count += int((sizes * (sizes - 1) // 2).sum())
        if count > MOST_PAIRS:
            return None
        found.extend(_pair_up(rows, sizes))
    return found


def _hash_blocks(coded: Coded) -> tuple[np.ndarray, np.ndarray]:
    """Deal the columns into blocks of about the same bits, and hash the rows of each.

    Returns
    -------
    The hash of each row and block, and whether all its cells are observed, both of shape (rows, blocks).
    """
    lost = (coded.values < 0).mean(axis=0) if len(coded.values) else np.zeros(coded.values.shape[1])
    searched = np.flatnonzero(lost <= SPARSE)
    order = searched[np.argsort(-coded.bits[:, searched].sum(axis=0), kind="stable")]
    blocks = min(BLOCKS, len(order))
    hashes = np.zeros((len(coded.values), blocks), dtype=np.uint64)
    whole = np.ones((len(coded.values), blocks), dtype=bool)
    filled = np.zeros(blocks)
    factors = np.random.default_rng(0).integers(1, 2**63, size=coded.values.shape[1], dtype=np.uint64) | np.uint64(1)
    for column in order:
        block = filled.argmin()
        filled[block] += coded.bits[:, column].sum()
        hashes[:, block] += _scrambled(coded.values[:, column].astype(np.uint64) + factors[column])
        whole[:, block] &= coded.values[:, column] >= 0
    return hashes, whole


def _scrambled(numbers: np.ndarray) -> np.ndarray:
    """Spread numbers over all 64 bits: the finalizer of Steele et al.'s SplitMix64 (2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _pair_up(rows: np.ndarray, sizes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pair each row with those after it in its run, the lower row first."""
    run = np.repeat(np.arange(len(sizes)), sizes)
    start = np.arange(len(rows))
    for offset in range(1, int(sizes.max(initial=0))):
        start = start[start + offset < len(rows)]
        start = start[run[start] == run[start + offset]]
        one, other = rows[start], rows[start + offset]
        yield np.minimum(one, other), np.maximum(one, other)
