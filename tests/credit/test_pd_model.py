"""Tests of the saved model: its PDs, its cutoff, what it may see of held-out rows, and that it travels."""

import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from credit.errors import InputError
from credit.families import FAMILIES, family_of
from credit.pd_model import Recipe, build_pipeline, fit_pd_model, hyperparameters, out_of_fold
from credit.split import repeated_folds

# Small, and between them every kind of encoding, with and without resampling.
CANDIDATES = {
    "lr": {"encoding": "one_hot", "resampler": "smote", "C": 0.3},
    "rf": {"encoding": "ordinal", "resampler": "none", "n_estimators": 10, "min_samples_leaf": 5},
    # Early stopping would judge by the accuracy on a tenth of these few rows, and learn next to nothing.
    "mlp": {
        "encoding": "binary",
        "resampler": "none",
        "hidden_layer_sizes": [4],
        "early_stopping": False,
        "learning_rate_init": 0.1,
        "tol": 0.001,
    },
    "svc": {"encoding": "one_hot", "resampler": "none", "C": 1.0},
    "dt": {"encoding": "count", "resampler": "near_miss", "max_depth": 3},
    "xgb": {"encoding": "binary", "resampler": "smote_tomek", "n_estimators": 10, "max_depth": 2},
    "knn": {"encoding": "ordinal", "resampler": "smote", "n_neighbors": 15},
}


@pytest.fixture
def recipe_of(plan):
    def build(family, **changes):
        return Recipe(family, {**CANDIDATES[family], **changes}, plan, "sigmoid", 3, 11)

    return build


def pds_of(model, features) -> np.ndarray:
    return model.predict_proba(features)[:, 1]


def test_a_candidate_is_its_coding_and_the_settings_of_its_estimator():
    assert hyperparameters(CANDIDATES["lr"]) == {"C": 0.3}


def test_resampling_stands_between_preprocessing_and_estimator(plan):
    assert list(build_pipeline("lr", CANDIDATES["lr"], plan, 1).named_steps) == ["preprocess", "resample", "model"]
    assert list(build_pipeline("svc", CANDIDATES["svc"], plan, 1).named_steps) == ["preprocess", "model"]


@pytest.mark.parametrize(
    ("family", "method"), [*((family, "sigmoid") for family in FAMILIES), ("lr", "isotonic"), ("dt", "isotonic")]
)
def test_pds_are_probabilities_and_decisions_follow_the_cutoff(family, method, recipe_of, applicants):
    model = fit_pd_model(recipe_of(family)._replace(calibration=method), applicants, cutoff=0.4)
    pds = pds_of(model, applicants.features)
    assert ((pds >= 0) & (pds <= 1)).all()
    assert np.array_equal(model.predict(applicants.features), (pds >= 0.4).astype(int))
    assert 0 < model.predict(applicants.features).mean() < 1
    assert pds[applicants.bad == 1].mean() > pds[applicants.bad == 0].mean() + 0.05
    assert family_of(model) == family


def test_a_pd_equal_to_the_cutoff_is_rejected(recipe_of, applicants):
    recipe, one = recipe_of("lr"), applicants.features.head(1)
    pd = pds_of(fit_pd_model(recipe, applicants, cutoff=0.5), one)[0]
    assert fit_pd_model(recipe, applicants, cutoff=pd).predict(one) == [1]
    assert fit_pd_model(recipe, applicants, cutoff=np.nextafter(pd, 1)).predict(one) == [0]


def test_one_applicant_is_scored_as_in_the_batch_whatever_the_columns(recipe_of, applicants):
    model = fit_pd_model(recipe_of("lr"), applicants, cutoff=0.5)
    batch = pds_of(model, applicants.features)
    one = applicants.features.iloc[[7]]
    assert pds_of(model, one) == pytest.approx(batch[[7]], rel=1e-12)
    assert pds_of(model, one[one.columns[::-1]].assign(name="Ada")) == pytest.approx(batch[[7]], rel=1e-12)


@pytest.mark.parametrize("family", ["lr", "knn"])  # both resampled: half of what they are fitted to is bad
def test_the_mean_pd_is_the_bad_rate_in_spite_of_resampling(family, recipe_of, draw_applicants):
    applicants = draw_applicants(500, 3)
    folds = repeated_folds(applicants.groups, applicants.bad, 5, 1, 1)
    found = out_of_fold(recipe_of(family), applicants, folds, processes=1)
    assert found["pd"].mean() == pytest.approx(applicants.bad.mean(), abs=0.02)


def test_pds_are_those_of_platt_scaling_of_out_of_fold_scores(recipe_of, applicants):
    # The recipe by hand: scores of each calibration fold from a pipeline fitted to the others; a logistic curve
    # through them with Platt's targets (1999); and the scores of one pipeline fitted to all rows.
    recipe = recipe_of("lr")
    fresh = lambda: build_pipeline(recipe.family, recipe.candidate, recipe.plan, recipe.seed)  # noqa: E731
    scores = np.empty(len(applicants.bad))
    for fitted, held_out in repeated_folds(applicants.groups, applicants.bad, 3, 1, recipe.seed):
        pipeline = fresh().fit(applicants.features.iloc[fitted], applicants.bad[fitted])
        scores[held_out] = pipeline.decision_function(applicants.features.iloc[held_out])
    bads, goods = applicants.bad.sum(), (1 - applicants.bad).sum()
    targets = np.where(applicants.bad == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    # Each row stands for a bad of weight t and a good of weight 1 - t.
    weights = np.concatenate([targets, 1 - targets])
    kinds = np.repeat([1, 0], len(targets))
    curve = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.tile(scores, 2)[:, None], kinds, weights)
    final = fresh().fit(applicants.features, applicants.bad).decision_function(applicants.features)
    model = fit_pd_model(recipe, applicants, cutoff=0.5)
    assert pds_of(model, applicants.features) == pytest.approx(curve.predict_proba(final[:, None])[:, 1], abs=1e-4)


