import numpy as np
import pandas as pd
import pytest

from credit.repeats import find_repeats, merge_rows


def people(n: int, levels: int, columns: int = 20, seed: int = 0) -> pd.DataFrame:
    """Different people: independent columns, each with so many levels."""
    return pd.DataFrame(np.random.default_rng(seed).integers(levels, size=(n, columns))).astype(float)


def test_a_repeat_is_found_though_cells_of_both_are_lost_and_a_cell_seen_in_either_is_kept():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    table.iloc[7, [0, 1]] = np.nan
    table.iloc[300, [2, 3]] = np.nan
    applicant = find_repeats(table)
    assert applicant.tolist() == [*range(300), 7]
    merged = merge_rows(table, applicant)
    pd.testing.assert_frame_equal(merged, people(300, levels=8))


def test_a_row_that_differs_in_one_observed_cell_is_no_repeat():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    table.iloc[300, 4] += 1
    assert find_repeats(table).tolist() == list(range(301))


def test_the_order_of_rows_and_columns_does_not_matter():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[::30]], ignore_index=True)
    order = np.random.default_rng(1).permutation(len(table))
    shuffled = table.iloc[order, ::-1].reset_index(drop=True)
    found, again = find_repeats(table), find_repeats(shuffled)
    pairs = {frozenset(np.flatnonzero(found == number)) for number in found}
    assert {frozenset(order[np.flatnonzero(again == number)]) for number in again} == pairs
    assert sum(len(rows) == 2 for rows in pairs) == 10


def test_rows_alike_with_one_that_agrees_with_both_are_left_when_they_differ():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7, 7]]], ignore_index=True)
    table.iloc[7, 4] = np.nan
    table.iloc[301, 4] += 1
    assert find_repeats(table).tolist() == list(range(302))


@pytest.mark.parametrize(("levels", "columns"), [(2, 5), (3, 8), (2, 20)])
def test_in_a_large_coarse_table_nobody_is_merged_by_chance(levels: int, columns: int):
    table = people(30_000, levels, columns)
    assert (find_repeats(table) == np.arange(30_000)).all()


def test_people_of_a_few_kinds_are_not_merged_though_their_columns_depend_on_each_other():
    random = np.random.default_rng(3)
    kinds, of_kind = random.integers(0, 4, size=(50, 20)), random.integers(0, 50, 20_000)
    strays = random.random((20_000, 20)) > 0.9
    table = pd.DataFrame(np.where(strays, random.integers(0, 4, size=(20_000, 20)), kinds[of_kind]))
    assert table.duplicated().sum() > 100
    assert (find_repeats(table) == np.arange(20_000)).all()


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_tables_of_hardly_any_rows(rows: int):
    table = people(rows, levels=8)
    assert find_repeats(table).tolist() == list(range(rows))
    assert len(merge_rows(table, find_repeats(table))) == rows


def test_text_and_empty_columns_take_part():
    table = people(300, levels=8).astype("str").assign(nothing=np.nan)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    assert find_repeats(table)[300] == 7
