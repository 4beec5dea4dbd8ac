"""What the exploration writes of a table with text codes, free text, missing values, a constant and repeated rows."""

import contextlib
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.dictionary import Dictionary
from credit.core.split import applicant_groups
from credit.features.plan import FeaturePlan, make_plan
from credit.io import files
from stages import eda
from tests.small_graph import files_below

pytestmark = pytest.mark.slow
SETTINGS = {"test_share": 0.25, "rare_share": 0.02, "outlier_iqr": 3.0, "subgroup_depth": 2}
FEATURES = {"exclude": [], "derived": {}}
PLAN, METRICS, TEST = "data/processed/feature_plan.json", "metrics/eda.json", "data/processed/test.parquet"
COLUMNS = {
    "income": {"role": "numeric", "unit": "EUR"},
    "flat": {"role": "numeric"},
    "city": {"role": "nominal"},
    "home": {"role": "nominal", "codes": {1: "own", 2: "rent"}},
    "grade": {"role": "ordinal", "codes": {"A": "best", "B": "middle", "C": "worst"}},
    "applied_on": {"role": "time"},
    "bad": {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]},
}
DICTIONARY = Dictionary.model_validate({"columns": COLUMNS})


def lender(rows: int = 300) -> pd.DataFrame:
    """Draw a table as it is prepared."""
    generator = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "income": generator.lognormal(8, 1, rows).round(),
            "flat": 1.0,
            "city": [f"town {place}" for place in generator.integers(0, 120, rows)],
            "home": generator.choice([1.0, 2.0], rows),
            "grade": generator.choice(list("ABC"), rows),
        }
    )
    table = table.mask(generator.random((rows, 5)) < [0.1, 0, 0.1, 0.1, 0.1])
    table["bad"] = (generator.random(rows) < np.where(table["grade"] == "C", 0.6, 0.2)).astype("int64")
    table.iloc[-20:] = table.iloc[:20].to_numpy()
    table = table.astype({"income": float, "flat": float, "home": float, "bad": "int64"})
    table.insert(0, "line", np.arange(2, rows + 2))
    table.insert(1, "applicant_group", applicant_groups(table.drop(columns=["line", "bad"])))
    return table


def explored(directory: Path, table: pd.DataFrame, split: str = "random", **features) -> dict[str, bytes]:
    """Run the stage on a table, in a directory of its own; give what it wrote."""
    files.write_parquet(directory / "data/interim/prepared.parquet", table)
    texts = {
        "data/dictionary.yaml": {"columns": {name: COLUMNS[name] for name in COLUMNS if name in table}},
        "params.yaml": {"seed": 3, "eda": SETTINGS | {"split": split}, "features": FEATURES | features},
    }
    for path, values in texts.items():
        (directory / path).write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    before = files_below(directory)
    with contextlib.chdir(directory):
        eda.main(logging.getLogger("test"))
    return {path: content for path, content in files_below(directory).items() if path not in before}


def names_changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    assert set(before) == set(after)
    return {path for path in before if after[path] != before[path]}


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    directory = tmp_path_factory.mktemp("lender")
    return directory, explored(directory, lender())


@pytest.fixture
def sides(done) -> tuple[pd.DataFrame, pd.DataFrame]:
    return tuple(pd.read_parquet(done[0] / f"data/processed/{side}.parquet") for side in ("train", "test"))


def test_no_applicant_is_lost_or_on_both_sides(sides):
    train, test = sides
    table = lender()
    both = pd.concat([train, test]).sort_values("line", ignore_index=True)
    pd.testing.assert_frame_equal(both[list(table)], table, check_dtype=False)
    assert train["line"].is_monotonic_increasing
    rows = [set(map(str, side.drop(columns=["line", "bad"]).to_numpy().tolist())) for side in sides]
    assert not rows[0] & rows[1]


def test_the_plan_is_that_of_the_training_applicants(done, sides):
    expected = make_plan(sides[0], DICTIONARY, 0.02, 3.0)
    assert json.loads(done[1][PLAN]) == files.as_plain(expected)
    assert expected.dropped == {"flat": "constant"}


def test_test_applicants_change_nothing_but_their_own_file(done, sides, tmp_path):
    changed = lender()
    changed.loc[changed["line"].isin(sides[1]["line"]), "income"] += 1e6
    assert names_changed(done[1], explored(tmp_path, changed)) == {TEST}


