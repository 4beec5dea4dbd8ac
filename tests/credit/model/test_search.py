"""Tests of the search against scikit-learn's own grid search over the whole pipeline."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from credit.core.errors import InputError
from credit.core.families import build_estimator
from credit.core.split import repeated_folds
from credit.features.preprocessing import build_preprocessing
from credit.model.search import group, search
from credit.model.shared_fits import SHARED_FITS
from tests.credit.small_specs import candidate, candidates

SEED = 13
BOTH = {"encoding": ["one_hot", "count"], "resampler": ["none", "smote"]}
GRIDS = {
    "lr": {**BOTH, "C": [0.01, 1.0]},
    "svc": {"encoding": "one_hot", "resampler": ["none", "smote"], "C": [0.3, 3.0]},
    "dt": {"encoding": "count", "resampler": ["none", "smote"], "max_depth": [2, 5]},
    "knn": {
        "encoding": "ordinal",
        "resampler": ["none", "smote"],
        "n_neighbors": [5, 25],
        "weights": ["uniform", "distance"],
    },
    "xgb": {"encoding": "binary", "resampler": ["none", "smote"], "n_estimators": [4, 10], "max_depth": [1, 3]},
    "rf": {"encoding": "ordinal", "resampler": ["smote", "none"], "n_estimators": [10, 3], "min_samples_leaf": [1, 20]},
    "mlp": {"encoding": "one_hot", "resampler": "smote", "hidden_layer_sizes": [[3], [6, 2]], "max_iter": [200, 20]},
}


@pytest.fixture(scope="module")
def folds(applicants):
    return repeated_folds(applicants.groups, applicants.bad, 3, 1, SEED)


def searched(family, tried, plan, applicants, folds, metric="auc", processes=1, **how):
    scores = search(family, tried, plan, applicants, folds, metric=metric, seed=SEED, processes=processes, **how)
    return np.array(list(scores))


def plain(family, tried, plan, applicants, folds, scoring):
    """Search the same candidates with GridSearchCV, which fits the whole pipeline for each anew."""
    pipeline = Pipeline([("preprocess", None), ("resample", None), ("model", build_estimator(family, {}, SEED))])
    grid = []
    for each in tried:
        smote = SMOTE(random_state=SEED) if each.resampler == "smote" else "passthrough"
        preprocessing = build_preprocessing(plan, each.encoding)
        grid.append(
            {"preprocess": [preprocessing], "resample": [smote]}
            | {f"model__{name}": [value] for name, value in each.hyperparameters.items()}
        )
    return GridSearchCV(pipeline, grid, scoring=scoring, cv=folds, refit=False).fit(applicants.features, applicants.bad)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "metric", "scoring"),
    [*((family, "auc", "roc_auc") for family in GRIDS), ("dt", "average_precision", "average_precision")],
)
def test_scores_and_pick_are_those_of_a_plain_grid_search(family, metric, scoring, plan, applicants, folds):
    tried = candidates(GRIDS[family])
    found = searched(family, tried, plan, applicants, folds, metric)
    reference = plain(family, tried, plan, applicants, folds, scoring)
    expected = np.transpose([reference.cv_results_[f"split{number}_test_score"] for number in range(len(folds))])
    assert found.shape == (len(tried), len(folds))
    assert found == pytest.approx(expected, abs=1e-12)
    assert found.mean(axis=1).argmax() == reference.best_index_
    assert np.ptp(found.mean(axis=1)) > 0  # there was something to pick


@pytest.mark.slow
@pytest.mark.parametrize("family", SHARED_FITS)
def test_shared_fits_give_the_same_scores_from_fewer_fits(family, plan, applicants, folds):
    tried = candidates(GRIDS[family])
    assert len(group(family, tried)) < len(tried)
    found = searched(family, tried, plan, applicants, folds)
    assert np.array_equal(found, searched(family, tried, plan, applicants, folds, share_fits=False))


def test_candidates_share_a_fit_if_they_differ_in_its_size_only():
    same = {"encoding": "binary", "resampler": "none", "max_depth": 2, "n_estimators": 10}
    others = [{"n_estimators": 20}, {"max_depth": 3}, {"resampler": "smote"}, {"encoding": "one_hot"}]
    tried = [candidate(**same), *(candidate(**{**same, **other}) for other in others)]
    tried.append(candidate(**{**same, "n_estimators": 5}))
    assert group("xgb", tried) == [[0, 1, 5], [2], [3], [4]]
    assert group("dt", tried) == group("xgb", tried, share_fits=False) == [[0], [1], [2], [3], [4], [5]]


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "many", None])
def test_a_size_that_is_none_is_left_to_the_library(size):
    tried = [candidate(n_estimators=10), candidate(n_estimators=size), candidate()]
    assert group("rf", tried) == [[0], [1], [2]]


def test_scores_come_one_candidate_after_the_other_and_do_not_depend_on_their_order(plan, applicants, folds):
    tried = candidates(GRIDS["dt"])
    found = searched("dt", tried, plan, applicants, folds)
    assert np.array_equal(searched("dt", tried[::-1], plan, applicants, folds), found[::-1])


@pytest.mark.slow
def test_scores_of_a_shared_fit_come_in_the_order_of_the_candidates(plan, applicants, folds):
    tried = candidates(
        {"encoding": "ordinal", "resampler": "none", "n_estimators": [2, 9], "min_samples_leaf": [1, 20]}
    )
    assert group("rf", tried) == [[0, 2], [1, 3]]
    one_by_one = [searched("rf", [each], plan, applicants, folds)[0] for each in tried]
    assert np.array_equal(searched("rf", tried, plan, applicants, folds), one_by_one)


def test_scores_do_not_depend_on_the_number_of_processes(plan, applicants, folds):
    tried = candidates(GRIDS["dt"])[:3]
    one = searched("dt", tried, plan, applicants, folds, processes=1)
    with parallel_config(backend="threading"):  # as quick to start as processes are slow
        two = searched("dt", tried, plan, applicants, folds, processes=2)
    assert np.array_equal(one, two)


def test_held_out_outcomes_are_used_to_score_only(plan, applicants, folds):
    fitted, held_out = folds[0]
    bad = applicants.bad.copy()
    bad[held_out] = 1 - bad[held_out]
    tried = candidates(GRIDS["lr"])
    before, after = (
        searched("lr", tried, plan, rows, [(fitted, held_out)]) for rows in (applicants, applicants._replace(bad=bad))
    )
    assert after == pytest.approx(1 - before)  # the same order of the same scores, goods and bads exchanged


@pytest.mark.parametrize(
    ("family", "settings", "complaint"),
    [
        ("lr", {"C": -1.0}, "'C' parameter"),
        ("xgb", {"max_depth": -3}, "max_depth"),
        ("xgb", {"n_estimators": 2.5}, "float"),  # a TypeError of XGBoost
        ("mlp", {"hidden_layer_sizes": ["a"]}, "ufunc"),  # a TypeError of NumPy
        ("rf", {"n_estimators": 0}, "n_estimators"),
    ],
)
def test_an_invalid_value_ends_in_one_line_that_names_the_settings(
    family, settings, complaint, plan, applicants, folds
):
    (name, value), *_ = settings.items()
    with pytest.raises(InputError, match=rf"^'train.{family}' cannot be fitted with .*{name}=") as raised:
        searched(family, [candidate(**settings)], plan, applicants, folds)
    assert complaint in str(raised.value)
    assert str(value) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_who_cannot_be_fitted_has_a_reason_and_the_others_their_scores(plan, applicants, folds):
    grid = {"encoding": "ordinal", "resampler": ["none", "smote"], "n_neighbors": [5, 150, 5000]}
    tried = candidates(grid)
    assert len(group("knn", tried)) == 2  # so each reason is that of one in a shared fit
    found = list(search("knn", tried, plan, applicants, folds, metric="auc", seed=SEED, processes=1))
    said = "{0} neighbours take at least {0} applicants in every fit, one has {1}"
    # Of 200 applicants, 60 of them bad, three folds leave 133 or 134, and of them 93 or 94 good ones.
    assert [each for each in found if isinstance(each, str)] == [
        said.format(150, 133),
        said.format(5000, 133),
        said.format(5000, "186 after smote"),
    ]
    fitted = [at for at, each in enumerate(found) if not isinstance(each, str)]
    assert fitted == [0, 3, 4]
    for at in fitted:
        assert np.array_equal(found[at], searched("knn", [tried[at]], plan, applicants, folds)[0])


def test_a_resampler_without_enough_bads_leaves_out_its_candidates_alone(plan, draw_applicants):
    few = draw_applicants(20, 1)  # 6 bads, 4 of them to fit to
    tried = candidates({"encoding": "ordinal", "resampler": ["smote", "none"], "C": [0.1, 1.0]})
    folds = repeated_folds(few.groups, few.bad, 3, 1, 1)
    found = list(search("lr", tried, plan, few, folds, metric="auc", seed=SEED, processes=1))
    assert found[:2] == ["smote takes at least 6 bad applicants in every fit, one has 4"] * 2
    assert [each.shape for each in found[2:]] == [(3,), (3,)]
