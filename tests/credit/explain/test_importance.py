"""Permutation importance against scikit-learn's, its interval against the bootstrap."""

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LogisticRegression

from credit.core.intervals import bootstrap
from credit.explain.figure import draw_importance
from credit.explain.importance import permutation_importance
from credit.metrics.metrics import auc, brier

N = 300


@pytest.fixture(scope="module")
def fitted():
    """A model of three columns, of which the second says little and the third nothing, and applicants new to it."""
    generator = np.random.default_rng(3)

    def draw(n):
        features = pd.DataFrame(generator.normal(size=(n, 3)), columns=["strong", "weak", "none"])
        latent = 1.5 * features["strong"] + 0.8 * features["weak"] - 1 + generator.logistic(size=n)
        return features, (latent > 0).astype(int).to_numpy()

    model = LogisticRegression().fit(*draw(500))
    return model, *draw(N)


def score(model):
    return lambda rows: model.predict_proba(rows)[:, 1]


def by(table, metric):
    return table[table["metric"] == metric].set_index("attribute")


@pytest.mark.slow
def test_it_is_that_of_scikit_learn_but_for_the_luck_of_the_shuffles(fitted):
    model, features, bad = fitted
    found = permutation_importance(score(model), features, bad, repeats=100, seed=1)
    for metric, scoring in (("auc", "roc_auc"), ("brier", "neg_brier_score")):
        expected = reference(model, features, bad, scoring=scoring, n_repeats=100, random_state=2)
        own = by(found, metric)["importance"]
        error = 5 * expected.importances.std(axis=1) / np.sqrt(50)
        assert (np.abs(own - expected.importances_mean) < error).all()
    assert list(by(found, "auc")["importance"].sort_values().index) == ["none", "weak", "strong"]
    assert (found["n"] == N).all()
    assert (found["bad"] == bad.sum()).all()


def test_the_standard_error_is_that_of_the_bootstrap(fitted):
    model, features, bad = fitted
    found = permutation_importance(score(model), features, bad, repeats=40, seed=1)
    generator = np.random.default_rng(2)
    shuffled = [features.assign(strong=generator.permutation(features["strong"])) for _ in range(40)]
    pds = np.array([score(model)(features), *map(score(model), shuffled)])

    def losses(bad, pds):
        return {
            "auc": auc(bad, pds[:, 0]) - np.mean([auc(bad, one) for one in pds.T[1:]]),
            "brier": np.mean([brier(bad, one) for one in pds.T[1:]]) - brier(bad, pds[:, 0]),
        }

    drawn = bootstrap(losses, bad, pds.T, draws=200, seed=1)
    for metric in ("auc", "brier"):
        own = by(found, metric).loc["strong"]
        assert own["se"] == pytest.approx(drawn[metric].se, rel=0.15)
        assert own["high"] - own["low"] == pytest.approx(2 * 1.959964 * own["se"])
        assert own["importance"] == pytest.approx((own["low"] + own["high"]) / 2)


def test_the_standard_error_has_that_of_the_shuffles_in_it():
    bad = np.arange(10) % 2

    def score(rows):  # alike for all applicants, but not in both shuffles
        return np.full(10, 0.5) if len(rows) == 10 else np.repeat([0.6, 0.8], 10)

    found = permutation_importance(score, pd.DataFrame({"x": np.arange(10.0)}), bad, repeats=2, seed=1)
    losses = np.array([(0.36 + 0.16) / 2, (0.64 + 0.04) / 2]) - 0.25
    of_brier = by(found, "brier").loc["x"]
    assert of_brier["importance"] == pytest.approx(losses.mean())
    assert of_brier["se"] == pytest.approx(np.sqrt(losses.var(ddof=1) / 2))
    assert by(found, "auc").loc["x", ["importance", "se"]].tolist() == [0, 0]


def test_text_and_missing_values_are_shuffled_too():
    features = pd.DataFrame({"purpose": ["car", "tv", None, "car"] * 10, "amount": [1.0, np.nan] * 20})
    bad = (features["purpose"] == "car").astype(int).to_numpy()
    found = permutation_importance(
        lambda rows: (rows["purpose"] == "car").to_numpy() * 0.8, features, bad, repeats=5, seed=1
    )
    assert by(found, "auc").loc["purpose", "importance"] > 0.3
    assert by(found, "auc").loc["amount", "importance"] == 0


@pytest.mark.parametrize("bads", [0, 1, 10])
def test_applicants_of_one_kind_tell_nothing(bads, fitted):
    model, features, _ = fitted
    bad = (np.arange(10) < bads).astype(int)
    found = permutation_importance(score(model), features.head(10), bad, repeats=3, seed=1)
    assert found[["importance", "se", "low", "high"]].isna().all(axis=None)
    assert (found["bad"] == bads).all()
    _, note = [text.get_text() for text in draw_importance(found.assign(title="")).texts]
    assert note == f"10 test applicants, {bads} bad: of fewer than two good or two bad applicants it cannot be told"
