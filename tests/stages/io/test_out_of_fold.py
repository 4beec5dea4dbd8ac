"""What is found out about a family from its out-of-fold PDs, in a directory of its own."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.core.errors import InputError
from credit.core.intervals import cross_validated
from credit.io.files import write_parquet
from credit.metrics.decision import Cost, Decision
from credit.metrics.metrics import by_fold
from stages.io.out_of_fold import cutoff_of, read_oof, write_oof

COST = Cost(accept_bad=5, reject_good=1)
BY_COST = Decision(cost=COST)
LOG = logging.getLogger("judged")


def oof(strength: float = 1.0) -> pd.DataFrame:
    """Give PDs of 100 applicants in two repeats of five folds, a third of them bad."""
    generator = np.random.default_rng(5)
    bad = (np.arange(200) % 3 == 0).astype("int64")
    pds = 1 / (1 + np.exp(1 - strength * bad - generator.normal(size=200)))
    return pd.DataFrame({"fold": np.arange(200) // 20, "line": np.tile(np.arange(2, 102), 2), "bad": bad, "pd": pds})


@pytest.mark.parametrize(
    ("pds", "cost", "said"),
    [
        (0.01, Cost(accept_bad=1, reject_good=1), "the cutoff is 0.500: it accepts everyone"),
        (0.01, Cost(accept_bad=1000, reject_good=1), "the cutoff is 0.001: it rejects everyone"),
        (0.5, Cost(accept_bad=1, reject_good=1), "the cutoff is 0.500: it rejects everyone"),  # at it
        ([0.01, 0.6] * 100, Cost(accept_bad=1, reject_good=1), None),
    ],
)
def test_a_cutoff_that_decides_the_same_of_all_is_warned_of(pds, cost, said, caplog):
    cutoff_of(oof().assign(pd=pds), Decision(cost=cost), LOG)
    assert caplog.messages == ([said] if said else [])


def judged(family: str, table: pd.DataFrame, **lists) -> tuple[dict, dict]:
    """Write what was judged; give what the function gives and what it wrote."""
    numbers = write_oof(family, table, 0.25, BY_COST, **lists)
    return numbers, json.loads(Path(f"metrics/train/{family}.json").read_text(encoding="utf-8"))


def test_metrics_are_means_of_folds_with_the_corrected_interval_and_n(workspace):
    table = oof()
    lists = {"picked": [{"setting": "C", "value": 0.1}], "rows": [{"used_to": "fit", "n": 100}]}
    numbers, written = judged("lr", table, **lists)
    assert {name: written[name] for name in lists} == lists
    bare = {name for name, value in written.items() if not isinstance(value, list)}
    assert bare == {"oof_auc", "oof_brier", "oof_cost", "cutoff"}
    folds = by_fold(table, BY_COST)
    assert [estimate["metric"] for estimate in written["estimates"]] == ["auc", "brier", "cost"]
    for estimate in written["estimates"]:
        name = estimate.pop("metric")
        expected = cross_validated(folds[name].to_numpy(), 1 / 5)._asdict()
        assert estimate == pytest.approx({**expected, "n": 100}, abs=1e-6)
        assert numbers[f"oof_{name}"] == pytest.approx(expected["mean"])
        assert written[f"oof_{name}"] == estimate["mean"]
    assert [set(fold) for fold in written["folds"]] == [{"auc", "brier", "cost"}] * 10
    assert [fold["auc"] for fold in written["folds"]] == pytest.approx(folds["auc"].tolist(), abs=1e-6)
    assert written["cutoff"] == 0.25
    pd.testing.assert_frame_equal(pd.read_parquet("data/processed/oof/lr.parquet"), table)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.assign(fold=table["fold"].to_numpy()[::-1]),
        lambda table: table.assign(line=table["line"] + 1),
        lambda table: table.assign(bad=1 - table["bad"]),
        lambda table: table.iloc[:-1],
        lambda table: table.sample(frac=1, random_state=1),
    ],
)
def test_families_judged_on_other_folds_are_refused_with_one_line(workspace, change):
    for family, table in {"lr": oof(), "rf": oof(2.0), "dt": change(oof())}.items():
        write_parquet(f"data/processed/oof/{family}.parquet", table)
    with pytest.raises(InputError) as raised:
        read_oof(["lr", "rf", "dt"])
    said = "data/processed/oof/dt.parquet: expected the folds of lr, got others; train it anew"
    assert str(raised.value) == said
