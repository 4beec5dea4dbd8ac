import numpy as np
import pandas as pd
import pytest

from credit.data.duplicates import Pairs, _chances, _continued, _odds_of_agreeing, find_duplicates, merge_rows


def people(n: int, levels: int, columns: int = 20, seed: int = 0) -> pd.DataFrame:
    """Different people: independent columns, each with so many levels."""
    return pd.DataFrame(np.random.default_rng(seed).integers(levels, size=(n, columns))).astype(float)


def test_a_repeat_is_found_though_cells_of_both_are_lost_and_a_cell_seen_in_either_is_kept():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    table.iloc[7, [0, 1]] = np.nan
    table.iloc[300, [2, 3]] = np.nan
    applicant = find_duplicates(table)
    assert applicant.tolist() == [*range(300), 7]
    merged = merge_rows(table, applicant)
    pd.testing.assert_frame_equal(merged, people(300, levels=8))


def test_a_row_that_differs_in_one_observed_cell_is_no_repeat():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    table.iloc[300, 4] += 1
    assert find_duplicates(table).tolist() == list(range(301))


def test_the_order_of_rows_and_columns_does_not_matter():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[::30]], ignore_index=True)
    order = np.random.default_rng(1).permutation(len(table))
    shuffled = table.iloc[order, ::-1].reset_index(drop=True)
    found, again = find_duplicates(table), find_duplicates(shuffled)
    pairs = {frozenset(np.flatnonzero(found == number)) for number in found}
    assert {frozenset(order[np.flatnonzero(again == number)]) for number in again} == pairs
    assert sum(len(rows) == 2 for rows in pairs) == 10


def test_rows_alike_with_one_that_agrees_with_both_are_left_when_they_differ():
    table = people(300, levels=8)
    table = pd.concat([table, table.iloc[[7, 7]]], ignore_index=True)
    table.iloc[7, 4] = np.nan
    table.iloc[301, 4] += 1
    assert find_duplicates(table).tolist() == list(range(302))


@pytest.mark.parametrize(("levels", "columns"), [(2, 5), (3, 8), (2, 20)])
def test_in_a_large_coarse_table_nobody_is_merged_by_chance(levels: int, columns: int):
    table = people(30_000, levels, columns)
    assert (find_duplicates(table) == np.arange(30_000)).all()


@pytest.mark.slow
def test_people_of_a_few_kinds_are_not_merged_though_their_columns_depend_on_each_other():
    random = np.random.default_rng(3)
    kinds, of_kind = random.integers(0, 4, size=(50, 20)), random.integers(0, 50, 20_000)
    strays = random.random((20_000, 20)) > 0.9
    table = pd.DataFrame(np.where(strays, random.integers(0, 4, size=(20_000, 20)), kinds[of_kind]))
    assert table.duplicated().sum() > 100
    assert (find_duplicates(table) == np.arange(20_000)).all()


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_tables_of_hardly_any_rows(rows: int):
    table = people(rows, levels=8)
    assert find_duplicates(table).tolist() == list(range(rows))
    assert len(merge_rows(table, find_duplicates(table))) == rows


def test_text_and_empty_columns_take_part():
    table = people(300, levels=8).astype("str").assign(nothing=np.nan)
    table = pd.concat([table, table.iloc[[7]]], ignore_index=True)
    assert find_duplicates(table)[300] == 7


def near_twins(lost: int) -> pd.DataFrame:
    """Two people who differ in the first column only, which is lost in some rows; another pair like them."""
    table = people(300, levels=8)
    table[0] = np.arange(300)
    table.iloc[[11, 22], 1:] = table.iloc[[10, 21], 1:].to_numpy()
    table.iloc[10 : 10 + lost, 0] = np.nan
    return table


def test_one_lost_cell_does_not_make_one_of_two_people_who_differ_in_this_column():
    assert find_duplicates(near_twins(lost=1)).tolist() == list(range(300))


def test_where_repeats_are_many_one_that_lost_such_a_cell_is_found_too():
    table = near_twins(lost=0)
    table = pd.concat([table, table.iloc[100:120]], ignore_index=True)
    table.iloc[300, 0] = np.nan
    assert find_duplicates(table)[300:].tolist() == list(range(100, 120))


