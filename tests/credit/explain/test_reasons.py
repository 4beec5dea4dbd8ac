"""Attributions against closed forms and exact enumeration; which of them are given as reasons."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.records import check
from credit.core.scorer import scorer
from credit.explain.reasons import against_expectation, attribute, reasons
from credit.model.pipeline import build_pipeline
from tests.credit.models import Formula
from tests.credit.small_specs import candidate

DICTIONARY = check(
    Dictionary,
    {
        "columns": {
            **{name: {"role": "numeric"} for name in "abcdef"},
            "age": {"role": "numeric", "protected": True},
            "y": {"role": "target", "codes": {0: "repaid", 1: "not"}, "bad_codes": [1]},
        }
    },
    "d.yaml",
)
WEIGHTS = pd.Series({"a": 0.02, "b": -0.03, "c": 0.05, "d": 0.01, "e": 0.04, "f": 0.03, "age": -0.06})


def draw(n: int, seed: int = 1, columns: str | list[str] = "abcd") -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, len(columns))), columns=list(columns))


def exact(score, applicant: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """Shapley's formula over all coalitions: the mean PD where some columns are the applicant's."""
    names = list(background)

    def worth(coalition) -> float:
        mixed = background.copy()
        for name in coalition:
            mixed[name] = applicant[name].iloc[0]
        return float(score(mixed).mean())

    found = []
    for name in names:
        others = [other for other in names if other != name]
        value = 0.0
        for size in range(len(names)):
            weight = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            for coalition in combinations(others, size):
                value += weight * (worth((*coalition, name)) - worth(coalition))
        found.append(value)
    return np.array(found)


@given(seed=st.integers(0, 1000), rows=st.integers(2, 30))
@pytest.mark.slow
def test_contributions_of_a_linear_model_are_weight_times_distance_from_the_mean(seed, rows):
    background, applicant = draw(rows, seed), draw(1, seed + 1)
    weights = WEIGHTS[list(background)].to_numpy()
    found = attribute(lambda rows: 0.3 + rows.to_numpy() @ weights, applicant, background, seed=seed)
    expected = weights * (applicant.iloc[0] - background.mean()).to_numpy()
    assert found.contributions == pytest.approx(expected, abs=1e-12)
    assert found.base == pytest.approx(0.3 + background.mean().to_numpy() @ weights, abs=1e-12)
    of_the_mean = np.abs(weights) * background.std(ddof=1).to_numpy() / np.sqrt(rows)
    assert found.errors == pytest.approx(of_the_mean, abs=1e-12)


def test_where_pairs_interact_each_row_is_exact_and_so_is_the_mean():
    def score(rows):
        return 0.1 * rows["a"] * rows["b"] + 0.2 * rows["c"] - 0.05 * rows["a"] * rows["d"]

    background, applicant = draw(7), draw(1, 2)
    found = attribute(lambda rows: score(rows).to_numpy(), applicant, background, seed=3)
    assert found.contributions == pytest.approx(exact(score, applicant, background), abs=1e-12)


def test_where_more_interact_the_error_tells_how_far_off_it_is():
    def score(rows):
        return 1 / (1 + np.exp(-3 * rows["a"] * rows["b"] * rows["c"] - rows["d"]))

    background, applicant = draw(400), draw(1, 2)
    truth = exact(score, applicant, background)
    runs = [attribute(lambda rows: score(rows).to_numpy(), applicant, background, seed=seed) for seed in range(20)]
    found = np.array([run.contributions for run in runs])
    assert np.abs(found.mean(axis=0) - truth).max() < 0.005
    assert (np.abs(found[0] - truth) < 4 * runs[0].errors).all()
    assert (found.std(axis=0) < 1.5 * runs[0].errors).all()


@pytest.mark.parametrize("family", ["lr", "rf"])
def test_contributions_to_a_fitted_model_sum_to_the_pd_with_text_and_missing_values(family, plan, applicants):
    settings = {"rf": {"n_estimators": 10}}.get(family, {})
    features = applicants.features[plan.features].copy()
    model = build_pipeline(family, candidate("ordinal", **settings), plan, 1)
    model.fit(features, applicants.bad)
    features.loc[[0, 3, 50], ["purpose", "duration"]] = np.nan
    score = scorer(model)
    for place in (0, 1):
        found = attribute(score, features.iloc[[place]], features.iloc[2:80], seed=1)
        assert found.base == pytest.approx(score(features.iloc[2:80]).mean(), abs=1e-12)
        pd_ = score(features.iloc[[place]])[0]
        assert found.base + found.contributions.sum() == pytest.approx(pd_, abs=1e-12)
        assert np.abs(found.contributions).max() > 0.01


def test_an_attribute_that_says_nothing_or_is_the_same_adds_nothing():
    background, applicant = draw(30), draw(1, 2)
    background["b"] = applicant["b"] = 7.0
    found = attribute(lambda rows: np.tanh(rows["a"] * rows["b"]).to_numpy(), applicant, background, seed=1)
    assert found.contributions[1:].tolist() == [0, 0, 0]


def test_only_what_is_new_is_scored():
    background, applicant = draw(30), draw(1, 2)
    model = Formula(lambda rows: rows["a"], list("abcd"))
    attribute(scorer(model), applicant, background, seed=1)
    known = 30 + 1  # where they start, and where all of them end
    assert model.rows == known + 2 * 30 * 3  # there and back, from each row in four steps
    background["b"] = applicant["b"] = 7.0
    attribute(scorer(model), applicant, background, seed=1)
    assert model.rows == known + 2 * 30 * 3 + known + 2 * 30 * 2


def test_two_missing_values_are_the_same():
    background, applicant = draw(30), draw(1, 2)
    background["b"] = applicant["b"] = np.nan
    found = attribute(lambda rows: (rows["a"] + rows["b"].isna()).to_numpy(), applicant, background, seed=1)
    assert found.contributions[1] == 0
    assert found.base == pytest.approx(1 + background["a"].mean())


def linear(columns: list[str], threshold: float) -> Formula:
    return Formula(lambda rows: 0.5 + rows.to_numpy() @ WEIGHTS[columns].to_numpy(), columns, threshold)


SEVEN = [*"abcdef", "age"]


def explain(values: dict[str, float], threshold: float = 0.5, training: pd.DataFrame | None = None):
    applicant = pd.DataFrame([dict.fromkeys(SEVEN, 0.0) | values])
    training = draw(200, columns=SEVEN) if training is None else training
    return reasons(linear(SEVEN, threshold), applicant, training, DICTIONARY, seed=1)


@pytest.mark.parametrize("values", [{"a": 3, "b": -1, "age": -2}, {"c": -4, "age": 1}, {}])
def test_base_reasons_others_and_protected_sum_to_the_pd(values):
    found = explain(values)
    total = found.base + found.top["contribution"].sum() + found.others + found.protected
    assert total == pytest.approx(found.pd, abs=1e-12)
    assert found.base + found.contributions["contribution"].sum() == pytest.approx(found.pd, abs=1e-12)


def test_the_rejected_are_compared_with_the_approved_and_get_what_raises_the_pd_most():
    training = draw(200, columns=SEVEN)
    pds = 0.5 + training.to_numpy() @ WEIGHTS[SEVEN].to_numpy()
    found = explain({"a": 4, "b": 2, "c": 3, "d": 5, "e": 1, "f": 2, "age": -5})
    assert (found.rejected, found.compared_with, found.n) == (True, "approved", (pds < 0.5).sum())
    assert found.base == pytest.approx(pds[pds < 0.5].mean())
    assert list(found.top["attribute"]) == ["c", "a", "f", "e"]
    assert (found.top["contribution"] > 0).all()
    assert found.protected == found.contributions.set_index("attribute").loc["age", "contribution"] > 0.25


def test_the_approved_are_compared_with_the_rejected_and_get_what_lowers_the_pd_most():
    found = explain({"a": -4, "b": 2, "c": -3, "age": 5})
    assert (found.rejected, found.compared_with) == (False, "rejected")
    assert list(found.top["attribute"])[:2] == ["c", "a"]
    assert (found.top["contribution"] < 0).all()
    assert found.protected < 0


def test_there_is_a_reason_however_close_the_call():
    at_the_cutoff = explain({}, threshold=0.5)
    assert at_the_cutoff.pd == at_the_cutoff.cutoff
    assert at_the_cutoff.rejected
    assert at_the_cutoff.contributions["contribution"].sum() > 0
    assert len(at_the_cutoff.top)


def test_what_speaks_against_the_decision_is_no_reason():
    found = explain({"c": 9, "a": -9, "d": -9, "e": -9, "f": -9, "b": 0.5}, threshold=-0.5)
    assert found.rejected
    assert set(found.top["attribute"]) <= {"c", "b"}


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_where_all_are_decided_alike_the_comparison_is_with_all(threshold):
    found = explain({"c": 1}, threshold=threshold)
    assert (found.compared_with, found.n) == ("all", 200)
    assert found.base + found.contributions["contribution"].sum() == pytest.approx(found.pd)


@pytest.mark.parametrize(
    ("value", "contribution", "against"),
    [(3.0, -0.02, True), (3.0, -0.019, False), (3.0, 0.02, False), (1.0, 0.02, True), (2.0, 0.02, False)],
)
def test_a_contribution_is_against_expectation_if_it_is_more_than_noise(value, contribution, against):
    others, increasing = pd.Series([1.0, 2.0, 3.0, np.nan]), Column(role="numeric", monotonicity="increasing")
    assert against_expectation(pd.Series([value]), others, increasing, contribution, 0.01) is against
    decreasing, none = Column(role="numeric", monotonicity="decreasing"), Column(role="numeric")
    assert against_expectation(pd.Series([value]), others, decreasing, -contribution, 0.01) is against
    assert not against_expectation(pd.Series([value]), others, none, contribution, 0.01)
