"""What the scorecard's table says, beside the model it is made of; credit/scorecard has points, bins and the scale."""

import re

import joblib
import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Dictionary
from credit.io.files import read_dictionary
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale
from stages import scorecard
from tests.small_graph import run

pytestmark = pytest.mark.slow
SCALE = Scale(points=600, odds=20, points_to_double=20)
MODEL = "models/scorecard.joblib"


@pytest.fixture
def found(project) -> dict:
    return run("scorecard", scorecard=SCALE.model_dump())


def scored() -> tuple[pd.DataFrame, np.ndarray]:
    """Give the training applicants and the PDs that the model gives them."""
    table, model = pd.read_parquet("data/processed/train.parquet"), joblib.load(MODEL)
    return table, model.predict_proba(table[model.feature_names_in_])[:, 1]


def written() -> pd.DataFrame:
    return pd.read_csv("plots/scorecard.csv", keep_default_na=False)


def falls_into(answer: str, name: str, value: float, dictionary: Dictionary) -> bool:
    """Say by the words alone whether a value is meant by an answer."""
    if name in dictionary.columns and dictionary.columns[name].codes:
        return dictionary.in_words(name, value) in answer.split("; ")
    ends = [float(end.replace(",", "")) for end in re.findall(r"\d[\d,.]*", answer)]
    if not ends:
        return False
    low = -np.inf if answer.startswith(("up to", "<")) else ends[0]
    high = np.inf if answer.endswith("or more") or answer.startswith(">=") else ends[-1]
    return low <= value < high if "<" in answer else low <= value <= high


def test_applicants_added_up_from_the_words_of_the_table_have_the_models_pd(found):
    (table, pds), lines, dictionary = scored(), written(), read_dictionary()
    table = table.assign(instalment=table["amount"] / table["duration"])
    start, answers = lines.iloc[0]["points"], lines.iloc[1:]
    for place, own in table.head(40).iterrows():
        answered = [
            row for row in answers.itertuples() if falls_into(row.answer, row.feature, own[row.feature], dictionary)
        ]
        assert [row.feature for row in answered] == list(answers["feature"].unique())
        points = start + sum(row.points for row in answered)
        assert abs(points - SCALE.score(pds[place])) <= found["rounding"][0]["largest_difference"] + 1e-6


def test_the_metrics_tell_scale_rounding_what_is_left_out_and_an_example(found):
    (table, pds), cutoff = scored(), joblib.load(MODEL).threshold
    (told,) = found["scale"]
    assert told["offset"] + told["factor"] * np.log(20) == pytest.approx(600, abs=1e-4)
    assert told["cutoff_pd"] == cutoff
    assert found["lowest_approved_points"] == SCALE.lowest_approved(cutoff)
    (lost,) = found["rounding"]
    assert lost["n"] == 200
    assert 0 < lost["mean_difference"] <= lost["largest_difference"] <= 4.5  # half a point a question
    (example,) = found["example"]
    place = table.index[table["line"] == example["line"]][0]
    assert example["pd"] == pytest.approx(pds[place], abs=1e-6)
    assert example["points"] == found["example_lines"][-1]["sum"]
    assert example["points"] == pytest.approx(SCALE.score(pds[place]), abs=4.5)
    assert abs((SCALE.score(pds) < example["exact_score"]).mean() - 0.5) < 0.1
    assert example["decision"] == ("approve" if example["points"] >= found["lowest_approved_points"] else "reject")
    assert [name for name, value in found.items() if not isinstance(value, list)] == ["lowest_approved_points"]


def test_the_table_and_the_bands_are_of_all_applicants_and_of_the_first_repeat(found):
    table, bands = written(), pd.read_csv("plots/scorecard_scale.csv")
    counted = [name for name in table["feature"].unique() if name]
    assert {*counted, *found["left_out"]} == {*joblib.load(MODEL).feature_names_in_, "instalment"}
    assert table["label"].is_unique
    assert table["points"].min() >= 0
    first = pd.read_parquet("data/processed/oof/scorecard.parquet").groupby("line").first()["pd"]
    assert bands["n"].sum() == len(first) == 200
    assert bands["n"].iloc[0] == (np.round(SCALE.score(first)) <= bands["end"].iloc[0]).sum()


def test_what_is_protected_or_does_not_count_is_told_in_words(project, monkeypatch):
    told = []
    monkeypatch.setattr(scorecard, "draw_form", lambda *given: told.extend(given[-1]) or draw_form(*given))
    model = joblib.load(MODEL)
    model.estimator_[-1].coef_[:, 0] = 0
    joblib.dump(model, MODEL)
    first, *_ = run("scorecard")["left_out"]
    dictionary = read_dictionary()
    protected = [
        name
        for name in written()["feature"].unique()
        if name in dictionary.columns and dictionary.columns[name].protected
    ]
    assert told == [
        f"Does not count, for it adds nothing to the rest: {dictionary.title(first)}.",
        f"Counts, though the dictionary says that it is protected: {'; '.join(map(dictionary.title, protected))}.",
    ]


def test_a_cutoff_that_rejects_everyone_has_no_lowest_score(project):
    model = joblib.load(MODEL)
    model.threshold = 0.0
    joblib.dump(model, MODEL)
    assert run("scorecard")["lowest_approved_points"] is None
    assert set(pd.read_csv("plots/scorecard_scale.csv")["decision"]) == {"reject"}
