"""What the cutoff page says, beside the decision's own functions; credit/cutoff has the estimates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.metrics.decision import Cost, best_cutoff, expected_cost
from tests.small_graph import run

pytestmark = pytest.mark.slow
COST = Cost(accept_bad=5, reject_good=1)


@pytest.fixture
def oof(project) -> pd.DataFrame:
    return pd.read_parquet("data/processed/oof/best.parquet")


@pytest.fixture
def in_use(project) -> float:
    """Give the cutoff of the model."""
    return run("evaluate")["threshold"]


def test_bands_are_fifths_of_the_first_repeat_and_the_test_applicants_stand_in_the_same_ones(oof):
    run("cutoff", cutoff__bands=5)
    bands = pd.read_csv("plots/cutoff/score_bands.csv").groupby("sample")["n"]
    assert bands.sum().to_dict() == {"test": 50, "out of fold": oof["line"].nunique()}
    first = oof.groupby("line", sort=False).first()["pd"]
    fifths = pd.qcut(first, 5, labels=False, duplicates="drop").value_counts().sort_index()
    assert bands.get_group("out of fold").to_list() == fifths.to_list()
    for name in ("cost", "score_bands"):
        assert "order" in pd.read_csv(f"plots/cutoff/{name}.csv")  # DVC's template by_sample sorts by it


def test_the_cutoff_in_use_is_that_of_the_model_and_is_judged_out_of_fold(oof, in_use):
    found = run("cutoff")
    at = pd.DataFrame(found["cutoffs"]).set_index(["which", "metric"])
    bad, pds = oof["bad"].to_numpy(), oof["pd"].to_numpy()
    expected = {
        "in use": in_use,
        "break-even": pytest.approx(1 / 6, abs=1e-6),
        "cheapest out of fold": pytest.approx(best_cutoff(bad, pds, COST), abs=1e-6),
    }
    assert at.xs("cost", level="metric")["cutoff"].to_dict() == expected
    for name, row in at.xs("cost", level="metric").iterrows():
        assert row["mean"] == pytest.approx(expected_cost(bad, pds, row["cutoff"], COST), abs=1e-5), name
    assert found["approval_rate"] == pytest.approx(np.mean(pds < in_use), abs=1e-6)
    assert at.loc[("in use", "bad_rate_approved"), "mean"] == pytest.approx(bad[pds < in_use].mean(), abs=1e-6)
    assert set(at["n"]) == {oof["line"].nunique()}
    assert ((at["low"] < at["mean"]) & (at["mean"] < at["high"])).all()


def test_scenarios_are_those_of_the_params_and_today_and_stand_in_lists(oof, in_use):
    found = run("cutoff")
    assert [name for name, value in found.items() if not isinstance(value, list)] == ["approval_rate"]
    ratios, rates = (pd.DataFrame(found[name]) for name in ("cost_ratios", "bad_rates"))
    own = round(oof["bad"].mean(), 6)
    assert ratios["cost_ratio"].unique().tolist() == [2, 5, 8]
    assert rates["bad_rate"].unique().tolist() == sorted([0.1, own, 0.5])
    assert rates.loc[rates["today"], "bad_rate"].unique().tolist() == [own]
    for name, scenario in (("cost_ratios", "cost_ratio"), ("bad_rates", "bad_rate")):
        columns = [scenario, "metric", "mean"]
        written = pd.read_csv(Path(f"plots/cutoff/{name}.csv"))[columns]
        assert written.to_numpy().tolist() == pd.DataFrame(found[name])[columns].to_numpy().tolist()
    staying = ratios.query("metric == 'cost_of_staying' and today")["mean"].item()
    assert staying == pytest.approx(expected_cost(oof["bad"], oof["pd"], in_use, COST), abs=1e-6)
