"""Files as lenders write them go from their draft to a model card, with nothing done by hand.

The tables of `TABLES=FOLDER` (NAME.csv or NAME.csv.gz, as `make bench` takes them) go the same way where it is given.
"""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.io.files import read_dictionary
from ops.draft_dictionary.__main__ import main as draft
from tests.lenders_file import GRADES, YEARS, lenders_file
from tests.small_graph import ROOT, RUNS, SETTINGS, change, run

ROWS = 300
CARD = Path("models/MODEL_CARD.md")
FOLDER = os.environ.get("TABLES", "")
TABLES = sorted(Path(FOLDER).glob("*.csv*")) if FOLDER else []


def from_file_to_card(file: Path) -> str:
    """Draft a file's dictionary, run every stage with few candidates, and give the card."""
    draft([str(file), "-o", "data/dictionary.yaml", "--force", "--set-source"])
    settings = {name: value for name, value in SETTINGS.items() if name not in ("ingest", "features")}
    change(settings | {"fairness.cut": {}})
    for stage in RUNS[RUNS.index("ingest") :]:
        run(stage)
    return CARD.read_text(encoding="utf-8")


@pytest.fixture
def project(workspace: Path) -> Path:
    for name in ("requirements.txt", "data/about.yaml"):
        shutil.copyfile(ROOT / name, workspace / name)
    return workspace


def prepared() -> pd.DataFrame:
    tables = [pd.read_parquet(f"data/interim/{name}.parquet") for name in ("prepared", "indeterminate")]
    return pd.concat(tables).sort_values("line", ignore_index=True)


def plainly(cells: pd.Series, decimal: str = ".") -> np.ndarray:
    """Read numbers in another way than the project does: by their digits alone."""
    digits = cells.str.replace(f"[^0-9{decimal}]", "", regex=True).str.replace(decimal, ".")
    return digits.astype(float) * np.where(cells.str.contains(r"-|\("), -1, 1)


@pytest.mark.slow
def test_a_file_of_every_form_is_read_right_and_ends_with_a_card(project: Path):
    written = lenders_file(ROWS)
    written.to_csv("lent.csv", index=False)
    card = from_file_to_card(Path("lent.csv"))

    dictionary, table = read_dictionary(), prepared()
    assert len(table) == ROWS
    for name, decimal in {"loan_amnt": ".", "term": ".", "int_rate": ".", "annual_inc": ".", "Kontostand": ",",
                          "saldo": ".", "cash_flow": "."}.items():  # fmt: skip
        np.testing.assert_array_equal(table[name], plainly(written[name], decimal), name)
    seen = set(written["sub_grade"])
    assert list(dictionary.columns["sub_grade"].codes) == [grade for grade in GRADES if grade in seen]
    assert list(dictionary.columns["emp_length"].codes) == YEARS
    assert list(dictionary.columns["risk_class"].codes) == ["low", "medium", "high"]
    assert list(dictionary.columns["band"].codes) == ["0-100", "100-500", ">500"]
    assert dictionary.names("ignored") == ["id", "issue_d", "total_pymnt", "recoveries"]
    assert dictionary.columns["delinq_2yrs"].role == "numeric"
    assert (table["age"].isna().sum(), dictionary.columns["age"].range) == (1, (18, 110))
    assert table["bureau"].isna().equals(written["bureau"].eq("-9999"))

    quality = json.loads(Path("metrics/data_quality.json").read_text(encoding="utf-8"))
    waiting = written["loan_status"].isin(["Current", "In Grace Period"])
    assert quality["rows"]["indeterminate"] == waiting.sum() > 0
    assert quality["rows"]["rejected"] == 0
    read = {record["column"]: (record["cell"], record["value"]) for record in quality["numbers_read"]}
    assert read["Kontostand"] == (written["Kontostand"][0], plainly(written["Kontostand"][:1], ",")[0])
    pds = pd.read_parquet("data/processed/indeterminate_pds.parquet")
    assert pds["line"].tolist() == (np.flatnonzero(waiting) + 2).tolist()
    assert pds["pd"].between(0, 1).all()
    assert re.search(rf"\| indeterminate \| {waiting.sum()} \|", card)
    assert (
        "total_pymnt" not in json.loads(Path("data/processed/feature_plan.json").read_text(encoding="utf-8"))["numeric"]
    )


@pytest.mark.slow
@pytest.mark.skipif(not TABLES, reason="TABLES names no folder of other lenders' tables")
@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.name)
def test_other_lenders_tables_end_with_a_card(project: Path, file: Path):
    assert "## Elements of the system" in from_file_to_card(file)
