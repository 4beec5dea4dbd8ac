"""What the explanation says of one model; credit/explain has how it is computed."""

import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from credit.io.files import read_dictionary
from stages.explain import pick_examples
from tests.small_graph import run


@pytest.fixture
def seen(project) -> list[str]:
    """Name the features that the models see."""
    return list(joblib.load("models/lr.joblib").feature_names_in_)


@pytest.mark.slow
def test_every_number_stands_in_a_list_so_that_dvc_makes_no_column_of_it(project):
    found = run("explain")
    assert set(found) == {"importance", "monotonicity", "examples"}
    assert found["monotonicity"] == json.loads(Path("metrics/monotonicity.json").read_text())["monotonicity"]
    assert all(isinstance(part, list) and part for part in found.values())


@pytest.mark.slow
def test_importance_is_of_the_model_asked_for_with_n_and_interval(seen):
    lr, dt = (pd.DataFrame(run("explain", model=model)["importance"]) for model in ("lr", "dt"))
    assert len(lr) == 2 * len(seen)
    assert set(lr["n"]) == {50}
    assert (lr["low"] <= lr["importance"]).all()
    assert not lr.equals(dt)


@pytest.mark.slow
def test_examples_are_an_approved_a_close_and_a_clear_one_each_summing_to_its_pd(seen):
    found = run("explain", model="lr")["examples"]
    test, model = pd.read_parquet("data/processed/test.parquet"), joblib.load("models/lr.joblib")
    pds = model.predict_proba(test[seen])[:, 1]
    by_line = dict(zip(test["line"], pds, strict=True))
    assert [example["decision"] for example in found] == ["approved", "rejected", "rejected"]
    assert found[1]["pd"] == pytest.approx(pds[pds >= model.threshold].min(), abs=1e-6)
    assert found[2]["pd"] == pytest.approx(pds.max(), abs=1e-6)
    sums = pd.read_csv("plots/reasons.csv").groupby("line")["contribution"].sum()
    protected = {name for name, column in read_dictionary().columns.items() if column.protected}
    for example in found:
        assert example["pd"] == pytest.approx(by_line[example["line"]], abs=1e-6)
        assert sums[example["line"]] == pytest.approx(example["pd"], abs=1e-5)
        assert not protected & {part["attribute"] for part in example["contributions"]}
        assert example["protected_attributes"] != 0


@pytest.mark.parametrize(
    ("pds", "expected"),
    [
        ([0.1, 0.5, 0.2, 0.9, 0.3, 0.15], {"approved": 5, "rejected, a close call": 4, "rejected, a clear case": 3}),
        ([0.1, 0.5], {"approved": 0, "rejected, a close call": 1}),
        ([0.1, 0.2], {"approved": 1}),
        ([0.5, 0.4], {"rejected, a close call": 1, "rejected, a clear case": 0}),
    ],
)
def test_examples_are_picked_as_far_as_there_are_any(pds, expected):
    assert pick_examples(np.array(pds), 0.3) == expected
