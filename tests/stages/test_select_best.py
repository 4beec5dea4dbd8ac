"""The stage in a directory of its own, on made-up out-of-fold PDs of every family."""

import json
import logging
import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from stages import select_best

# How well each family tells bads from goods: rf leads, svc is close behind, lr far.
STRENGTHS = {"lr": 0.2, "rf": 2.0, "mlp": 0.3, "svc": 1.98, "dt": 0.1, "xgb": 1.9, "knn": 0.5, "scorecard": 0.4}
STRENGTHS["blend"] = 1.5
FEATURES = ["duration", "savings"]
OUTPUTS = [
    *("models/best.joblib", "data/processed/oof/best.parquet", "metrics/selection.json", "metrics/monotonicity.json"),
    *(f"plots/{name}.csv" for name in ("selection", "selection_roc", "monotonicity")),
    *(f"plots/{name}.png" for name in ("selection", "selection_roc", "monotonicity", "directions")),
]


def oof(strength: float) -> pd.DataFrame:
    """Give PDs of 100 applicants in two repeats of five folds; the noise is the same for all families."""
    generator = np.random.default_rng(5)
    bad = (np.arange(100) % 10 < 3).astype("int64")
    tables = []
    for repeat in range(2):
        fold = generator.permutation(np.arange(100) // 10 % 5) + 5 * repeat
        pds = 1 / (1 + np.exp(1 - strength * bad - generator.normal(size=100)))
        tables.append(
            pd.DataFrame({"fold": fold, "line": np.arange(2, 102), "bad": bad, "pd": pds}).sort_values("fold")
        )
    return pd.concat(tables, ignore_index=True)


def write_family(family: str, table: pd.DataFrame) -> None:
    table.to_parquet(f"data/processed/oof/{family}.parquet", index=False)


def applicants(n: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"line": np.arange(2, n + 2), "duration": generator.integers(4, 72, n).astype(float)})
    table["savings"] = generator.integers(1, 6, n).astype(float)
    latent = 0.05 * table["duration"] - table["savings"] + generator.logistic(size=n)
    return table.assign(bad=(latent > latent.quantile(0.7)).astype("int64"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Write models: the family dt is a tree, the others are logistic regressions of different strength."""
    root = tmp_path_factory.mktemp("made")
    train = applicants(150, 1)
    for name, table in (("train", train), ("test", applicants(70, 2))):
        table.to_parquet(root / f"{name}.parquet")
    for place, family in enumerate(FAMILIES):
        model = DecisionTreeClassifier(random_state=1) if family == "dt" else LogisticRegression(C=0.1 + place)
        joblib.dump(model.fit(train[FEATURES], train["bad"]), root / f"{family}.joblib")
    return root


@pytest.fixture
def families(made, workspace):
    for directory in ("data/processed/oof", "models"):
        Path(directory).mkdir(parents=True)
    for side in ("train", "test"):
        shutil.copyfile(made / f"{side}.parquet", f"data/processed/{side}.parquet")
    for family, strength in STRENGTHS.items():
        write_family(family, oof(strength))
        shutil.copyfile(made / f"{family}.joblib", f"models/{family}.joblib")
    codes = {value: str(value) for value in range(1, 6)}
    columns = {
        "duration": {"role": "numeric", "unit": "months", "monotonicity": "increasing"},
        "savings": {"role": "ordinal", "codes": codes, "monotonicity": "decreasing"},
        "bad": {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]},
    }
    Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": columns}, sort_keys=False), encoding="utf-8")
    settings(out_of_fold={"folds": 5, "repeats": 2})


def settings(**sections) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")) | sections
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


def run() -> dict:
    select_best.main(logging.getLogger("select_best"))
    return json.loads(Path("metrics/selection.json").read_text(encoding="utf-8"))


def prefer(*first: str, metric: str = "auc") -> None:
    order = [*first, *(family for family in FAMILIES if family not in first)]
    settings(select_best={"metric": metric, "simplest_first": order})


def test_the_leader_is_chosen_where_it_is_preferred_and_copied_byte_for_byte(families):
    prefer("rf")
    found = run()
    assert (found["chosen"], found["leader"], found["runner_up"]) == ("rf", "rf", "svc")
    assert (found["ranked_by"], found["why"]) == ("auc", "leads")
    assert found["lead"] >= 0
    assert [estimate["metric"] for estimate in found["estimates"]] == ["auc", "brier", "cost"]
    for estimate in found["estimates"]:
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert estimate["n"] == 100
    assert Path("models/best.joblib").read_bytes() == Path("models/rf.joblib").read_bytes()
    oof = "data/processed/oof/{}.parquet"
    assert Path(oof.format("best")).read_bytes() == Path(oof.format("rf")).read_bytes()
    assert all(Path(path).stat().st_size for path in OUTPUTS)


def test_a_simpler_family_close_behind_is_chosen_instead(families):
    prefer("lr", "svc", "rf")
    found = run()
    assert (found["chosen"], found["leader"]) == ("svc", "rf")
    assert not found["lead_is_more_than_noise"]
    assert found["why"] == "simpler, and within one standard error of rf"
    assert Path("models/best.joblib").read_bytes() == Path("models/svc.joblib").read_bytes()
    table = pd.read_csv("plots/selection.csv")
    assert set(table.loc[table["chosen"], "family"]) == {"svc"}
    assert table.groupby("metric").size().to_dict() == dict.fromkeys(("auc", "brier", "cost"), len(FAMILIES))
    roc = pd.read_csv("plots/selection_roc.csv")
    assert set(roc["model"]) == set(FAMILIES)


@pytest.mark.parametrize("family", ["blend", "scorecard"])
def test_a_blend_or_a_scorecard_may_be_chosen(families, family):
    write_family(family, oof(2.5))
    prefer(family)
    found = run()
    assert (found["chosen"], found["leader"]) == (family, family)
    assert Path("models/best.joblib").read_bytes() == Path(f"models/{family}.joblib").read_bytes()


def test_the_ranking_is_logged_in_a_column(families, caplog):
    caplog.set_level(logging.INFO)
    run()
    lines = [record.getMessage() for record in caplog.records][: len(FAMILIES)]
    assert {line.split()[0] for line in lines} == set(FAMILIES)
    assert len({line.index(" auc ") for line in lines}) == 1


@pytest.mark.parametrize("metric", ["auc", "brier", "cost"])
def test_any_of_the_metrics_may_decide(families, metric):
    prefer(metric=metric)
    found = run()
    assert found["ranked_by"] == metric
    rows = pd.read_csv("plots/selection.csv").query("metric == @metric")
    best = rows["mean"].max() if metric == "auc" else rows["mean"].min()
    assert rows.iloc[0][["family", "mean"]].tolist() == [found["leader"], best]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.assign(fold=table["fold"].to_numpy()[::-1]),
        lambda table: table.assign(line=table["line"] + 1),
        lambda table: table.assign(bad=1 - table["bad"]),
        lambda table: table.iloc[:-1],
    ],
)
def test_families_judged_on_different_folds_are_refused(families, change):
    write_family("svc", change(oof(1.0)))
    with pytest.raises(InputError, match=r"^data/processed/oof/svc.parquet: expected the folds of lr, got others"):
        run()
    assert not any(Path(path).exists() for path in OUTPUTS)


def test_pds_of_every_family_are_moved_along_every_attribute_with_an_expected_direction(families):
    run()
    records = json.loads(Path("metrics/monotonicity.json").read_text(encoding="utf-8"))["monotonicity"]
    moves = pd.DataFrame(records)
    assert list(moves["attribute"].unique()) == FEATURES
    assert moves.groupby("attribute")["family"].apply(list).map(tuple).unique().tolist() == [tuple(FAMILIES)]
    assert set(moves["n"]) == {70}
    of_lr, of_tree = (moves[moves["family"] == family].set_index("attribute") for family in ("lr", "dt"))
    assert of_lr["largest"].eq(0).all()
    assert of_lr.loc["duration", ["start", "end"]].tolist() == ["", ""]
    assert of_tree.loc["duration", "low"] < of_tree.loc["duration", "share"] < of_tree.loc["duration", "high"]
    assert of_tree.loc["duration", "largest"] == 1  # a full-grown tree knows no doubt


def test_a_large_table_is_looked_at_in_part(families):
    settings(explain={"max_rows": 40, "repeats": 2, "tolerance": 0.01})
    run()
    records = json.loads(Path("metrics/monotonicity.json").read_text(encoding="utf-8"))["monotonicity"]
    assert {row["n"] for row in records} == {40}


def test_a_dictionary_without_expectations_is_fine(families):
    path = Path("data/dictionary.yaml")
    dictionary = yaml.safe_load(path.read_text(encoding="utf-8"))
    for column in dictionary["columns"].values():
        column.pop("monotonicity", None)
    path.write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")
    run()
    assert json.loads(Path("metrics/monotonicity.json").read_text(encoding="utf-8")) == {"monotonicity": []}
    header = Path("plots/monotonicity.csv").read_text(encoding="utf-8")
    assert header.startswith("attribute,title,expected,family,checked,n,share,low,high,")
    assert header.count("\n") == 1
    assert all(Path(path).stat().st_size for path in OUTPUTS)


def test_families_that_are_not_in_the_order_take_no_part(families):
    settings(select_best={"metric": "auc", "simplest_first": ["lr", "svc"]})
    for family in set(FAMILIES) - {"lr", "svc"}:
        Path(f"models/{family}.joblib").unlink()
    found = run()
    assert (found["chosen"], found["leader"], found["runner_up"]) == ("svc", "svc", "lr")
    assert {row["family"] for row in found["ranking"]} == {"lr", "svc"}


@pytest.mark.parametrize("order", [["lr"], [*FAMILIES, "lr"], ["lr", "lr"], [*FAMILIES, "gbm"], []])
def test_an_order_of_fewer_than_two_or_of_unknown_or_doubled_families_is_refused(families, order):
    settings(select_best={"metric": "auc", "simplest_first": order})
    with pytest.raises(InputError, match=r"^params.yaml: 'select_best.simplest_first' must name two or more of lr, .*"):
        run()
    assert not any(Path(path).exists() for path in OUTPUTS)


def test_a_wrong_order_ends_the_process_with_one_line(families, run_stage):
    settings(select_best={"metric": "auc", "simplest_first": ["lr"]})
    found = run_stage("select_best")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith("select_best: params.yaml: 'select_best.simplest_first' must name two or more of")


def test_a_missing_family_is_refused(families):
    Path("data/processed/oof/knn.parquet").unlink()
    with pytest.raises(InputError, match=r"^data/processed/oof/knn.parquet: expected the file that an earlier stage"):
        run()
