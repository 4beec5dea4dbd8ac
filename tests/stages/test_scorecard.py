"""The stage in a directory of its own, with made-up applicants and models fitted to them."""

import json
import logging
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.records import check
from credit.core.split import applicant_groups
from credit.features.plan import make_plan
from credit.io.files import write_json
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale
from stages import scorecard
from tests.credit.small_specs import candidate

CUTOFF, SCALE = 0.3, {"points": 600, "odds": 20, "points_to_double": 20}
USED = ["status", "duration", "purpose", "age", "telephone"]
SETTINGS = {"encoding": "woe", "solver": "saga", "l1_ratio": 1.0, "C": 0.3}


@pytest.fixture
def applicants(workspace):
    """Write 400 applicants of five features: an account and a short duration are safe, a telephone says nothing."""
    generator = np.random.default_rng(3)
    n = 400
    table = pd.DataFrame({"line": np.arange(n) * 2 + 3})
    table["status"] = generator.integers(1, 5, n).astype(float)
    table["duration"] = generator.integers(4, 60, n).astype(float)
    table["purpose"] = generator.choice([0.0, 1.0, 2.0, 3.0], n)
    table["age"] = generator.integers(19, 70, n).astype(float)
    table["telephone"] = generator.integers(1, 3, n).astype(float)
    table.loc[::9, "duration"] = np.nan
    risk = (
        -1.2 * table["status"] + 0.06 * table["duration"].fillna(30) + 2 * (table["purpose"] == 2) - 0.03 * table["age"]
    )
    latent = risk + generator.logistic(size=n)
    table["bad"] = (latent > latent.quantile(0.7)).astype("int64")
    Path("data/processed/oof").mkdir(parents=True)
    table.to_parquet("data/processed/train.parquet")
    return table


@pytest.fixture
def fit(applicants):
    """Fit a model and write it, the plan and PDs of two repeats."""

    def fit_and_write(method="none", cutoff=CUTOFF, **changes):
        dictionary = check(Dictionary, yaml.safe_load(Path("data/dictionary.yaml").read_text()), "dictionary")
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
        return model

    return fit_and_write


def run(**scale):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    Path("params.yaml").write_text(yaml.safe_dump(params | {"scorecard": SCALE | scale}), encoding="utf-8")
    scorecard.main(logging.getLogger("scorecard"))
    return json.loads(Path("metrics/scorecard.json").read_text(encoding="utf-8"))


def written() -> pd.DataFrame:
    return pd.read_csv("plots/scorecard.csv", keep_default_na=False)


@pytest.mark.parametrize("method", ["none", "sigmoid"])
def test_an_applicant_added_up_from_the_written_table_has_the_models_pd(fit, applicants, method):
    model = fit(method)
    found = run()
    table = written()
    answers = table.set_index(["feature", "answer"])["points"]
    # An applicant with nothing special, by the words of the table alone.
    place = applicants.index[applicants["duration"].notna()][4]
    own = applicants.loc[place]
    points = int(answers.iloc[0])
    status = ["no checking account", "... < 0 DM", "0 <= ... < 200 DM", "... >= 200 DM / salary for at least 1 year"]
    for name, value in (("status", status[int(own["status"]) - 1]), ("duration", None), ("age", None)):
        for (feature, answer), worth in answers.items():
            if feature == name and (value in answer.split("; ") if value else within(answer, own[name])):
                points += worth
    purposes = ["others", "car (new)", "car (used)", "furniture/equipment"]
    points += sum(
        worth
        for (feature, answer), worth in answers.items()
        if feature == "purpose" and purposes[int(own["purpose"])] in answer.split("; ")
    )
    pds = model.predict_proba(applicants.loc[[place], USED])[0, 1]
    assert abs(points - Scale(**SCALE).score(pds)) <= found["rounding"][0]["largest_difference"] + 1e-6


def within(answer: str, value: float) -> bool:
    ends = [int(part) for part in answer.split() if part.isdigit()]
    if not ends:
        return False
    return (answer.startswith("up to") or value >= ends[0]) and (answer.endswith("or more") or value <= ends[-1])


