"""What the scorecard's table says, with models fitted to five features of made-up applicants."""

import json
import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.errors import InputError
from credit.core.split import applicant_groups
from credit.features.plan import make_plan
from credit.io.files import read_dictionary, write_json
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale
from stages import scorecard
from tests.credit.small_specs import candidate

pytestmark = pytest.mark.slow
CUTOFF, SCALE = 0.3, Scale(points=600, odds=20, points_to_double=20)
USED = ["status", "duration", "purpose", "age", "telephone"]
SETTINGS = {"encoding": "woe", "solver": "saga", "l1_ratio": 1.0, "C": 0.3}


@pytest.fixture
def applicants(workspace):
    """Write 400 applicants: an account and a short duration are safe, a telephone says nothing."""
    generator = np.random.default_rng(3)
    n = 400
    table = pd.DataFrame({"line": np.arange(n) * 2 + 3})
    table["status"] = generator.integers(1, 5, n).astype(float)
    table["duration"] = generator.integers(4, 60, n).astype(float)
    table["purpose"] = generator.choice([0.0, 1.0, 2.0, 3.0], n)
    table["age"] = generator.integers(19, 70, n).astype(float)
    table["telephone"] = generator.integers(1, 3, n).astype(float)
    table.loc[::9, "duration"] = np.nan
    risk = 0.06 * table["duration"].fillna(30) + 2 * (table["purpose"] == 2) - 0.03 * table["age"]
    latent = risk - 1.2 * table["status"] + generator.logistic(size=n)
    table["bad"] = (latent > latent.quantile(0.7)).astype("int64")
    Path("data/processed/oof").mkdir(parents=True)
    table.to_parquet("data/processed/train.parquet")
    return table


@pytest.fixture
def fit(applicants):
    """Fit a model and write it, the plan and PDs of two repeats."""

    def fit_and_write(method="none", cutoff=CUTOFF, **changes):
        dictionary = read_dictionary()
        empty = pd.DataFrame(index=applicants.index, columns=[name for name in dictionary.features if name not in USED])
        plan = make_plan(applicants.join(empty), dictionary, 0.02, 3.0)
        features = applicants[USED]
        known = Applicants(features, applicants["bad"].to_numpy(), applicant_groups(features))
        spec = ModelSpec("scorecard", candidate(**SETTINGS | changes), plan, Calibration(method=method, folds=3), 5)
        model = fit_pd_model(spec, known, cutoff)
        pds = model.predict_proba(features)[:, 1]
        repeats = [applicants[["line", "bad"]].assign(fold=fold, pd=pds**power) for fold, power in ((0, 1), (1, 1.3))]
        pd.concat(repeats).to_parquet("data/processed/oof/scorecard.parquet")
        write_json("data/processed/feature_plan.json", plan)
        Path("models").mkdir(exist_ok=True)
        joblib.dump(model, "models/scorecard.joblib")
        return model, pds

    return fit_and_write


def run(**scale):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["scorecard"] = SCALE.model_dump() | scale
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    scorecard.main(logging.getLogger("scorecard"))
    return json.loads(Path("metrics/scorecard.json").read_text(encoding="utf-8"))


def written() -> pd.DataFrame:
    return pd.read_csv("plots/scorecard.csv", keep_default_na=False)


def falls_into(answer: str, name: str, value: float) -> bool:
    """Say by the words alone whether a value is meant by an answer."""
    dictionary = read_dictionary()
    if np.isnan(value) or dictionary.columns[name].codes:
        return dictionary.in_words(name, value) in answer.split("; ")
    ends = [int(part) for part in answer.split() if part.isdigit()]
    if not ends:
        return False
    return (answer.startswith("up to") or value >= ends[0]) and (answer.endswith("or more") or value <= ends[-1])


@pytest.mark.parametrize("method", ["none", "sigmoid"])
def test_applicants_added_up_from_the_words_of_the_table_have_the_models_pd(fit, applicants, method):
    _, pds = fit(method)
    found, table = run(), written()
    start, answers = table.iloc[0]["points"], table.iloc[1:]
    for place, own in applicants.head(40).iterrows():
        answered = [row for row in answers.itertuples() if falls_into(row.answer, row.feature, own[row.feature])]
        assert [row.feature for row in answered] == list(answers["feature"].unique())
        points = start + sum(row.points for row in answered)
        assert abs(points - SCALE.score(pds[place])) <= found["rounding"][0]["largest_difference"] + 1e-6


def test_the_metrics_tell_scale_rounding_what_is_left_out_and_an_example(fit, applicants):
    _, pds = fit()
    found = run()
    (told,) = found["scale"]
    assert told["offset"] + told["factor"] * np.log(20) == pytest.approx(600, abs=1e-4)
    assert told["cutoff_pd"] == CUTOFF
    assert found["lowest_approved_points"] == SCALE.lowest_approved(CUTOFF)
    assert (found["left_out"], found["against_their_evidence"]) == (["telephone"], [])
    (lost,) = found["rounding"]
    assert lost["n"] == 400
    assert lost["decisions_that_differ"] <= 0.05 * 400
    assert 0 < lost["mean_difference"] <= lost["largest_difference"] <= 2.5
    (example,) = found["example"]
    place = applicants.index[applicants["line"] == example["line"]][0]
    assert example["pd"] == pytest.approx(pds[place], abs=1e-6)
    assert example["points"] == found["example_lines"][-1]["sum"]
    assert example["points"] == pytest.approx(SCALE.score(pds[place]), abs=2.5)
    assert abs((SCALE.score(pds) < example["exact_score"]).mean() - 0.5) < 0.1
    assert example["decision"] == ("approve" if example["points"] >= found["lowest_approved_points"] else "reject")
    assert [name for name, value in found.items() if not isinstance(value, list)] == ["lowest_approved_points"]


def test_the_table_and_the_bands_are_of_all_applicants_and_of_the_first_repeat(fit):
    _, pds = fit()
    run()
    table, bands = written(), pd.read_csv("plots/scorecard_scale.csv")
    assert list(table["feature"].unique()) == ["", "status", "duration", "purpose", "age"]
    assert table["label"].is_unique
    assert table["points"].min() >= 0
    assert bands["n"].sum() == 400
    assert bands["n"].iloc[0] == (np.round(SCALE.score(pds)) <= bands["end"].iloc[0]).sum()
    assert set(bands["decision"]) == {"approve", "reject"}


def test_what_is_protected_or_does_not_count_is_told_in_words(fit, monkeypatch):
    told = []
    fit()
    monkeypatch.setattr(scorecard, "draw_form", lambda *given: told.extend(given[-1]) or draw_form(*given))
    run()
    assert told == [
        "Does not count, for it adds nothing to the rest: telephone.",
        "Counts, though the dictionary says that it is protected: age.",
    ]




def test_a_cutoff_that_rejects_everyone_has_no_lowest_score(fit):
    fit(cutoff=0.0)
    assert run()["lowest_approved_points"] is None
    assert set(pd.read_csv("plots/scorecard_scale.csv")["decision"]) == {"reject"}