@pytest.mark.slow
def test_the_same_second_is_evidence_though_all_else_is_coarse():
    table = people(3_000, levels=3, columns=7).assign(second=np.random.default_rng(1).integers(0, 3e7, 3_000))
    table = pd.concat([table, table.iloc[:50]], ignore_index=True)
    assert find_duplicates(table)[3_000:].tolist() == list(range(50))


def test_people_who_are_copies_of_few_profiles_but_for_some_noise_are_mostly_left():
    random = np.random.default_rng(5)
    profiles, of_profile = random.integers(0, 8, size=(400, 15)), random.integers(0, 400, 3_000)
    noise = random.random((3_000, 15)) < 0.01
    table = pd.DataFrame(np.where(noise, random.integers(0, 8, (3_000, 15)), profiles[of_profile])).astype(float)
    merged = (find_duplicates(table) != np.arange(3_000)).sum()
    assert table.duplicated().sum() > 2_000
    assert merged < 0.05 * 3_000


def test_of_a_merged_row_every_column_keeps_its_kind_and_its_first_seen_cell():
    random = np.random.default_rng(6)
    table = pd.DataFrame(random.integers(0, 9, size=(200, 3))).astype(float)
    table = table.assign(town=table[0].map("town {:.0f}".format).astype("str"), day=pd.to_datetime(table[1], unit="s"))
    table = table.mask(random.random(table.shape) < 0.4).set_axis(np.arange(200) * 2 + 7)
    applicant = np.minimum(np.arange(200), random.integers(0, 200, 200))
    applicant = np.where(applicant[applicant] == applicant, applicant, np.arange(200))
    merged = merge_rows(table, applicant)
    assert merged.index.tolist() == table.index[np.unique(applicant)].tolist()
    assert (merged.dtypes == table.dtypes).all()
    for label, row in merged.iterrows():
        rows = table[applicant == table.index.get_loc(label)]
        for name in table:
            seen = rows[name].dropna()
            assert row[name] == seen.iloc[0] if len(seen) else pd.isna(row[name])


def test_a_table_of_repeats_only_is_merged():
    table = pd.DataFrame({"sum": [np.nan, 2.0, 3.0, np.nan]})
    assert merge_rows(table, np.array([0, 0, 2, 2]))["sum"].to_dict() == {0: 2.0, 2: 3.0}


@pytest.mark.parametrize("codes", [[0, 0, 1, -1], [0, 1, 2], [3, -1, -1, 0, 0, 1, 1]])
def test_the_odds_of_agreeing_are_those_of_two_rows_drawn_at_random(codes):
    # By hand, over all ordered pairs of rows: where a cell is lost (-1), the two agree.
    apart = np.mean([one != other and min(one, other) >= 0 for one in codes for other in codes])
    assert _odds_of_agreeing(np.array(codes)) == pytest.approx((1 - apart) / apart)


def test_two_people_agree_on_a_value_by_its_share_and_on_one_of_a_pair_by_the_share_of_such_pairs():
    # By hand: of the 28 pairs of 8 rows, 2 are of a value that two rows have; the other values have 3 rows and 1.
    assert _chances(np.array([3, 2, 2, 1])) == pytest.approx([3 / 8, 2 / 28, 2 / 28, 1 / 8])
    assert _chances(np.array([2])) == pytest.approx([1.0])
    assert _chances(np.array([], dtype=int)).size == 0


def test_pairs_that_differ_in_two_cells_and_in_one_are_continued_to_none():
    # By hand, for 5 bits and more: by column 2, 1 and 0 pairs differ in one cell; all but the two finest count.
    differing, column = np.array([1, 1, 1, 2, 2, 2, 0, 1]), np.array([0, 0, 1, 0, 1, 2, -1, 0])
    bits = np.array([9, 8, 9, 9, 9, 5, 9, 4], dtype=float)
    pairs = Pairs(np.arange(8), np.arange(8) + 8, differing, column, bits)
    assert _continued(pairs, 3, np.array([5.0])) == pytest.approx([(3 * 0) ** 2 / 3])
    assert _continued(pairs, 2, np.array([5.0])) == pytest.approx([(2 * 1) ** 2 / 3])
    assert _continued(pairs, 2, np.array([9.0])) == pytest.approx([(2 * 1) ** 2 / 2])
