"""The bench on other lenders' tables: which are found, how each takes its place, what is said of it."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.io.files import read_dictionary
from ops.bench import rivals
from ops.bench.measure import Bench, ResourceUsage
from ops.bench.tables import RIVALS, measure_tables, row_of, tables_in

USED = ResourceUsage(60.0, 100.0, 500, "")
THEIRS = {name: {"auc": auc, "brier": 0.15} for name, auc in zip(RIVALS, (0.70, 0.71), strict=True)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "plain.csv").write_text("a;y\n1;0\n")
    (folder / "packed.csv.gz").write_bytes(gzip.compress(b"a,y\n2,1\n"))
    (folder / "unknown.csv").write_text("a\n")
    for name in ("plain", "packed"):
        (folder / f"{name}.yaml").write_text(f"of: {name}\n")
    return folder


def test_tables_with_a_dictionary_beside_them_are_found(folder):
    assert [(found.name, found.table.suffix) for found in tables_in(folder)] == [("packed", ".gz"), ("plain", ".csv")]


def test_a_table_that_is_there_twice_is_refused(folder):
    (folder / "plain.csv.gz").write_bytes(gzip.compress(b"a;y\n"))
    with pytest.raises(InputError, match=r": expected one table, got plain.csv and plain.csv.gz$"):
        tables_in(folder)


def test_a_folder_without_any_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^expected tables NAME.csv or NAME.csv.gz with NAME.yaml beside them, found"):
        tables_in(tmp_path)


def test_each_table_takes_the_place_of_the_graphs_own_and_leaves_it_as_it_was(folder, tmp_path, rows_of):
    clone = tmp_path / "clone"
    (clone / "data").mkdir(parents=True)
    (clone / "metrics").mkdir()
    own = {"params.yaml": "ingest: {source: own.csv}  # ours\n", "data/dictionary.yaml": "of: own\n"}
    for name, text in own.items():
        (clone / name).write_text(text)
    for name, values in {
        "eda": {"train_rows": 8, "test_rows": 2},
        "selection": {"chosen": "xgb"},
        "evaluation": {"auc": 0.72, "brier": 0.2},
    }.items():
        (clone / f"metrics/{name}.json").write_text(json.dumps(values))
    seen = []

    class Watched(Bench):
        def run(self, command: str, times: int = 1) -> ResourceUsage:
            source = clone / yaml.safe_load((clone / "params.yaml").read_text())["ingest"]["source"]
            seen.append((command, (clone / "data/dictionary.yaml").read_text(), source.read_text()))
            return USED._replace(printed=json.dumps(THEIRS))

    rows = rows_of(measure_tables(Watched(clone, tmp_path, {}, (), folder)))
    assert "packed 10 xgb 0.7200 0.7000 0.7100 0.2000 0.1500 0.1500 60.0 500".split() in rows
    assert seen[::2] == [
        ("dvc repro", "of: packed\n", "a,y\n2,1\n"),
        ("dvc repro", "of: plain\n", "a;y\n1;0\n"),
    ]
    assert {name: (clone / name).read_text() for name in own} == own


@pytest.mark.parametrize(("auc", "written"), [(0.706, "0.7060!"), (0.7075, "0.7075"), (0.8, "0.8000")])
def test_a_missed_goal_is_marked(auc, written):
    ours = {"applicants": 10, "chosen": "rf", "auc": auc, "brier": 0.15}
    assert row_of("some", ours, THEIRS, USED)[3] == written


COLUMNS = {
    "amount": {"role": "numeric"},
    "grade": {"role": "ordinal", "codes": {"A": "best", "B": "worse"}},
    "purpose": {"role": "nominal"},
    "paid": {"role": "target", "codes": {0: "yes", 1: "no"}, "bad_codes": [1]},
}


@pytest.fixture
def drawn() -> tuple[pd.DataFrame, Dictionary]:
    generator = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "amount": generator.normal(size=400),
            "grade": generator.choice(["A", "B"], 400),
            "purpose": generator.choice(["car", "tv"], 400),
        }
    )
    table.loc[::7, "amount"] = np.nan
    bad = (table["amount"].fillna(1) + (table["grade"] == "B") > generator.normal(0.5, 0.5, 400)).astype(int)
    return table.assign(bad=bad), Dictionary(columns=COLUMNS)


def test_others_see_numbers_ranks_and_categories(drawn):
    table, dictionary = drawn
    found = rivals.as_read(table, dictionary)
    assert found["amount"].isna().sum() == table["amount"].isna().sum()
    assert found["grade"].tolist() == [{"A": 0.0, "B": 1.0}[grade] for grade in table["grade"]]
    assert found["purpose"].dtype == "category"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # of FLAML
def test_others_are_judged_on_applicants_that_they_have_not_seen(drawn, monkeypatch):
    table, dictionary = drawn
    monkeypatch.setattr(rivals, "FLAML_SECONDS", 3)
    monkeypatch.setattr(rivals, "DRAWS", 6)
    for fit in (rivals.flaml, rivals.lightgbm):
        found = rivals.judged(fit, table[:300], table[300:], 1, dictionary)
        assert 0.75 < found["auc"] < 1
        assert 0 < found["brier"] < 0.25
        assert found["seconds"] > 0


@pytest.mark.parametrize("path", sorted(Path("docs/tables").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_dictionaries_of_docs_can_be_read(path, repository):
    found = read_dictionary(repository / path)
    assert found.features
