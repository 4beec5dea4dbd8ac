"""The stage in a directory of its own, with a small model."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

from credit.core.errors import InputError
from credit.metrics.decision import Cost, best_cutoff, expected_cost
from stages import cutoff

COST = Cost(accept_bad=5, reject_good=1)
CUTOFF = 0.3
PAGE = {"bands": 5, "cost_ratios": [2, 8], "bad_rates": [0.1, 0.5]}
TABLES = ("cost", "score_bands", "cost_ratios", "bad_rates")


def applicants(n: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"line": np.arange(2, n + 2), "duration": generator.integers(4, 72, n).astype(float)})
    return table.assign(bad=(generator.random(n) < 0.1 + 0.005 * table["duration"]).astype("int64"))


@pytest.fixture
def run(workspace):
    """Write what the stage reads, the out-of-fold PDs in two repeats; give a function that runs it."""
    for directory in ("metrics", "data/processed/oof"):
        Path(directory).mkdir(parents=True)
    train, test = applicants(150, 1), applicants(60, 2)
    model = FixedThresholdClassifier(LogisticRegression(), threshold=CUTOFF, pos_label=1)
    model.fit(train[["duration"]], train["bad"])
    pds = model.predict_proba(train[["duration"]])[:, 1]
    repeats = [
        train[["line", "bad"]].assign(fold=repeat, pd=np.clip(pds + 0.02 * (repeat - 0.5), 0, 1)) for repeat in (0, 1)
    ]
    pd.concat(repeats).to_parquet("data/processed/oof/lr.parquet")
    scored = test[["line", "bad"]].assign(pd=model.predict_proba(test[["duration"]])[:, 1])
    scored.to_parquet("data/processed/test_pds.parquet")
    Path("metrics/evaluation.json").write_text(json.dumps({"threshold": CUTOFF}), encoding="utf-8")

    def run_with(**sections):
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        params |= {"model": "lr", "cutoff": PAGE, **sections}
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        cutoff.main(logging.getLogger("cutoff"))
        return json.loads(Path("metrics/cutoff.json").read_text(encoding="utf-8"))

    return run_with


def out_of_fold() -> pd.DataFrame:
    return pd.read_parquet("data/processed/oof/lr.parquet")


def test_the_page_has_its_tables_and_its_picture(run):
    run()
    assert sorted(path.stem for path in Path("plots/cutoff").iterdir()) == sorted(TABLES)
    assert Path("plots/cutoff.png").read_bytes().startswith(b"\x89PNG")
    for name in ("cost", "score_bands"):
        table = pd.read_csv(f"plots/cutoff/{name}.csv")
        assert set(table["sample"]) == {"test", "out of fold"}
        assert "order" in table  # DVC's template by_sample sorts by it
    bands = pd.read_csv("plots/cutoff/score_bands.csv").groupby("sample")["n"]
    assert bands.sum().to_dict() == {"test": 60, "out of fold": 150}
    # The bands are fifths of the first repeat out of fold, but for ties; the test applicants stand in the same ones.
    fifths = pd.qcut(out_of_fold().query("fold == 0")["pd"], 5, labels=False).value_counts().sort_index()
    assert bands.get_group("out of fold").to_list() == fifths.to_list()


def test_the_cutoff_in_use_is_that_of_the_model_and_is_judged_out_of_fold(run):
    found = run()
    at = pd.DataFrame(found["cutoffs"]).set_index(["which", "metric"])
    oof = out_of_fold()
    bad, pds = oof["bad"].to_numpy(), oof["pd"].to_numpy()
    expected = {
        "in use": CUTOFF,
        "break-even": pytest.approx(1 / 6, abs=1e-6),
        "cheapest out of fold": pytest.approx(best_cutoff(bad, pds, COST), abs=1e-6),
    }
    assert at.xs("cost", level="metric")["cutoff"].to_dict() == expected
    for name, row in at.xs("cost", level="metric").iterrows():
        assert row["mean"] == pytest.approx(expected_cost(bad, pds, row["cutoff"], COST), abs=1e-5), name
    assert found["approval_rate"] == pytest.approx(np.mean(pds < CUTOFF), abs=1e-6)
    assert at.loc[("in use", "bad_rate_approved"), "mean"] == pytest.approx(bad[pds < CUTOFF].mean(), abs=1e-6)
    assert set(at["n"]) == {150}
    assert (at["low"] < at["mean"]).all()
    assert (at["mean"] < at["high"]).all()


def test_the_test_applicants_have_the_pds_of_the_evaluation(run):
    run()
    test = pd.read_parquet("data/processed/test_pds.parquet")
    pds = test["pd"].to_numpy()
    curve = pd.read_csv("plots/cutoff/cost.csv").query("sample == 'test'")
    assert set(curve["n"]) == {60}
    cheapest = expected_cost(test["bad"], pds, best_cutoff(test["bad"].to_numpy(), pds, COST), COST)
    assert curve["cost"].min() == pytest.approx(cheapest, abs=1e-6)


def test_details_stand_in_lists_and_scenarios_are_those_of_the_params_and_today(run):
    found = run()
    assert [name for name, value in found.items() if not isinstance(value, list)] == ["approval_rate"]
    ratios, rates = (pd.DataFrame(found[name]) for name in ("cost_ratios", "bad_rates"))
    own = round(out_of_fold()["bad"].mean(), 6)
    assert ratios["cost_ratio"].unique().tolist() == [2, 5, 8]
    assert rates["bad_rate"].unique().tolist() == sorted([0.1, own, 0.5])
    assert rates.loc[rates["today"], "bad_rate"].unique().tolist() == [own]
    for name, scenario in (("cost_ratios", "cost_ratio"), ("bad_rates", "bad_rate")):
        written = pd.read_csv(f"plots/cutoff/{name}.csv")
        assert written[[scenario, "metric", "mean"]].to_numpy().tolist() == (
            pd.DataFrame(found[name])[[scenario, "metric", "mean"]].to_numpy().tolist()
        )
    staying = ratios.query("metric == 'cost_of_staying' and today")["mean"].item()
    oof = out_of_fold()
    assert staying == pytest.approx(expected_cost(oof["bad"], oof["pd"], CUTOFF, COST), abs=1e-6)


def test_other_costs_move_the_break_even_cutoff_and_today(run):
    found = run(decision={"cost": {"accept_bad": 3, "reject_good": 1}, "cutoff": "youden"})
    at = pd.DataFrame(found["cutoffs"]).set_index("which")["cutoff"]
    assert (at["break-even"] == 0.25).all()
    assert (at["in use"] == CUTOFF).all()
    ratios = pd.DataFrame(found["cost_ratios"])
    assert ratios.loc[ratios["today"], "cost_ratio"].unique().tolist() == [3]


def test_a_second_run_writes_the_same_bytes(run):
    written = []
    for _ in range(2):
        run()
        paths = [Path("metrics/cutoff.json"), *sorted(path for path in Path("plots").rglob("*") if path.is_file())]
        written.append({path: path.read_bytes() for path in paths})
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"cutoff": {**PAGE, "bands": 1}}, r"'cutoff.bands' must be .* 2, got 1"),
        (
            {"cutoff": {**PAGE, "cost_ratios": []}},
            r"'cutoff.cost_ratios' must be a list of at least 1 values, got \[\]",
        ),
        ({"cutoff": {**PAGE, "cost_ratios": [2, 0]}}, r"'cutoff.cost_ratios.1' must be greater than 0, got 0"),
        ({"cutoff": {**PAGE, "cost_ratios": 5}}, r"'cutoff.cost_ratios' must be a list, got 5"),
        ({"cutoff": {**PAGE, "bad_rates": [30]}}, r"'cutoff.bad_rates.0' must be less than 1, got 30"),
        ({"cutoff": {**PAGE, "bad_rates": [True]}}, r"'cutoff.bad_rates.0' must be a number, got True"),
        ({"cutoff": {**PAGE, "deciles": 10}}, r"unknown key 'cutoff.deciles'; expected one of bands, cost_ratios"),
        (
            {"decision": {"cost": {"accept_bad": 5, "reject_good": 1}, "cutoff": 0.2}},
            r"'decision.cutoff' must be 'cost'",
        ),
    ],
)
def test_wrong_params_are_refused_with_one_line(sections, message, run):
    with pytest.raises(InputError, match=message) as raised:
        run(**sections)
    assert "\n" not in str(raised.value)
    assert not Path("metrics/cutoff.json").exists()
    assert not Path("plots").exists()


def test_a_model_that_is_not_there_ends_the_process_with_one_line(run, run_stage):
    run()
    Path("data/processed/oof/lr.parquet").unlink()
    found = run_stage("cutoff")
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        "cutoff: data/processed/oof/lr.parquet: expected the file that an earlier stage writes, got no such file"
    ]