def test_every_row_is_held_out_once_a_repeat(recipe_of, applicants):
    folds = repeated_folds(applicants.groups, applicants.bad, 2, 2, 1)
    found = out_of_fold(recipe_of("dt"), applicants, folds, processes=1)
    assert list(found.columns) == ["fold", "position", "bad", "pd"]
    assert sorted(found["fold"].unique()) == list(range(4))
    for repeat in (found["fold"] < 2, found["fold"] >= 2):
        assert sorted(found.loc[repeat, "position"]) == list(range(200))
    assert np.array_equal(found["bad"], applicants.bad[found["position"]])


@pytest.mark.parametrize("family", ["lr", "xgb"])  # both resampled
def test_held_out_outcomes_and_features_are_never_learnt_from(family, recipe_of, applicants):
    fold = repeated_folds(applicants.groups, applicants.bad, 4, 1, 1)[0]
    fitted, held_out = fold
    before = out_of_fold(recipe_of(family), applicants, [fold], processes=1)["pd"]
    flipped = applicants.bad.copy()
    flipped[held_out] = 1 - flipped[held_out]
    assert np.array_equal(before, out_of_fold(recipe_of(family), applicants._replace(bad=flipped), [fold], 1)["pd"])
    # A held-out row scored beside very different ones keeps its PD.
    features = applicants.features.copy()
    features.loc[held_out[1:], ["duration", "savings"]] = [4.0, 5.0]
    changed = out_of_fold(recipe_of(family), applicants._replace(features=features), [fold], 1)["pd"]
    assert changed[0] == pytest.approx(before[0], rel=1e-12)
    assert not np.allclose(changed[1:], before[1:])
    # And the outcomes of the rows fitted to do matter.
    flipped = applicants.bad.copy()
    flipped[fitted[:20]] = 1 - flipped[fitted[:20]]
    assert not np.allclose(before, out_of_fold(recipe_of(family), applicants._replace(bad=flipped), [fold], 1)["pd"])


def test_identical_applicants_share_a_calibration_fold(recipe_of, applicants):
    twice = applicants.rows(np.repeat(np.arange(200), 2))
    model = fit_pd_model(recipe_of("dt"), twice, cutoff=0.5)
    folds = model.estimator.cv.test_fold.reshape(200, 2)
    assert (folds[:, 0] == folds[:, 1]).all()
    assert set(folds.ravel()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("knn", {"n_neighbors": 300}),  # more than there are rows: refused only when it scores
        ("xgb", {"n_estimators": 2.5}),  # a TypeError of XGBoost
        ("lr", {"C": -1}),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_one_line(family, changes, recipe_of, applicants):
    with pytest.raises(InputError, match=rf"^'train.{family}' cannot be fitted with encoding=.*: ") as raised:
        fit_pd_model(recipe_of(family, **changes), applicants, cutoff=0.5)
    assert "\n" not in str(raised.value)


FIT_ALL = """
import sys, joblib
applicants, recipes = joblib.load(sys.argv[1])
from credit.pd_model import fit_pd_model
for family, recipe in recipes.items():
    joblib.dump(fit_pd_model(recipe, applicants, cutoff=0.25), f"{sys.argv[2]}/{family}.joblib")
"""
SCORE_ALL = """
import sys, pathlib, joblib
try:
    import credit
except ModuleNotFoundError:
    features = joblib.load(sys.argv[1])
    models = {path.stem: joblib.load(path) for path in pathlib.Path(sys.argv[2]).glob("*.joblib")}
    joblib.dump({name: model.predict_proba(features)[:, 1] for name, model in models.items()}, sys.argv[3])
else:
    sys.exit("this process must not see the repository")
"""


@pytest.fixture(scope="module")
def models(applicants, plan, tmp_path_factory, request) -> list[Path]:
    """Fit all families in two processes of different hash seeds; give the directories of the models."""
    everything = tmp_path_factory.mktemp("given") / "everything.joblib"
    recipes = {name: Recipe(name, candidate, plan, "sigmoid", 3, 11) for name, candidate in CANDIDATES.items()}
    joblib.dump((applicants, recipes), everything)
    directories = [tmp_path_factory.mktemp(f"models{seed}") for seed in (1, 2)]
    for seed, directory in enumerate(directories, start=1):
        environment = {"PYTHONPATH": str(request.config.rootpath), "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"}
        subprocess.run(
            [sys.executable, "-c", FIT_ALL, everything, directory],
            cwd=directory,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )
    return directories


@pytest.mark.slow
def test_two_fits_in_two_processes_are_byte_identical(models):
    one, other = models
    for family in FAMILIES:
        assert (one / f"{family}.joblib").read_bytes() == (other / f"{family}.joblib").read_bytes(), family


def test_a_saved_model_gives_the_same_pds_where_this_repository_is_not(models, applicants, tmp_path):
    joblib.dump(applicants.features, tmp_path / "features.joblib")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-I", "-c", SCORE_ALL, "features.joblib", models[0], "pds.joblib"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    found = joblib.load(tmp_path / "pds.joblib")
    assert set(found) == set(FAMILIES)
    for family, pds in found.items():
        here = pds_of(joblib.load(models[0] / f"{family}.joblib"), applicants.features)
        assert np.array_equal(pds, here), family
