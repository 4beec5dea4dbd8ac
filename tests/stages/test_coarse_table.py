"""A large table of few and coarse columns, in which different people are alike: nobody is taken for another."""

import contextlib
import json
import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml

from stages import eda, ingest, prepare

pytestmark = pytest.mark.slow
ROWS = 20_000
KINDS = 3 * 4 * 5 * 3  # of people
COLUMNS = {
    "home": {"role": "nominal", "codes": {"own": "own", "rent": "rent", "free": "for free"}},
    "region": {"role": "nominal"},
    "grade": {"role": "ordinal", "codes": {1: "best", 2: "good", 3: "middle", 4: "poor", 5: "worst"}},
    "loans": {"role": "numeric", "range": [0, 2]},
    "outcome": {"role": "target", "codes": {"Y": "default", "N": "repaid"}, "bad_codes": ["Y"]},
}
PARAMS = {
    "seed": 3,
    "ingest": {"source": "applications.csv"},
    "prepare": {
        "max_missing_share": 0.1,
        "max_invalid_share": 0,
        "max_column_invalid_share": 0,
        "max_rejected_share": 0,
    },
    "eda": {"split": "random", "test_share": 0.2, "rare_share": 0.02, "outlier_iqr": 3.0, "subgroup_depth": 2},
    "features": {"exclude": [], "derived": {}},
}
FEATURES = ["home", "region", "grade", "loans"]


class Done(NamedTuple):
    """What the stages wrote and said."""

    prepared: pd.DataFrame
    rejected: pd.DataFrame
    train: pd.DataFrame
    test: pd.DataFrame
    quality: dict
    said: list[str]


def applications() -> pd.DataFrame:
    """Draw 20,000 people of 180 kinds; of one in a hundred the grade is not known."""
    random = np.random.default_rng(8)
    table = pd.DataFrame(
        {
            "home": random.choice(["own", "rent", "free"], ROWS),
            "region": random.choice(["north", "south", "east", "west"], ROWS),
            "grade": random.integers(1, 6, ROWS),
            "loans": random.integers(0, 3, ROWS),
        }
    )
    bad = random.random(ROWS) < 0.1 + 0.08 * table["grade"]
    return table.astype("str").assign(
        grade=lambda text: text["grade"].mask(random.random(ROWS) < 0.01, ""), outcome=np.where(bad, "Y", "N")
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Done:
    """Run the stages up to eda on the table."""
    said = []
    log = logging.Logger("stages", logging.INFO)
    log.addFilter(lambda record: said.append(record.getMessage()) is None)
    with contextlib.chdir(tmp_path_factory.mktemp("coarse")):
        Path("data").mkdir()
        Path("params.yaml").write_text(yaml.safe_dump(PARAMS), encoding="utf-8")
        Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": COLUMNS}, sort_keys=False))
        applications().to_csv("applications.csv", index=False)
        for stage in (ingest, prepare, eda):
            stage.main(log)
        tables = map(pd.read_parquet, (prepare.PREPARED, prepare.REJECTED, eda.TRAIN, eda.TEST))
        return Done(*tables, json.loads(prepare.QUALITY.read_text(encoding="utf-8")), said)


def test_nobody_is_merged(done):
    table = applications()
    alike = int(table.duplicated(keep=False).sum())
    assert alike > 0.99 * ROWS
    assert done.quality["rows"] == {
        "ingested": ROWS, "prepared": ROWS, "merged": 0, "rejected": 0, "alike_not_merged": alike,
    }  # fmt: skip
    assert done.rejected.empty
    assert done.prepared["line"].tolist() == list(range(2, ROWS + 2))
    assert done.prepared["bad"].tolist() == (table["outcome"] == "Y").tolist()
    assert done.quality["cells_filled_from_repeats"] == 0
    assert done.prepared["grade"].isna().sum() == (table["grade"] == "").sum() > 0
    assert f"{alike} rows equal another one and are left: people of this table may be alike by chance" in done.said


def test_rows_alike_stand_on_one_side_of_the_split(done):
    assert len(done.train) + len(done.test) == ROWS
    kinds = [set(map(str, table[FEATURES].to_numpy().tolist())) for table in (done.train, done.test)]
    assert not kinds[0] & kinds[1]
    assert len(kinds[0] | kinds[1]) == len(applications()[FEATURES].drop_duplicates()) > KINDS
    assert len(kinds[1]) == pytest.approx(0.2 * len(kinds[0] | kinds[1]), abs=1)
    assert len(done.test) / ROWS == pytest.approx(0.2, abs=0.06)
    assert done.test["bad"].mean() == pytest.approx(done.train["bad"].mean(), abs=0.05)
