"""The stage is run as DVC runs it: a process in a directory of its own."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.split import applicant_groups
from credit.features.plan import make_plan
from credit.io import files
from stages import eda

ROOT = Path(__file__).resolve().parents[2]
TABLES = ["associations", "bad_rate_by_level", "information_value", "missing", "numeric_profile", "subgroups"]
PICTURES = ["bad_rate_by_level", "cramers_v", "information_value", "missing", "numeric_distributions", "outliers",
            "spearman", "subgroups"]  # fmt: skip
OUTPUTS = [
    *("data/processed/train.parquet", "data/processed/test.parquet", "data/processed/feature_plan.json"),
    "metrics/eda.json",
    *(f"plots/eda/{name}.csv" for name in TABLES),
    *(f"plots/eda/{name}.png" for name in PICTURES),
]
SETTINGS = {"split": "random", "test_share": 0.25, "rare_share": 0.02, "outlier_iqr": 3.0, "subgroup_depth": 2}
FEATURES = {"exclude": [], "derived": {}}
COLUMNS = {
    "income": {"role": "numeric", "unit": "EUR"},
    "flat": {"role": "numeric"},
    "city": {"role": "nominal"},
    "home": {"role": "nominal", "codes": {1: "own", 2: "rent"}},
    "grade": {"role": "ordinal", "codes": {"A": "best", "B": "middle", "C": "worst"}},
    "bad": {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]},
}


def lender(rows: int = 300) -> pd.DataFrame:
    """A table as prepared: text codes, free text with many levels, missing values, a constant, some repeated rows."""
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


def prepare(directory: Path, table: pd.DataFrame, features: dict | None = None, **settings) -> Path:
    names = [name for name in COLUMNS if name in table]
    files.write_parquet(directory / "data/interim/prepared.parquet", table)
    texts = {
        "data/dictionary.yaml": {"columns": {name: COLUMNS[name] for name in names}},
        "params.yaml": {"seed": 3, "eda": SETTINGS | settings, "features": FEATURES | (features or {})},
    }
    for path, values in texts.items():
        (directory / path).write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return directory


def run(directory: Path, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-W", "error", "-m", "stages.eda"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(command, cwd=directory, env=surroundings, capture_output=True, text=True, check=False)


def explored(directory: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Run the stage in this process (without a second start-up) and give what it wrote."""
    monkeypatch.chdir(directory)
    eda.main(logging.getLogger("test"))
    return {path: (directory / path).read_bytes() for path in OUTPUTS}


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    directory = prepare(tmp_path_factory.mktemp("lender"), lender())
    return directory, run(directory, PYTHONHASHSEED="1")


def test_writes_exactly_its_outputs_without_a_warning(done):
    directory, process = done
    assert process.returncode == 0, process.stderr
    written = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    inputs = {"data/interim/prepared.parquet", "data/dictionary.yaml", "params.yaml", "logs/stages.log"}
    assert written - inputs == set(OUTPUTS)
    assert "flat is left out: constant" in process.stderr
    assert "strongest by information value: grade" in process.stderr


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes_whatever_the_hash_seed(done, tmp_path):
    directory, _ = done
    assert run(prepare(tmp_path, lender()), PYTHONHASHSEED="2").returncode == 0
    for path in OUTPUTS:
        assert (tmp_path / path).read_bytes() == (directory / path).read_bytes(), path


def test_no_applicant_is_lost_or_on_both_sides(done):
    directory, _ = done
    train, test = (pd.read_parquet(directory / f"data/processed/{part}.parquet") for part in ("train", "test"))
    table = lender()
    assert list(train.columns) == list(test.columns) == list(table.columns)
    both = pd.concat([train, test]).sort_values("line", ignore_index=True)
    pd.testing.assert_frame_equal(both, table, check_dtype=False)
    assert train["line"].is_monotonic_increasing
    known = set(map(str, train.drop(columns=["line", "bad"]).to_numpy().tolist()))
    assert not known & set(map(str, test.drop(columns=["line", "bad"]).to_numpy().tolist()))


