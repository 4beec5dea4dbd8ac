"""Find the pairs of rows that may be alike, without comparing each with each: those that agree on blocks of columns."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

BLOCKS = 8
MOST_PAIRS = 5_000_000  # of rows alike in some blocks that are looked at
SPARSE = 0.2  # columns with a larger share of lost cells are compared, but not searched by


class Coded(NamedTuple):
    """A table as numbers: of each value in its column (-1 is a lost cell), and the bits that agreement on it tells."""

    values: np.ndarray
    bits: np.ndarray


def candidates(coded: Coded, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
