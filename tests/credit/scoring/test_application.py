"""Applications: the values that `prepare` makes of the same cells, in whatever form they came."""

import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import check
from credit.data.table import read_table
from credit.scoring.application import EMPTY, ApplicationReader, names_where

DICTIONARY = check(
    Dictionary,
    {
        "columns": {
            "amount": {
                "role": "numeric",
                "source": "betrag",
                "range": [0, 20000],
                "number": {"decimal": ",", "thousands": "."},
                "missing": {-9: "refused"},
            },
            "why_no_amount": {"role": "nominal", "why_missing": "amount"},
            "savings": {"role": "ordinal", "codes": {1: "none", 2: "Some savings", 3: "much"}},
            "branch": {"role": "nominal", "required": False},
            "y": {"role": "target", "codes": {0: "repaid", 1: "not"}, "bad_codes": [1]},
        }
    },
    "d.yaml",
)
NEEDED = DICTIONARY.model_copy(
    update={"columns": {name: column for name, column in DICTIONARY.columns.items() if name != "y"}}
)
READER = ApplicationReader(NEEDED, {"branch": frozenset({"202", "north", "7.0"})})


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


def test_cells_of_a_table_are_read_as_prepare_reads_them():
    cells = table(
        betrag=["1.234,50", "-9", "30.000", "?", " 7 "],
        savings=["1", "2.0", "9", "", "3"],
        branch=["north", "202", "south", "n/a", "202.0"],
    )
    read = READER.table(cells)
    prepared, _ = read_table(cells.assign(y="0"), DICTIONARY)
    assert read.frame()["amount"].equals(prepared["amount"])
    assert read.frame()["savings"].equals(prepared["savings"])
    assert read.frame()["why_no_amount"].equals(prepared["why_no_amount"])
    assert read.frame()["branch"].tolist()[:3] == ["north", "202", "south"]
    assert names_where(read.missing).tolist() == ["", "amount", "", "amount, savings, branch", ""]
    assert names_where(read.invalid).tolist() == ["", "", "amount, savings", "", ""]
    assert read.refusals.tolist() == ["", "", "", EMPTY, ""]


@pytest.mark.parametrize("others", [[], ["north", "south", "west"], ["1", "2", "3.0"]])
def test_a_name_is_read_alike_in_every_company(others):
    mine = ["202.0", "7.0", "5.0"]
    rows = [*mine, *others]
    read = READER.table(table(betrag=["1"] * len(rows), savings=["1"] * len(rows), branch=rows))
    assert read.frame()["branch"].tolist()[:3] == ["202", "7.0", "5.0"]


def test_json_gives_what_the_table_gives():
    cells = table(betrag=["1.234,5", "-9", "1.000"], savings=["2", "3", ""], branch=["north", "", "202"])
    written = [
        {"amount": 1234.5, "savings": "some  SAVINGS", "branch": "north"},
        {"amount": -9, "savings": 3, "branch": None},
        {"amount": "1.000", "savings": None, "branch": 202},
    ]
    of_table, of_json = READER.table(cells), READER.json(written)
    pd.testing.assert_frame_equal(of_table.frame(), of_json.frame())
    assert names_where(of_table.missing).tolist() == names_where(of_json.missing).tolist()
    for written_one, row in zip(written, range(3), strict=True):
        alone = READER.json([written_one]).frame()
        expected = of_json.frame().iloc[[row]].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, expected, check_dtype=False)  # a column of nothing has none


def test_a_label_is_its_code_in_a_table_too():
    read = READER.table(table(betrag=["1", "1"], savings=["much", "plenty"], branch=["", ""]))
    assert read.frame()["savings"].tolist()[0] == 3
    assert np.isnan(read.frame()["savings"].iloc[1])


def test_a_required_column_that_is_absent_is_a_refusal_and_null_is_none():
    read = READER.json([{"savings": 1}, {"amount": None, "savings": 1}, {"amount": 5}])
    assert read.refusals.tolist() == [
        "the required column 'amount' is absent",
        "",
        "the required column 'savings' is absent",
    ]
    assert set(READER.table(table(savings=["1"])).refusals) == {"the required column 'amount' is absent"}


@pytest.mark.parametrize(
    ("application", "said"),
    [
        ({"amount": True}, "'amount' must be a number, text or null, got true"),
        ({"amount": [1]}, r"'amount' must be a number, text or null, got \[1\]"),
        ({"betrag": 1}, "unknown column 'betrag'; expected amount, savings, branch"),
    ],
)
def test_other_json_is_refused_by_name(application, said):
    with pytest.raises(InputError, match=said):
        READER.json([application])