def test_the_target_moves_only_what_is_about_bad_rates(sides):
    train = sides[0]
    permuted = train.assign(bad=np.random.default_rng(1).permutation(train["bad"]))
    plans = [make_plan(table, DICTIONARY, 0.02, 3.0) for table in (train, permuted)]
    assert plans[0] == plans[1]
    one, other = (eda.explore(table, DICTIONARY, plans[0], 2, 1) for table in (train, permuted))
    assert {name for name in one if one[name].equals(other[name])} == {"numeric_profile", "missing", "associations"}


@pytest.mark.parametrize("features", [["city"], ["income", "flat"]])
def test_tables_with_only_some_kinds_of_columns(features, tmp_path):
    assert PLAN in explored(tmp_path, lender()[["line", "applicant_group", *features, "bad"]])


def test_metrics_are_few_and_every_table_carries_n(done):
    metrics = json.loads(done[1][METRICS])
    assert metrics["train_rows"] + metrics["test_rows"] == 300
    assert [name for name, value in metrics.items() if not isinstance(value, int | float)] == ["information_value"]
    tables = {path.stem: pd.read_csv(path) for path in (done[0] / "plots/eda").glob("*.csv")}
    assert all("n" in table for table in tables.values())
    n_by_column = tables["bad_rate_by_level"].groupby("column")["n"].sum()
    assert set(n_by_column) == {metrics["train_rows"]}


def test_an_excluded_and_a_derived_feature_change_the_plan_and_no_table(done, tmp_path):
    after = explored(tmp_path, lender(), exclude=["grade"], derived={"root": "income ** 0.5"})
    assert names_changed(done[1], after) == {PLAN, METRICS}
    plan, (before, metrics) = json.loads(after[PLAN]), (json.loads(files[METRICS]) for files in (done[1], after))
    assert plan["dropped"] == {"flat": "constant", "grade": "excluded by features.exclude"}
    assert plan["derived"] == {"root": "income ** 0.5"}
    assert (before["features_used"], before["features_dropped"]) == (4, 1)
    assert (metrics["features_used"], metrics["features_dropped"]) == (4, 2)


def test_split_by_time_the_latest_applicants_are_the_test_ones_and_the_day_is_no_feature(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    days = pd.Series(np.random.default_rng(5).permutation(pd.date_range("2025-10-01", periods=300)))
    days[100:104] = pd.NaT
    days[280:] = pd.date_range("2027-01-01", periods=20)  # the first 20 applicants came back
    table = lender().assign(applied_on=days)
    written = explored(tmp_path, table, split="time")
    train, test = (pd.read_parquet(tmp_path / f"data/processed/{side}.parquet") for side in ("train", "test"))

    earliest = table.groupby("applicant_group")["applied_on"].agg(lambda own: own.min(skipna=False))
    expected = earliest.nlargest(round(0.25 * earliest.notna().sum()))
    assert set(test["applicant_group"]) == set(expected.index)
    assert sorted([*train["line"], *test["line"]]) == table["line"].tolist()
    assert "applied_on" not in written[PLAN].decode()
    assert "applied_on" not in set(pd.read_csv(tmp_path / "plots/eda/missing.csv")["feature"])
    for side, own in (("train", train), ("test", test)):
        assert f"{side} applicants are from {own['applied_on'].min()} to {own['applied_on'].max()}" in caplog.messages
    late = (train["applied_on"] >= test["applied_on"].min()).sum()
    assert late > 0
    assert f"{late} train applicants are as late as test ones: each equals an earlier application" in caplog.messages
    assert "4 applicants without a valid applied_on are train applicants" in caplog.messages


def test_what_chance_alone_would_give_is_called_no_strength(caplog):
    caplog.set_level(logging.INFO)
    values = pd.DataFrame({"feature": ["status", "noise"], "iv": [0.3, 0.4], "iv_by_chance": [0.1, 0.5]})
    numbers = dict.fromkeys(("train_rows", "train_bad_rate", "test_rows", "test_bad_rate", "values_beyond_caps"), 1)
    plan = FeaturePlan(numeric={}, nominal={}, ordinal={}, dropped={}, derived={}, monotonicity={})
    for known, said in ((values, "status 0.300"), (values.tail(1), "none is beyond what chance gives")):
        tables = {"information_value": known, "subgroups": pd.DataFrame()}
        eda.report(logging.getLogger("eda"), numbers, plan, tables)
        assert f"strongest by information value: {said}" in caplog.messages
