from itertools import combinations

import numpy as np
import pytest

from credit.data import blocking as candidate_pairs
from credit.data.blocking import BLOCKS, LinkageCodes, candidates

EQUAL_BITS = 3.0


def coded(values: np.ndarray) -> LinkageCodes:
    """A table of which every column tells as much, so that with BLOCKS columns each is a block."""
    return LinkageCodes(values.astype(np.int32), np.full(values.shape, EQUAL_BITS, dtype=np.float32))


def people(rows: int, levels: int, lost: float = 0.0, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.integers(0, levels, size=(rows, BLOCKS))
    values[rows // 2 : rows // 2 + 5] = values[:5]
    return np.where(random.random(values.shape) < lost, -1, values)


def found(values: np.ndarray, eligible: np.ndarray | None = None) -> set[tuple[int, int]]:
    pairs = candidates(coded(values), np.arange(len(values)) if eligible is None else eligible)
    listed = list(zip(*(part.tolist() for part in pairs), strict=True))
    assert listed == sorted(set(listed))
    return set(listed)


def compared_each_with_each(values: np.ndarray, most: int) -> set[tuple[int, int]]:
    """Pair rows as `candidates` should, without any hash."""
    alike = {
        (one, other): np.flatnonzero((values[one] == values[other]) & (values[one] >= 0) & (values[other] >= 0))
        for one, other in combinations(range(len(values)), 2)
    }
    for few in range(1, values.shape[1]):
        if sum(len(list(combinations(columns, few))) for columns in alike.values()) <= most:
            return {pair for pair, columns in alike.items() if len(columns) >= few}
    return set()


@pytest.mark.parametrize("lost", [0, 0.1])
@pytest.mark.parametrize("levels", [2, 4, 12])
@pytest.mark.parametrize("most", [0, 39, 40, 60, 200, 1000, 100_000])
def test_pairs_are_those_that_comparing_each_with_each_gives(monkeypatch, most: int, levels: int, lost: float):
    monkeypatch.setattr(candidate_pairs, "MOST_PAIRS", most)
    values = people(60, levels, lost)
    assert found(values) == compared_each_with_each(values, most)


def test_only_eligible_rows_are_paired():
    values = people(100, 30)
    eligible = np.setdiff1d(np.arange(100), [0, 51, 99])
    assert found(values, eligible) == {pair for pair in found(values) if not {0, 51, 99} & set(pair)}
    assert {(2, 52), (3, 53), (4, 54)} <= found(values, eligible)


@pytest.fixture
def searched(monkeypatch) -> list[int]:
    """The numbers of blocks at which rows were sought."""
    levels, search = [], candidate_pairs._alike_in

    def noted(hashes: np.ndarray, whole: np.ndarray, few: int) -> list | None:
        levels.append(few)
        return search(hashes, whole, few)

    monkeypatch.setattr(candidate_pairs, "_alike_in", noted)
    return levels


def test_where_whole_copies_alone_are_too_many_nothing_is_searched(monkeypatch, searched):
    values = np.repeat(people(50, 1000)[:25], 2, axis=0)  # 25 pairs alike in all blocks
    monkeypatch.setattr(candidate_pairs, "MOST_PAIRS", BLOCKS * 25 - 1)
    assert found(values) == set()
    assert searched == []


def test_only_such_numbers_of_blocks_are_searched_as_copies_leave_room_for(monkeypatch, searched):
    values = np.repeat(people(50, 10**6)[:25], 2, axis=0)
    monkeypatch.setattr(candidate_pairs, "MOST_PAIRS", BLOCKS * 25)
    assert found(values) == {(row, row + 1) for row in range(0, 50, 2)}
    assert searched == [1]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows: int):
    assert found(np.zeros((rows, BLOCKS))) == ({(0, 1)} if rows == 2 else set())


def test_a_table_of_lost_cells_has_no_pairs():
    assert found(np.full((20, BLOCKS), -1)) == set()


def test_one_column_or_none_is_too_little_to_search_by():
    assert found(np.zeros((20, 1))) == set()
    assert found(np.zeros((20, 0))) == set()
