"""`eda.split: time`: a lender's file with the days of the applications, from the file to the split."""

import contextlib
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.errors import InputError
from stages import eda, ingest, prepare

pytestmark = pytest.mark.slow
LOG = logging.getLogger("eda")
COLUMNS = {
    "income": {"role": "numeric"},
    "town": {"role": "nominal"},
    "applied_on": {"role": "time", "source": "Datum", "format": "%d.%m.%Y", "required": False},
    "outcome": {"role": "target", "codes": {"paid": "repaid", "default": "not repaid"}, "bad_codes": ["default"]},
}
NO_TIME = {name: column for name, column in COLUMNS.items() if name != "applied_on"}
EDA = {"split": "time", "test_share": 0.25, "rare_share": 0.02, "outlier_iqr": 3.0, "subgroup_depth": 2}
OUTPUTS = (eda.TRAIN, eda.TEST, eda.PLAN, eda.METRICS, eda.PLOTS)


def lender(rows: int = 200) -> pd.DataFrame:
    """Applications of 200 days in no order; as text, days sort by month and year last. Five have no valid day."""
    random = np.random.default_rng(5)
    days = pd.Series(pd.date_range("2025-10-01", periods=rows).strftime("%d.%m.%Y"))
    days[random.choice(rows, 5, replace=False)] = ["", "?", "31.02.2026", "2026-01-01", "soon"]
    table = pd.DataFrame({"income": random.integers(500, 9000, rows), "town": random.choice(list("ABC"), rows)})
    outcome = np.where(random.random(rows) < 0.3, "default", "paid")
    # The first five came back on the last day, as they were then.
    table, days = pd.concat([table, table.head()]), pd.concat([days, days.tail(1).repeat(5)])
    table = table.assign(Datum=days.to_numpy(), outcome=[*outcome, *outcome[:5]])
    return table.sample(frac=1, random_state=1, ignore_index=True)


def write_inputs(table: pd.DataFrame, columns: dict, **settings) -> None:
    """Write, below the current directory, what the stages up to eda read, and run those before it."""
    limits = dict.fromkeys(("max_missing_share", "max_invalid_share", "max_rejected_share"), 0.5)
    limits["max_column_invalid_share"] = 1  # that eda may meet a file without a valid day
    params = {"seed": 3, "ingest": {"source": "applications.csv"}, "prepare": limits, "eda": EDA | settings}
    params["features"] = {"exclude": [], "derived": {}}
    Path("data").mkdir(exist_ok=True)
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": columns}, sort_keys=False), encoding="utf-8")
    table.to_csv("applications.csv", index=False)
    ingest.main(LOG)
    prepare.main(LOG)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Path, list[str]]:
    """Run the stages; give the directory and what eda said."""
    directory, said = tmp_path_factory.mktemp("time"), []
    log = logging.Logger("eda", logging.INFO)
    log.addFilter(lambda record: said.append(record.getMessage()) is None)
    with contextlib.chdir(directory):
        write_inputs(lender(), COLUMNS)
        eda.main(log)
    return directory, said


@pytest.fixture
def sides(done) -> tuple[pd.DataFrame, pd.DataFrame]:
    return tuple(pd.read_parquet(done[0] / path).set_index("line") for path in (eda.TRAIN, eda.TEST))


def when(table: pd.DataFrame) -> pd.Series:
    """Give the day of each application by its line, independently of the stages."""
    days = pd.to_datetime(table["Datum"], format="%d.%m.%Y", errors="coerce")
    return days.set_axis(table.index + 2)


def test_the_latest_applicants_are_the_test_ones(sides):
    train, test = sides
    table = lender()
    days = when(table)
    came_back = table.duplicated(["income", "town"], keep=False).set_axis(days.index)
    # A quarter of the 195 distinct applicants whose day is known.
    assert sorted(days[test.index]) == sorted(days[~came_back].nlargest(round(0.25 * 195)))
    assert days[test.index].min() > days[train.index][~came_back].max()
    assert sorted([*train.index, *test.index]) == list(range(2, 207))


def test_those_who_came_back_stand_where_they_stood_first(sides):
    train, _ = sides
    table = lender()
    twice = table[table.duplicated(["income", "town"], keep=False)].index + 2
    assert len(twice) == 10
    assert set(twice) <= set(train.index)


def test_the_day_is_kept_and_no_feature(done, sides):
    days = when(lender())
    for table in sides:
        assert table["applied_on"].equals(days[table.index].astype(table["applied_on"].dtype))
    plan = json.loads((done[0] / eda.PLAN).read_text(encoding="utf-8"))
    assert [*plan["numeric"], *plan["nominal"], *plan["ordinal"], *plan["dropped"]] == ["income", "town"]
    assert set(pd.read_csv(done[0] / eda.PLOTS / "missing.csv")["feature"]) == {"income", "town"}


def test_it_says_from_when_to_when_and_who_stands_where_for_other_reasons(done, sides):
    (train, test), said = sides, done[1]
    for side, table in (("train", train), ("test", test)):
        days = when(lender())[table.index]
        assert f"{side} applicants are from {days.min()} to {days.max()}" in said
    assert "5 applicants without a valid applied_on are train applicants" in said
    late = (train["applied_on"] >= test["applied_on"].min()).sum()
    assert late > 0
    assert f"{late} train applicants are as late as test ones: each equals an earlier application" in said


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (lender().drop(columns="Datum"), "expected valid times, got none"),
        (lender().assign(Datum="soon"), "expected valid times, got none"),
        (lender().assign(Datum="01.10.2025"), "expected good and bad ones before and since 2025-10-01 "),
    ],
)
def test_a_file_without_days_to_split_by_is_refused(table, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_inputs(table, COLUMNS)
    with pytest.raises(InputError, match=rf"^cannot split 205 applicants by time: {expected}"):
        eda.main(LOG)
    assert not any(path.exists() for path in OUTPUTS)


def test_a_random_split_takes_no_notice_of_the_time(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO)
    drawn = {}
    for directory, columns in {"with": COLUMNS, "without": NO_TIME}.items():
        Path(directory).mkdir()
        with contextlib.chdir(directory):
            write_inputs(lender().drop_duplicates(["income", "town"]), columns, split="random")
            eda.main(LOG)
            drawn[directory] = set(pd.read_parquet(eda.TEST)["line"])
    assert drawn["with"] == drawn["without"]
    assert not any("applicants are from" in message for message in caplog.messages)
