"""The stage in a directory of its own, on made-up out-of-fold PDs of every family."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from stages import select_best

# How well each family tells bads from goods: rf leads, svc is close behind, lr far.
STRENGTHS = {"lr": 0.2, "rf": 2.0, "mlp": 0.3, "svc": 1.98, "dt": 0.1, "xgb": 1.9, "knn": 0.5, "scorecard": 0.4}
STRENGTHS["blend"] = 1.5
OUTPUTS = [
    *("models/best.joblib", "data/processed/oof/best.parquet", "metrics/selection.json"),
    *(f"plots/{name}" for name in ("selection.csv", "selection_roc.csv", "selection.png", "selection_roc.png")),
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


@pytest.fixture
def families(workspace):
    for directory in ("data/processed/oof", "models"):
        Path(directory).mkdir(parents=True)
    for family, strength in STRENGTHS.items():
        write_family(family, oof(strength))
        Path(f"models/{family}.joblib").write_bytes(b"\x80\x05 a model of " + family.encode())
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


@pytest.mark.parametrize("order", [["lr"], [*FAMILIES, "lr"], [*FAMILIES, "gbm"], []])
def test_an_order_that_does_not_name_every_family_once_is_refused(families, order):
    settings(select_best={"metric": "auc", "simplest_first": order})
    with pytest.raises(
        InputError, match=r"^params.yaml: 'select_best.simplest_first' must name each of lr, .* once, got"
    ):
        run()
    assert not any(Path(path).exists() for path in OUTPUTS)


def test_a_wrong_order_ends_the_process_with_one_line(families, run_stage):
    settings(select_best={"metric": "auc", "simplest_first": ["lr"]})
    found = run_stage("select_best")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith("select_best: params.yaml: 'select_best.simplest_first' must name each of")


def test_a_missing_family_is_refused(families):
    Path("data/processed/oof/knn.parquet").unlink()
    with pytest.raises(InputError, match=r"^data/processed/oof/knn.parquet: expected the file that an earlier stage"):
        run()