def test_the_metrics_tell_scale_rounding_what_is_left_out_and_an_example(fit, applicants):
    model = fit()
    found = run()
    scale = Scale(**SCALE)
    pds = model.predict_proba(applicants[USED])[:, 1]
    (told,) = found["scale"]
    assert told["offset"] + told["factor"] * np.log(20) == pytest.approx(600, abs=1e-4)
    assert told["cutoff_pd"] == CUTOFF
    assert found["lowest_approved_points"] == scale.lowest_approved(CUTOFF)
    assert found["left_out"] == ["telephone"]
    assert found["against_their_evidence"] == []
    (lost,) = found["rounding"]
    assert lost["n"] == 400
    assert lost["decisions_that_differ"] <= 0.05 * 400
    assert 0 < lost["mean_difference"] <= lost["largest_difference"] <= 2.5
    (example,) = found["example"]
    place = applicants.index[applicants["line"] == example["line"]][0]
    assert example["pd"] == pytest.approx(pds[place], abs=1e-6)
    assert example["points"] == found["example_lines"][-1]["sum"]
    assert example["points"] == pytest.approx(scale.score(pds[place]), abs=2.5)
    assert abs((scale.score(pds) < example["exact_score"]).mean() - 0.5) < 0.1
    assert example["decision"] == ("approve" if example["points"] >= found["lowest_approved_points"] else "reject")
    assert [name for name, value in found.items() if not isinstance(value, list)] == ["lowest_approved_points"]


def test_the_table_has_every_feature_but_those_left_out(fit):
    fit()
    run()
    table = written()
    assert list(table["feature"].unique()) == ["", "status", "duration", "purpose", "age"]
    assert table["label"].is_unique
    assert table["label"].iloc[0] == "everyone starts with"
    assert "duration of the credit: not known" in set(table["label"])
    assert table["points"].min() >= 0
    assert "numbers" not in table


def test_the_bands_are_of_the_first_repeat_out_of_fold(fit, applicants):
    model = fit()
    run()
    bands = pd.read_csv("plots/scorecard_scale.csv")
    scores = np.round(Scale(**SCALE).score(model.predict_proba(applicants[USED])[:, 1]))
    assert bands["n"].sum() == 400
    assert bands["n"].iloc[0] == (scores <= bands["end"].iloc[0]).sum()
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
    assert Path("plots/scorecard.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_run_writes_the_same_bytes(fit):
    fit()
    found = []
    for _ in range(2):
        run()
        found.append([path.read_bytes() for path in [*sorted(Path("plots").iterdir()), *Path("metrics").iterdir()]])
    assert found[0] == found[1]


def test_another_scale_moves_the_points_and_no_decision(fit):
    fit()
    few, many = run(), run(points=100, odds=1, points_to_double=50)
    assert many["lowest_approved_points"] < few["lowest_approved_points"]
    assert many["example"][0]["pd"] == pytest.approx(few["example"][0]["pd"], abs=0.01)
    assert many["rounding"][0]["largest_pd_difference"] < few["rounding"][0]["largest_pd_difference"]


def test_a_cutoff_that_rejects_everyone_has_no_lowest_score(fit):
    fit(cutoff=0.0)
    assert run()["lowest_approved_points"] is None
    assert set(pd.read_csv("plots/scorecard_scale.csv")["decision"]) == {"reject"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "isotonic"}, r"^points add up for a scorecard whose calibration is none or sigmoid"),
        ({"encoding": "one_hot"}, r"^expected a model whose encoding is woe, got one without bins"),
    ],
)
def test_a_model_without_points_is_refused_and_nothing_is_written(fit, changes, message):
    fit(**changes)
    with pytest.raises(InputError, match=message):
        run()
    assert not Path("plots").exists()
    assert not Path("metrics").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"odds": 0}, r"^params.yaml: 'scorecard.odds' must be greater than 0, got 0"),
        ({"points_to_double": -20}, r"^params.yaml: 'scorecard.points_to_double' must be greater than 0, got -20"),
        ({"pdo": 20}, r"'scorecard.pdo'"),
    ],
)
def test_a_scale_that_is_none_is_refused(fit, changes, message):
    fit()
    with pytest.raises(InputError, match=message):
        run(**changes)