def test_the_plan_is_that_of_the_training_applicants(done, tmp_path):
    directory, _ = done
    dictionary = files.read_dictionary(directory / "data/dictionary.yaml")
    plan = make_plan(pd.read_parquet(directory / "data/processed/train.parquet"), dictionary, 0.02, 3.0)
    files.write_json(tmp_path / "plan.json", plan)
    assert (directory / "data/processed/feature_plan.json").read_text() == (tmp_path / "plan.json").read_text()


def test_metrics_are_few_and_flat(done):
    directory, _ = done
    metrics = json.loads((directory / "metrics/eda.json").read_text())
    assert metrics["train_rows"] + metrics["test_rows"] == 300
    assert metrics["features_dropped"] == 1
    assert len(metrics) <= 12
    assert [name for name, value in metrics.items() if not isinstance(value, int | float)] == ["information_value"]


def test_every_table_carries_n_and_information_values_stand_among_the_metrics_too(done):
    directory, _ = done
    tables = {name: pd.read_csv(directory / f"plots/eda/{name}.csv") for name in TABLES}
    assert all("n" in table for table in tables.values())
    n_by_column = tables["bad_rate_by_level"].groupby("column")["n"].sum()
    assert set(n_by_column) == {json.loads((directory / "metrics/eda.json").read_text())["train_rows"]}
    in_metrics = pd.DataFrame(json.loads((directory / "metrics/eda.json").read_text())["information_value"])
    of_table = tables["information_value"]
    pd.testing.assert_frame_equal(in_metrics[list(of_table)], of_table, check_dtype=False)


def test_test_applicants_change_nothing_but_their_own_file(done, tmp_path, monkeypatch):
    directory, _ = done
    before = {path: (directory / path).read_bytes() for path in OUTPUTS}
    in_test = lender()["line"].isin(pd.read_parquet(directory / "data/processed/test.parquet")["line"])
    changed = lender()
    changed.loc[in_test, "income"] += 1e6
    after = explored(prepare(tmp_path, changed), monkeypatch)
    assert {path for path in OUTPUTS if after[path] != before[path]} == {"data/processed/test.parquet"}


def test_the_target_moves_only_what_is_about_bad_rates(done):
    directory, _ = done
    train = pd.read_parquet(directory / "data/processed/train.parquet")
    dictionary = Dictionary.model_validate({"columns": COLUMNS})
    permuted = train.assign(bad=np.random.default_rng(1).permutation(train["bad"]))
    plans = [make_plan(table, dictionary, 0.02, 3.0) for table in (train, permuted)]
    assert plans[0] == plans[1]
    one, other = (eda.explore(table, dictionary, plans[0], 2, 1) for table in (train, permuted))
    same = {name for name in one if one[name].equals(other[name])}
    assert same == {"numeric_profile", "missing", "associations"}


