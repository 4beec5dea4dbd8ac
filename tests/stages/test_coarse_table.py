"""A large table of few and coarse columns, in which different people are alike: nobody is taken for another."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from stages import eda, ingest, prepare

ROWS = 20_000
KINDS = 3 * 4 * 5 * 3  # of people
COLUMNS = {
    "home": {"role": "nominal", "codes": {"own": "own", "rent": "rent", "free": "for free"}},
    "region": {"role": "nominal"},
    "grade": {"role": "ordinal", "codes": {1: "best", 2: "good", 3: "middle", 4: "poor", 5: "worst"}},
    "loans": {"role": "numeric", "range": [0, 2]},
    "outcome": {"role": "target", "codes": {"Y": "default", "N": "repaid"}, "bad_codes": ["Y"]},
}
FEATURES = ["home", "region", "grade", "loans"]


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


@pytest.mark.slow
def test_nobody_is_merged_and_rows_alike_stand_on_one_side_of_the_split(workspace, caplog):
    caplog.set_level(logging.INFO)
    table = applications()
    table.to_csv("applications.csv", index=False)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    Path("params.yaml").write_text(yaml.safe_dump(params | {"ingest": {"source": "applications.csv"}}))
    Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": COLUMNS}, sort_keys=False))
    for stage in (ingest, prepare, eda):
        stage.main(logging.getLogger("stages"))
    paths = (prepare.PREPARED, prepare.REJECTED, eda.TRAIN, eda.TEST)
    prepared, rejected, train, test = (pd.read_parquet(path) for path in paths)
    quality = json.loads(prepare.QUALITY.read_text(encoding="utf-8"))

    alike = int(table.duplicated(keep=False).sum())
    assert alike > 0.99 * ROWS
    assert quality["rows"] == {
        "ingested": ROWS, "prepared": ROWS, "merged": 0, "rejected": 0, "alike_not_merged": alike,
    }  # fmt: skip
    assert rejected.empty
    assert prepared["line"].tolist() == list(range(2, ROWS + 2))
    assert prepared["bad"].tolist() == (table["outcome"] == "Y").tolist()
    assert quality["cells_filled_from_repeats"] == 0
    assert prepared["grade"].isna().sum() == (table["grade"] == "").sum() > 0
    assert f"{alike} rows equal another one and are left: people of this table may be alike by chance" in caplog.text

    kinds = [set(map(str, side[FEATURES].to_numpy().tolist())) for side in (train, test)]
    assert len(train) + len(test) == ROWS
    assert not kinds[0] & kinds[1]
    assert len(kinds[0] | kinds[1]) == len(table[FEATURES].drop_duplicates()) > KINDS
    assert len(kinds[1]) == pytest.approx(0.2 * len(kinds[0] | kinds[1]), abs=1)
    assert len(test) / ROWS == pytest.approx(0.2, abs=0.06)
    assert test["bad"].mean() == pytest.approx(train["bad"].mean(), abs=0.05)
