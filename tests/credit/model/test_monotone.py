"""With `monotone`, every applicant's PD moves along each column in the dictionary's direction alone, if at all."""

import json

import numpy as np
import pandas as pd
import pytest

from credit.core.errors import InputError
from credit.core.families import build_estimator
from credit.features.preprocessing import ONE_COLUMN_EACH
from credit.model.pipeline import fit_pd_model
from credit.model.search import search
from credit.model.settings import read_settings
from tests.credit.small_specs import pds_of

# Bads are drawn by long durations and low savings: the second direction is against the data, the third says nothing.
DIRECTIONS = {"duration": "increasing", "savings": "increasing", "job": "decreasing"}
SETTINGS = {
    "xgb": {"n_estimators": 20, "max_depth": 3, "learning_rate": 0.3},
    "dt": {"max_depth": 5, "min_samples_leaf": 3},
    "rf": {"n_estimators": 10, "min_samples_leaf": 2},
}
VALUES = {"duration": np.arange(4.0, 72, 4), "savings": np.arange(1.0, 6), "job": np.arange(1.0, 4)}
GRID = [(family, encoding) for family in SETTINGS for encoding in ONE_COLUMN_EACH]


def moves(model, applicants, name: str) -> np.ndarray:
    """Give how each applicant's PD moves from one value of a column to the next, shape (applicants, values - 1)."""
    asked = pd.concat([applicants.features.assign(**{name: value}) for value in VALUES[name]])
    return np.diff(pds_of(model, asked).reshape(len(VALUES[name]), -1).T, axis=1)


def against(model, applicants) -> dict[str, float]:
    """Give the largest move against the direction, by the column; at most 0 where there is none."""
    signs = {name: 1 if way == "increasing" else -1 for name, way in DIRECTIONS.items()}
    return {name: -(sign * moves(model, applicants, name)).min() for name, sign in signs.items()}


@pytest.fixture(scope="module")
def fitted(plan, spec_of, draw_applicants):
    bound = plan.model_copy(update={"monotonicity": DIRECTIONS})

    def fit(family: str, encoding: str, *, monotone: bool):
        settings = {**SETTINGS[family], "monotone": monotone}
        spec = spec_of(family, encoding=encoding, **settings)._replace(plan=bound)
        return fit_pd_model(spec, draw_applicants(300, 1), cutoff=0.5)

    return {(*of, monotone): fit(*of, monotone=monotone) for of in GRID for monotone in (True, False)}


@pytest.mark.slow
@pytest.mark.parametrize(("family", "encoding"), GRID)
@pytest.mark.parametrize("hidden", [[], ["amount", "housing"]])  # of some applicants nothing is known
def test_no_applicant_moves_against_a_direction(fitted, draw_applicants, family, encoding, hidden):
    unseen = draw_applicants(500, 3)
    unseen.features.loc[::2, hidden] = np.nan
    assert max(against(fitted[family, encoding, True], unseen).values()) <= 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(("family", "encoding"), GRID)
def test_without_it_they_do(fitted, draw_applicants, family, encoding):
    assert max(against(fitted[family, encoding, False], draw_applicants(200, 2)).values()) > 0.01


@pytest.mark.slow
def test_a_column_without_a_direction_is_free(fitted, draw_applicants):
    model, unseen = fitted["xgb", "codes", True], draw_applicants(200, 2).features
    amounts = [model.predict_proba(unseen.assign(amount=amount))[:, 1] for amount in (500.0, 2000.0, 8000.0)]
    assert (np.diff(amounts, axis=0) > 0).any()
    assert (np.diff(amounts, axis=0) < 0).any()


def test_the_plan_s_directions_stand_in_the_order_of_its_features(plan):
    bound = plan.model_copy(update={"monotonicity": DIRECTIONS})
    assert dict(zip(bound.all_features, bound.directions, strict=True)) == {
        **dict.fromkeys(plan.all_features, 0),
        **{"duration": 1, "savings": 1, "job": -1},
    }
    assert json.loads(bound.model_dump_json())["monotonicity"] == DIRECTIONS


@pytest.mark.slow
def test_the_search_binds_too(plan, applicants):
    candidates = read_settings("dt", {"encoding": "ordinal", "resampler": "none", "monotone": [True, False]}).candidates
    folds = [(np.arange(100, 200), np.arange(100)), (np.arange(100), np.arange(100, 200))]
    bound = plan.model_copy(update={"monotonicity": DIRECTIONS})
    scores = list(search("dt", candidates, bound, applicants, folds, metric="auc", seed=1, processes=1))
    free = list(search("dt", candidates, plan, applicants, folds, metric="auc", seed=1, processes=1))
    assert (scores[1] == free[1]).all()
    assert not (scores[0] == scores[1]).all()
    assert (free[0] == free[1]).all()  # a dictionary without directions binds nothing


@pytest.mark.parametrize("family", ["lr", "knn", "svc", "mlp", "scorecard"])
def test_families_without_a_constraint_have_no_such_setting(family):
    with pytest.raises(InputError, match=rf"^'train.{family}.monotone' is no hyperparameter of "):
        build_estimator(family, {"monotone": True}, seed=1)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_it_is_true_or_false(value):
    with pytest.raises(InputError, match=rf"^'train.xgb.monotone' must be true or false, got {value!r}$"):
        build_estimator("xgb", {"monotone": value}, seed=1)


@pytest.mark.parametrize("encoding", ["binary", "one_hot", "woe"])
def test_an_encoding_of_several_columns_each_is_refused(encoding):
    said = r"'train.rf.monotone' needs an encoding that makes one column of each \(ordinal, codes, count\), got "
    with pytest.raises(InputError, match=said + repr(encoding)):
        read_settings("rf", {"encoding": encoding, "resampler": "none", "monotone": [False, True]})
