"""Find the pairs of rows that may be alike, without comparing each with each: those that agree on blocks of columns."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

BLOCKS = 8
MOST_PAIRS = 5_000_000  # of rows alike in some blocks that are looked at
SPARSE = 0.2  # columns with a larger share of lost cells are compared, but not searched by


class LinkageCodes(NamedTuple):
    """A table as numbers: of each value in its column (-1 is a lost cell), and the bits that agreement on it tells."""

    values: np.ndarray
    bits: np.ndarray


def candidates(codes: LinkageCodes, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair rows that agree on some blocks of columns; on as few as leave no more pairs than can be looked at.

    With `few` blocks of `BLOCKS`, a pair is found though cells are lost (or one differs) in all other blocks.
    Where even rows that agree on all blocks are too many, there are no candidates: nothing tells repeats from chance.
    """
    if len(eligible) < len(codes.values):
        codes = LinkageCodes(codes.values[eligible], codes.bits[eligible])
    hashes, whole = _hash_blocks(codes)
    blocks = len(hashes)
    if not blocks:
        return eligible[:0], eligible[:0]
    alike_in_all = _pairs_within(_runs(np.sort(_keys(hashes, whole, range(blocks))[1])))
    for few in range(1, blocks):
        if comb(blocks, few) * alike_in_all > MOST_PAIRS:  # they are alike in whichever few blocks, so all are too many
            continue
        pairs = _alike_in(hashes, whole, few)
        if pairs is not None:
            numbers = np.concatenate([one * len(eligible) + other for one, other in pairs])
            numbers.sort()
            numbers = numbers[np.diff(numbers, prepend=-1) > 0]
            return eligible[numbers // len(eligible)], eligible[numbers % len(eligible)]
    return eligible[:0], eligible[:0]


def _alike_in(hashes: np.ndarray, whole: np.ndarray, few: int) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """Pair rows that agree on `few` blocks, whichever; None if these are too many."""
    pairs, count = [(np.array([], dtype=int),) * 2], 0
    for blocks in combinations(range(len(hashes)), few):
        rows, keys = _keys(hashes, whole, blocks)
        shared = _may_be_shared(keys)
        rows, keys = rows[shared], keys[shared]
        order = np.argsort(keys)
        sizes = _runs(keys[order])
        count += _pairs_within(sizes)
        if count > MOST_PAIRS:
            return None
        pairs.extend(_pair_up(rows[order], sizes))
    return pairs


def _keys(hashes: np.ndarray, whole: np.ndarray, blocks: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Give the rows without a lost cell in some blocks, and what each holds there as one number."""
    rows = np.flatnonzero(np.logical_and.reduce([whole[block] for block in blocks]))
    keys = sum(hashes[block] for block in blocks)
    return rows, keys if len(rows) == len(keys) else keys[rows]


def _may_be_shared(keys: np.ndarray) -> np.ndarray:
    """Mark the keys that others equal in their first bits, with all that stand more than once: fewer to be sorted."""
    first_bits = len(keys).bit_length() + 2
    buckets = (keys >> np.uint64(64 - first_bits)).astype(np.int64)
    return np.bincount(buckets)[buckets] > 1


def _runs(ordered: np.ndarray) -> np.ndarray:
    """Give how often each number stands there, of ordered ones."""
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] + np.uint64(1)))
    return np.diff(starts, append=len(ordered))


def _pairs_within(sizes: np.ndarray) -> int:
    """Count the pairs that can be made within runs of such sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def _hash_blocks(codes: LinkageCodes) -> tuple[np.ndarray, np.ndarray]:
    """Deal the columns into blocks of about the same bits, and hash the rows of each.

    Returns
    -------
    The hash of each block and row, and whether all its cells are observed, both of shape (blocks, rows).
    """
    lost = (codes.values < 0).mean(axis=0) if len(codes.values) else np.zeros(codes.values.shape[1])
    searched = np.flatnonzero(lost <= SPARSE)
    bits = np.array([column.sum() for column in codes.bits.T])
    order = searched[np.argsort(-bits[searched], kind="stable")]
    blocks = min(BLOCKS, len(order))
    hashes = np.zeros((blocks, len(codes.values)), dtype=np.uint64)
    whole = np.ones((blocks, len(codes.values)), dtype=bool)
    filled = np.zeros(blocks)
    factors = np.random.default_rng(0).integers(1, 2**63, size=codes.values.shape[1], dtype=np.uint64) | np.uint64(1)
    for column in order:
        block = filled.argmin()
        filled[block] += bits[column]
        values = np.ascontiguousarray(codes.values[:, column])
        distinct = np.append(np.arange(values.max(initial=-1) + 1), -1)  # -1, a lost cell, finds the last
        hashes[block] += _scrambled(distinct.astype(np.uint64) + factors[column])[values]
        whole[block] &= values >= 0
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