@pytest.mark.parametrize("features", [["city"], ["income", "flat"]])
def test_tables_with_only_some_kinds_of_columns(features, tmp_path, monkeypatch):
    explored(prepare(tmp_path, lender()[["line", "applicant_group", *features, "bad"]]), monkeypatch)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "latest"}, "params.yaml: 'eda.split' must be 'random' or 'time', got 'latest'"),
        ({"test_share": 1.0}, "params.yaml: 'eda.test_share' must be less than 1, got 1.0"),
        ({"subgroup_depth": 5}, "params.yaml: 'eda.subgroup_depth' must be less than or equal to 4, got 5"),
        ({"outlier_iqr": 0}, "params.yaml: 'eda.outlier_iqr' must be greater than 0, got 0"),
        ({"colour": 1}, "params.yaml: unknown key 'eda.colour'; expected one of split, test_share, rare_share"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(settings, message, tmp_path):
    prepare(tmp_path, lender(40), **settings)
    with pytest.raises(InputError) as refusal:
        files.read_params(eda.Params, tmp_path / "params.yaml")
    assert str(refusal.value).removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize("name", ["income", "city", "home", "grade"])
def test_an_excluded_column_is_explored_and_split_as_ever_and_not_planned(done, name, tmp_path, monkeypatch):
    directory, _ = done
    after = explored(prepare(tmp_path, lender(), {"exclude": [name]}), monkeypatch)
    changed = {path for path in OUTPUTS if after[path] != (directory / path).read_bytes()}
    # Where an excluded number would be capped is not said, for nothing caps it.
    of_caps = {"plots/eda/numeric_profile.csv", "plots/eda/numeric_distributions.png", "plots/eda/outliers.png"}
    about_plan = {"data/processed/feature_plan.json", "metrics/eda.json"}
    assert changed - about_plan == (of_caps if name == "income" else set())
    plan = json.loads(after["data/processed/feature_plan.json"])
    assert plan["dropped"] == {"flat": "constant", name: "excluded by features.exclude"}
    before, metrics = (json.loads(text) for text in ((directory / "metrics/eda.json").read_bytes(),
                                                     after["metrics/eda.json"]))  # fmt: skip
    assert set(metrics) == set(before)
    assert (metrics["features_used"], metrics["features_dropped"]) == (3, 2)
    assert (before["features_used"], before["features_dropped"]) == (4, 1)
    same = set(metrics) - {"features_used", "features_dropped", "values_beyond_caps"}
    assert {key: metrics[key] for key in same} == {key: before[key] for key in same}
    profiles = [pd.read_csv(folder / "plots/eda/numeric_profile.csv") for folder in (directory, tmp_path)]
    caps = ["lower_cap", "upper_cap", "beyond_caps"]
    pd.testing.assert_frame_equal(*(profile.drop(columns=caps) for profile in profiles))
    assert profiles[1]["lower_cap"].isna().tolist() == [name == "income", True]


def test_a_derived_feature_changes_the_plan_and_no_table(done, tmp_path, monkeypatch):
    directory, _ = done
    derived = {"root": "income ** 0.5"}
    after = explored(prepare(tmp_path, lender(), {"derived": derived}), monkeypatch)
    changed = {path for path in OUTPUTS if after[path] != (directory / path).read_bytes()}
    assert changed == {"data/processed/feature_plan.json", "metrics/eda.json"}
    plan = json.loads(after["data/processed/feature_plan.json"])
    assert plan["derived"] == derived
    root = pd.read_parquet(tmp_path / "data/processed/train.parquet")["income"] ** 0.5
    lower, upper = root.quantile([0.25, 0.75])
    assert plan["numeric"]["root"]["upper"] == pytest.approx(min(root.max(), upper + 3 * (upper - lower)), abs=1e-6)
    assert json.loads(after["metrics/eda.json"])["features_used"] == 5


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            {"exclude": ["incom"]},
            "params.yaml: 'features.exclude' must name some of income, flat, city, home, grade, got incom",
        ),
        ({"exclude": ["bad"]}, "params.yaml: 'features.exclude' must name some of income, flat, "),
        ({"exclude": "income"}, "params.yaml: 'features.exclude' must be a list, got 'income'"),
        (
            {"exclude": ["income", "flat", "city", "home", "grade"]},
            "expected a feature that a model can see, got none; left out are flat (excluded by features.exclude), ",
        ),
        ({"exclude": ["income", "city", "home", "grade"]}, "expected a feature that a model can see, got none; left"),
        ({"derived": ["income"]}, "params.yaml: 'features.derived' must be a mapping of keys to values, got"),
        ({"derived": {"x": "income / loan"}}, "params.yaml: 'features.derived.x': expected an expression of"),
        ({"derived": {"x": "income / home"}}, "params.yaml: 'features.derived.x': expected an expression of"),
        ({"derived": {"city": "income / 2"}}, "params.yaml: 'features.derived.city': expected a name that no column"),
        ({"derived": {"x": "income / (income - income)"}}, "params.yaml: 'features.derived.x' (income / (income"),
        ({"derived": {"x": "income / 2"}, "exclude": ["income"]}, "params.yaml: 'features.derived.x': expected an"),
        ({"deriven": {}}, "params.yaml: unknown key 'features.deriven'; expected one of exclude, derived"),
    ],
)
def test_wrong_features_are_refused_in_one_line_before_anything_is_written(features, message, tmp_path, monkeypatch):
    monkeypatch.chdir(prepare(tmp_path, lender(), features))
    with pytest.raises(InputError) as refusal:
        eda.main(logging.getLogger("test"))
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)
    assert not any((tmp_path / path).exists() for path in OUTPUTS)
