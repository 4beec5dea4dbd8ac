import pandas as pd
import pytest

from credit.core.errors import InputError
from credit.data.statlog import HEADER, LEVELS, NUMBERS, PUBLISHED_DIGEST, correct, digest, to_south_german
from stages.source import read_statlog


@pytest.fixture
def errata(repository) -> pd.DataFrame:
    return pd.read_csv(repository / "data/south_german_errata.csv")


@pytest.fixture
def recoded() -> pd.DataFrame:
    return to_south_german(*read_statlog())


def test_recoded_and_corrected_statlog_is_the_published_table(recoded: pd.DataFrame, errata: pd.DataFrame):
    assert len(errata) == 56
    table = correct(recoded, errata)
    assert digest(table) == digest(table.iloc[::-1]) == PUBLISHED_DIGEST  # the order of rows does not matter
    changed = table.assign(alter=table["alter"].where(table.index < 999, 1))
    for other in (recoded, correct(recoded, errata.iloc[1:]), changed, table[HEADER[::-1]]):
        assert digest(other) != PUBLISHED_DIGEST


def test_digest_is_that_of_the_text_stated():
    # printf 'a,b\n1,20\n10,2\n' | sha256sum
    expected = "b35d225fe9407c5a20694ee588915ed4afc2b318d4ad4094d10c138c4911236d"
    assert digest(pd.DataFrame({"a": [10, 1], "b": [2, 20]})) == expected


def test_recoding_counts_levels_in_the_order_of_their_declaration():
    levels = {name: (f"{name} first", f"{name} second") for name, _ in LEVELS.values()}
    statlog = pd.DataFrame({name: reversed(of_column) for name, of_column in levels.items()})
    statlog = statlog.assign(**{name: [7, 8] for name in NUMBERS.values()})
    statlog = statlog.assign(num_dependents=[1, 2], foreign_worker=["yes", "no"])
    statlog["class"] = ["good", "bad"]
    table = to_south_german(statlog, levels)
    assert list(table.columns) == HEADER
    assert table["moral"].tolist() == table["verw"].tolist() == [1, 0]  # these two are counted from 0
    assert table["laufkont"].tolist() == table["telef"].tolist() == [2, 1]
    assert table["hoehe"].tolist() == [7, 8]
    assert table["pers"].tolist() == [2, 1]
    assert table["gastarb"].tolist() == [2, 1]
    assert table["kredit"].tolist() == [1, 0]


def correction(*row: object) -> pd.DataFrame:
    return pd.DataFrame([row], columns=["statlog_row", "column", "statlog_code", "south_german_code"])


def test_a_correction_changes_one_cell_of_a_copy():
    table = pd.DataFrame({"alter": [24, 25], "rate": [1, 2]})
    corrected = correct(table, correction(2, "alter", 25, 24))
    assert corrected.to_dict("list") == {"alter": [24, 24], "rate": [1, 2]}
    assert table["alter"].tolist() == [24, 25]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((1, "alter", 99, 24), "errata: expected alter = 99 in Statlog row 1, got 24"),
        ((3, "alter", 25, 24), "errata: expected a cell of the Statlog table, got column 'alter' in row 3"),
        ((0, "alter", 25, 24), "errata: expected a cell of the Statlog table, got column 'alter' in row 0"),
        ((1, "age", 24, 25), "errata: expected a cell of the Statlog table, got column 'age' in row 1"),
    ],
)
def test_refuses_a_correction_that_does_not_fit_the_table(row: tuple, expected: str):
    with pytest.raises(InputError) as caught:
        correct(pd.DataFrame({"alter": [24, 25]}), correction(*row))
    assert str(caught.value) == expected
